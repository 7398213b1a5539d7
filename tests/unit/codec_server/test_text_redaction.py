"""What an operator reads of a text that a person wrote, and of those that we write."""

import ast
import base64
import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from phone_mfa.codec_server.field_policy import FIELDS
from phone_mfa.codec_server.redaction import Redaction
from phone_mfa.codec_server.text_redaction import MAX_SHOWN, redact_plain_text
from tests.unit.codec_server.instances import CODES, SHAPED

ROOT = Path(__file__).parents[3]
PUNCTUATION = st.text(" .,:;/|-_()*\u00a0\u2011\u2013\n", max_size=4)
WIDE = {ord(char): ord(char) + 0xFEE0 for char in string.ascii_uppercase + string.digits + "-"}
"""To full-width forms."""
RECOVERY = st.text(string.ascii_lowercase + string.digits, min_size=24, max_size=24).filter(
    lambda code: any(map(str.isdigit, code))
)
OPAQUE = st.text(string.ascii_letters + string.digits + "-_", min_size=20, max_size=60).filter(
    lambda token: any(map(str.isdigit, token)) and any(map(str.isalpha, token))
)


def redact_text(text: str) -> str:
    return Redaction().text(text)


def readable(text: str) -> str:
    """The letters and digits that are left of it."""
    return "".join(char for char in text.replace("[hidden]", "") if char.isalnum())


@pytest.mark.parametrize(
    "secret",
    [
        "(555) 555-0123",
        "0171 5550123",
        "0171/555 01 23",
        "555-555-0123",
        "5550123",
        "555.0123",
        "+49 (0) 171 - 555 01 23",
        "1700000000",
        "8. 3. 8. 8. 9. 3.",
        "443.684",
        "443/684",
        "1.2.3.4.5.6",
        "123,456",
        "4-4-3-6-8-4",
        "4 - 4 - 3 - 6 - 8 - 4",
        "4, 4, 3, 6, 8, 4",
        "4_4_3_6_8_4",
        "(443) (684)",
        "443\n684",
        "4 \u00a0\u2003\u00a0 4 3 6 8 4",
        "4x4x3x6x8x4",
        "4 x 4 x 3 x 6 x 8 x 4",
        "44:36:84",
        "١٣٥.٧٩٠",
        "code443684",
        "443684x",
        "abcdefghjklmnpqrstuvwx23",
        "abcd-efgh-jklm-npqr-stuv-wx23",
        "abcd efgh jklm npqr stuv wx23",
        "Abcd Efgh Jklm Npqr Stuv Wx23",
        "abcdef ghjklm npqrst uvwx23",
        "a b c d e f g h j k l m n p q r s t u v w x 2 3",
        "abcdefghjklmnpqrstuvwxyz",
        "hqY7_x-Zt0pLw3vR9kBn",
        "hqY7+xaZt0/Lw3vR9kBnQ==",
        "d41d8cd98f00b204e980",
        "0123456789abcdefabcd",
        "①②③④⑤⑥",
        "❶❷❸ ❹❺❻",
        "⑫㉞56",
        "一二三四五六",
        "壹贰叁肆伍陆",
        "१२३४५६",
        "123456".translate(WIDE),
        "123\u3000456".translate(WIDE),
        "²³⁴⁵⁶⁷",
        "\U0001d7cf\U0001d7d0\U0001d7d1\U0001d7d2\U0001d7d3\U0001d7d4",
        "1\ufe0f\u20e32\ufe0f\u20e33\ufe0f\u20e34\ufe0f\u20e35\ufe0f\u20e36\ufe0f\u20e3",
        "ABCD-EFGH-JKLM-NPQR-STUV-WX23".translate(WIDE),
        "12 and then 34 and 56",
        "12, dann 34 und 56",
        "123 and 456",
        "1 and 2 and 3 and 4 and 5 and 6",
        "\u201c12\u201d then \u201c34\u201d then \u201c56\u201d",
        "MTIzNDU2",
        "MTIzNDU2Cg==",
        "id-MTIzNDU2",
        "MTIzIDQ1Ng",
        "MDAwMDAw",
        "Y29kZT1odXNo",
        "MQAyADMANAA1ADYA",
    ],
)
@pytest.mark.parametrize(
    "text", ["{}", "message {} arrived", "it was:{}.", "| {} |", "({})", "« {} »", "at 2026-11-25, {}"]
)
def test_what_may_be_a_secret_is_hidden_whole(text: str, secret: str) -> None:
    seen = redact_plain_text(text.format(secret))

    assert "[hidden]" in seen
    assert readable(seen) == readable(text.format(""))


@pytest.mark.parametrize(
    "text", ["5 0123456789abcdefabcd", "sent abcd efgh jklm npqr stuv wx23 once", "+1234567abcdefghijklmno/pq"]
)
def test_nothing_is_left_of_a_secret_when_its_neighbour_looks_like_one(text: str) -> None:
    assert readable(redact_plain_text(text)) in {"", "5"}


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25 10:00:00 UTC",
        "2026-11-25T10:00:00.123456+00:00",
        "550e8400-e29b-41d4-a716-446655440000",
        "sms|dev_2ZkUW8zVdyUQXJvj",
        "XXXXXXXX0123",
        "A fresh mfa_token is needed before the message can be sent.",
        "Set AUTH0_PRIVATE_KEY_FILE and AUTH0_CLIENT_ID.",
        "| phone | XXXXXXXX0123 |\n| message | 2 |\n| code expires | 2026-11-25 10:05:00 UTC |\n| sends left | 5 |",
        "| sends left | 5 |\n| tries left | 4 |\n| last verdict | wrong |",
        "challenge by sms, message 12",
        "HTTP 503 after 20 s, 3 times",
        'File "/usr/lib/python3.11/site-packages/temporalio/worker/_workflow_instance.py", line 123, in run',
        "it will come back when they have been told once more",
        "between 10:05 and 11:06 UTC",
        "next try in 240 s, then in 480 s",
        "| sends | 123 |\n| tries | 456 |",
        '{"sends": 123, "tries": 456}',
        "`PHONE_MFA_CODEC_DECODE_ROLE` and `PHONE_MFA_SEALING_KEYS`",
        "① call ② wait ③ 十 minutes",
        "caf\u00e9 \u2026 na\u00efve",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    assert redact_plain_text(text) == text


@pytest.mark.parametrize("path", sorted([*ROOT.glob("workflows/*.py"), *ROOT.glob("activities/*.py")]))
def test_every_text_that_we_write_stays(path: Path) -> None:
    texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]

    for text in texts:
        if isinstance(text, str):
            assert redact_text(text) == text


def test_every_name_in_the_contracts_stays() -> None:
    assert [name for name in FIELDS if redact_plain_text(name) != name] == []


@given(CODES, st.lists(PUNCTUATION, min_size=5, max_size=5), st.text("abc .", max_size=5), st.text("abc .", max_size=5))
@example("443684", [".", ".", ".", ".", "."], "", "")
def test_no_code_survives_whatever_is_typed_between_its_digits(
    code: str, between: list[str], before: str, after: str
) -> None:
    spoken = code[0] + "".join(gap + digit for gap, digit in zip(between, code[1:], strict=True))

    assert not any(char.isdigit() for char in redact_plain_text(f"{before}{spoken}{after}"))


@given(RECOVERY | OPAQUE, st.sampled_from(["", " ", ": ", "(", "'", "\n"]))
def test_no_token_and_no_recovery_code_survives(secret: str, around: str) -> None:
    assert readable(redact_plain_text(f"it is {around}{secret}{around}, ok")) == "itisok"


@given(RECOVERY, st.integers(1, 12), st.sampled_from([" ", "-", ".", " - ", "/", "\n"]))
def test_no_recovery_code_in_groups_survives(code: str, size: int, gap: str) -> None:
    grouped = gap.join(code[start : start + size] for start in range(0, 24, size))

    assert readable(redact_plain_text(grouped)) == ""


@given(SHAPED, st.sampled_from(sorted(name for name, field in FIELDS.items() if field.secret)))
def test_what_stands_beside_the_name_of_a_secret_is_hidden(secret: str, name: str) -> None:
    for text in (f'{{"{name}": "{secret}"}} x', f"x {{'{name}': '{secret}'}}", f"x {name}={secret}&x", f"{name}: hush"):
        assert secret not in redact_plain_text(text)
        assert "hush" not in redact_plain_text(text)


@pytest.mark.parametrize("text", ["Authorization: Bearer hush", "client_secret=hush", "PASSWORD: 'hush hush'"])
def test_so_is_what_stands_beside_a_name_that_others_use(text: str) -> None:
    assert "hush" not in redact_plain_text(text)


def test_no_code_is_taken_for_a_time() -> None:
    assert redact_plain_text("2026-11-25 44:36:84") == "2026-11-25 [hidden]"
    assert redact_plain_text("2026-11-25 10:36:59 UTC") == "2026-11-25 10:36:59 UTC"


def test_the_name_of_a_secret_stays_beside_what_is_hidden() -> None:
    assert redact_plain_text('bad: {"mfa_token": "correct horse", "n": 1}') == 'bad: {"mfa_token": [hidden], "n": 1}'
    assert redact_plain_text(r"bad: {\"code\": \"correct horse\", \"n\": 1}") == r"bad: {\"code\": [hidden], \"n\": 1}"


def test_a_text_that_is_json_is_seen_as_such() -> None:
    assert redact_text('{"mfa_token": "hush", "phase": "done", "phone_number": "+15555550123"}') == (
        '{"mfa_token": "[hidden]", "phase": "done", "phone_number": "XXXXXXXX0123"}'
    )
    assert redact_text(' ["é", {"surprise": "hush"}]') == '["é", {"surprise": "[hidden]"}]'
    assert "hush" not in redact_text('{"code": "1", "code": "hush"}') + redact_text('{"note": "hush", "note": "a"}')


@pytest.mark.parametrize("text", ["[123,456]", '["123","456"]', "[[1,2,3],[4,5,6]]", '{"note": [1,2,3,4,5,6]}'])
def test_a_code_that_was_taken_apart_into_a_list_is_hidden(text: str) -> None:
    assert not re.search(r"[0-9]", redact_text(text))
    assert not re.search(r"[0-9]", json.dumps(Redaction().of(json.loads(text))))


@given(st.binary(max_size=20), CODES, st.binary(max_size=20))
def test_no_code_survives_in_base64(before: bytes, code: str, after: bytes) -> None:
    encoded = base64.b64encode(before + b" " + code.encode() + b" " + after).decode().rstrip("=")

    assert readable(redact_plain_text(f"it is {encoded}, ok")) == "itisok"


def test_only_the_beginning_of_a_long_text_is_shown() -> None:
    shown = redact_plain_text("all is well " * 10_000)

    assert shown == ("all is well " * 342)[:MAX_SHOWN] + " [115904 more characters]"
    assert redact_plain_text("all is well " * 341) == "all is well " * 341


@given(
    SHAPED | RECOVERY | OPAQUE | st.sampled_from(["1 2 3 4 5 6", "12 and then 34 and 56", "x MTIzNDU2", "code: 'a b'"]),
    st.integers(0, MAX_SHOWN + 400),
)
@example("eyJaddf03c1edf4f89816db44750743eba7..addf03c1edf4f898.addf03c1edf4f89816db44750743eba7.addf03c1edf4f89816", 0)
def test_no_part_of_a_secret_is_shown_at_the_end_of_what_is_shown(secret: str, start: int) -> None:
    text = ("é " * MAX_SHOWN)[:start] + f" {secret} " + "é " * 30_000
    shown, _, left_out = redact_plain_text(text).rpartition(" [")

    assert set(readable(shown)) <= set("éxcode")
    assert left_out == f"{len(text) - MAX_SHOWN} more characters]"


@pytest.mark.parametrize("part", ["12345 ", "1234567 ", "abcd1 ", "123456789 ", "12 34 5x", "code:'", "A ", "aB3/"])
def test_a_long_text_of_groups_is_answered(part: str) -> None:
    assert readable(redact_text(part * (65_536 // len(part)))).endswith("morecharacters")


@settings(deadline=None)
@given(st.text())
@example("\ud800 135790")
@example('{"a": "\\ud800"}')
@example("[" * 100_000)
@example('{"a":' * 50_000)
@example('"' + "1" * 5000 + '"')
def test_any_text_is_answered_with_a_text(text: str) -> None:
    assert isinstance(redact_text(text), str)
