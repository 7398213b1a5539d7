"""Lines for people: what is left is counted as people count."""

import pytest

from phone_mfa.contracts import CodeVerdict, SendReceipt, Verdict
from starter.output import receipt_line, verdict_line


@pytest.mark.parametrize(("left", "words"), [(0, "0 tries left."), (1, "1 try left."), (4, "4 tries left.")])
def test_a_verdict_says_how_many_tries_are_left(left: int, words: str) -> None:
    assert verdict_line(CodeVerdict(verdict=Verdict.WRONG, tries_left=left)) == f"wrong. {words}"


@pytest.mark.parametrize(("left", "words"), [(0, "0 sends left."), (1, "1 send left."), (3, "3 sends left.")])
def test_a_receipt_says_how_many_sends_are_left(left: int, words: str) -> None:
    assert receipt_line(SendReceipt(sent=True, sends_left=left)).endswith(words)
