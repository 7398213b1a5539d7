"""What is taken for a secret in running text, and what people need to read."""

import string

import pytest

from phone_mfa.redaction_patterns import beginning, without_secrets

WIDE = {ord(char): ord(char) + 0xFEE0 for char in string.ascii_uppercase + string.digits}
"""To full-width forms."""


@pytest.mark.parametrize(
    "secret",
    [
        "135790",
        "135 790",
        "135-790",
        "13 57 90",
        "1 3 5 7 9 0",
        "135\u2013790",
        "135\u00a0790",
        "١٣٥٧٩٠",
        "①③⑤⑦⑨⓪",
        "一三五七九〇",
        "135790".translate(WIDE),
        "ABCD EFGH JKLM NPQR STUV WX23".translate(WIDE),
        "8. 3. 8. 8. 9. 3",
        "8.3.8.8.9.3",
        "8, 3, 8, 8, 9, 3",
        "8/3/8/8/9/3",
        "(555) 555-0123",
        "(0171) 555 0123",
        "+1234567",
        "+15555550123",
        "+1 555 555 0123",
        "+1 (555) 555-0123",
        "+1.555.555.0123",
        "+1\u00a0555\u2011555\u20110123",
        "+123456789012345",
        "Fe26.2*SERVER_1700000000*abc*def",
        "Fe26.2**abc*def",
        "pmk_JfPzYTuFLbKpuYeDcJcrgEg8fDHPBVmvZKyjfSdkPpM",
        "eyJhbGciOi.eyJzdWIi.c2ln",
        "eyJhbGciOi..aXY.Y2lwaGVy.dGFn",
        "ABCDEFGHJKLMNPQRSTUVWXYZ",
        "ABCDEFGHJKLMNPQRSTUVWX23",
        "ABCD-EFGH-JKLM-NPQR-STUV-WX23",
        "ABCD EFGH JKLM NPQR STUV WX23",
    ],
)
@pytest.mark.parametrize("text", ["{}", "sent {} now", "code:{}.", "| {} |", "_{}_", "1 {}", "2026-11-25 {}", "({})"])
def test_a_secret_goes_wherever_it_stands(text: str, secret: str) -> None:
    left = without_secrets(text.format(secret), "[x]")

    assert "[x]" in left
    assert not set(left.replace("[x]", "")) & set(secret) - set(text) - {" "}


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25 10:00:00 UTC",
        "2026-11-25T10:00:00.123456+00:00",
        "2026-11-25T10:00:00Z/2026-11-25T10:05:00Z",
        "enroll-2026-11-25-b",
        "0.123456 s",
        "temporalio 1.35.0 of 3.11.2 on 1.2.3.4:7233",
        "retry (10) 3 of 5",
        "1700000000",
        "550e8400-e29b-41d4-a716-446655440000",
        "enroll-b51502851314eb7e",
        "XXXXXXXX0123",
        "| sends left | 5 |\n| tries left | 4 |",
        "auth0|507f1f77bcf86cd799439011",
        "NOBODY ANSWERED AND SO WE WAIT FOR THE NEXT",
        "line 12, in run",
    ],
)
def test_what_people_need_stays(text: str) -> None:
    assert without_secrets(text, "[x]") == text


def test_only_the_beginning_of_a_long_text_is_kept() -> None:
    def redact(text: str) -> str:
        return without_secrets(text, "[x]")

    assert beginning("a b c 135790", 12, redact) == "a b c [x]"
    assert beginning("a b c d e f 135790", 11, redact) == "a b c d  [7 more characters]"
    assert beginning("a b c " * 200, 11, redact) == "a b c a b c [1189 more characters]"
    assert beginning("eyJ" + "a" * 1200, 9, redact) == " [1194 more characters]"
