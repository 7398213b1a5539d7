"""Codes are read as people paste them, by everything that takes one: command, gateway, client and flow."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from phone_mfa.contracts import BindingCode, RecoveryCode
from phone_mfa.contracts.typed_text import folded
from tests.typed_cases import BINDING_CODES, RECOVERY_CODES


def code_in(typed: str) -> str | None:
    """The code of a message, or None if it is refused."""
    try:
        code = BindingCode(code=SecretStr(typed))
    except ValidationError:
        return None
    return None if code.problem else code.normalized


def recovery_code_in(typed: str) -> str | None:
    try:
        code = RecoveryCode(recovery_code=SecretStr(typed))
    except ValidationError:
        return None
    return None if code.problem else code.normalized


@pytest.mark.parametrize(("typed", "code"), BINDING_CODES)
def test_what_people_paste_as_a_code_is_the_code_or_refused(typed: str, code: str | None) -> None:
    assert code_in(typed) == code


@pytest.mark.parametrize(("typed", "code"), RECOVERY_CODES)
def test_what_people_paste_as_a_recovery_code_is_the_code_or_refused(typed: str, code: str | None) -> None:
    assert recovery_code_in(typed) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("314159", "314159"),
        (" 314 159\n", "314159"),
        ("314\u2212159", "314159"),
        ("314\u00ad159", "314159"),
        ("314\ufe63159", "314159"),
        ("314\u202f159", "314159"),
        ("\uff13\uff11\uff14\uff11\uff15\uff19", "314159"),
        ("31415\u00b2", "314152"),  # superscript
        ("\u2460\u2461\u2462\u2463\u2464\u2465", "123456"),  # circled
        ("\U0001d7d1\U0001d7cf\U0001d7d2\U0001d7cf\U0001d7d3\U0001d7d7", "314159"),  # bold, as a phone styles text
        ("\U0001e951\U0001e952\U0001e953\U0001e954\U0001e955\U0001e956", "123456"),  # Adlam
        ("314-159 314-159", "314159"),
        ("314159 314158", None),
        ("123456" * 3, None),
        ("314.159", None),
        ("G-123456", None),  # of a whole message: the page takes the code out
        ("1" * 64, None),
    ],
)
def test_a_code_is_read_past_spaces_dashes_and_scripts(typed: str, code: str | None) -> None:
    assert code_in(typed) == code


def test_a_recovery_code_is_read_past_case_scripts_and_dashes() -> None:
    typed = "abcd\u2014efgh jklm\u200bnpqr\nSTUV\u2212WX\u0662\u0663"

    assert recovery_code_in(typed) == "ABCDEFGHJKLMNPQRSTUVWX23"


def test_a_payload_holds_a_code_as_it_was_typed() -> None:
    typed = "\u2068123 456\u2069"

    assert typed in BindingCode(code=SecretStr(typed)).model_dump_json()


PIECES = st.sampled_from(
    [
        "123456",
        "000000",
        "ABCD",
        "\u2068",
        "\u200b",
        " ",
        "-",
        "\u2014",
        "\u0661",
        "\uff21",
        "G-",
        "\u0301",
        "e",
        "\ud800",
    ]
)
TEXTS = st.one_of(st.text(max_size=70), st.lists(PIECES, max_size=14).map("".join))


@given(TEXTS)
@example("e\u200b\u0301")
@example("\u0390")
@example("123456" * 4)
def test_any_text_is_a_code_or_refused_and_reading_it_again_changes_nothing(typed: str) -> None:
    for read in (code_in, recovery_code_in):
        if code := read(typed):
            assert read(code) == code
    assert folded(folded(typed)) == folded(typed)


@given(TEXTS)
def test_a_code_is_read_the_same_however_it_is_passed_on(typed: str) -> None:
    short = typed[:64]
    code = BindingCode(code=SecretStr(short))
    again = BindingCode(code=SecretStr(code.normalized)) if len(code.normalized) <= 64 else code
    recovery = RecoveryCode(recovery_code=SecretStr(short)).normalized

    assert again.problem == code.problem
    assert not set(code.normalized) & set(" -\u200b\u2014")
    assert not set(recovery) & set(" -\u200b\u2014")
