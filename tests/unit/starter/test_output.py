"""Lines for people: what is left is counted as people count, no id is cut, and a malformed code is told of."""

import io
import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from phone_mfa.contracts import CodeVerdict, FlowKind, FlowView, Phase, SendReceipt, Verdict
from starter.output import print_wide, receipt_line, say_json, table, verdict_line, view_line, view_table

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


def test_times_in_json_are_written_alike_in_models_and_beside_them(capsys: pytest.CaptureFixture[str]) -> None:
    when = datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC)

    say_json(SendReceipt(sent=False, allowed_at=when), link_expires_at=when)

    written = json.loads(capsys.readouterr().out)
    assert written["link_expires_at"] == written["allowed_at"] == "2026-03-01T12:00:00.250000Z"


def test_a_malformed_code_is_shown() -> None:
    view = FlowView(kind=FlowKind.ENROLLMENT, phase=Phase.WAITING_FOR_CODE)
    told = view.model_copy(update={"malformed_code_at": datetime(2026, 1, 31, 12, tzinfo=UTC)})
    sentence = "a code came by signal that cannot be one, and was not checked"

    assert sentence in shown(told)
    assert sentence in view_line(told)
    assert "malformed" not in shown(view)
    assert sentence not in view_line(view)


def shown(view: FlowView) -> str:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(view_table("enroll-1", view))
    return console.export_text()
