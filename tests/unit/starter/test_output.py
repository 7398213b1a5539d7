"""Lines for people: what is left is counted as people count, and no id is cut."""

import pytest

from phone_mfa.contracts import CodeVerdict, SendReceipt, Verdict
from starter.output import print_wide, receipt_line, table, verdict_line

FLOW = "challenge-" + "a" * 32


@pytest.mark.parametrize(("left", "words"), [(0, "0 tries left."), (1, "1 try left."), (4, "4 tries left.")])
def test_a_verdict_says_how_many_tries_are_left(left: int, words: str) -> None:
    assert verdict_line(CodeVerdict(verdict=Verdict.WRONG, tries_left=left)) == f"wrong. {words}"


@pytest.mark.parametrize(("left", "words"), [(0, "0 sends left."), (1, "1 send left."), (3, "3 sends left.")])
def test_a_receipt_says_how_many_sends_are_left(left: int, words: str) -> None:
    assert receipt_line(SendReceipt(sent=True, sends_left=left)).endswith(words)


@pytest.mark.parametrize("columns", ["20", "80", "200"])
def test_situation_16_an_id_is_never_cut(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    print_wide(table(("flow", "status", "phase"), [(FLOW, "running", "waiting_for_code")]))

    assert f"{FLOW}  running  waiting_for_code" in capsys.readouterr().out
