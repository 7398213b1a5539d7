"""Output formatting: tables, single lines and JSON. Never shows a secret unless passed its plain text."""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

import typer
from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.table import Table
from rich.text import Text

from phone_mfa.contracts import Action, CodeVerdict, FlowView, SendReceipt, Trouble

_UNBOUND = 1000
"""Column width when the output is not a terminal, so that nothing is truncated."""

TROUBLES: Final = {
    Trouble.NO_WORKER: "no worker answers: start one, nothing is lost",
    Trouble.STEP_FAILS: "its next step keeps failing: see phone-mfa rescue",
}
"""What to do about a flow that has work pending but makes no progress."""

MALFORMED: Final = "a code came by signal that cannot be one, and was not checked"

_COMMANDS: Final = {
    Action.SUBMIT_CODE: "submit-code",
    Action.SUBMIT_RECOVERY_CODE: "submit-code --recovery",
    Action.RESEND: "resend",
    Action.SWITCH_CHANNEL: "switch-channel",
    Action.CHANGE_NUMBER: "change-number",
    Action.RENEW_TOKEN: "renew-token",
    Action.REVOKE_INVITATION: "revoke-invitation",
    Action.CANCEL: "cancel",
}
"""The command for each action that a flow may allow."""


def console() -> Console:
    """Standard output, as wide as the terminal, or wide enough for any content."""
    return Console(width=None if sys.stdout.isatty() else _UNBOUND, highlight=False, markup=False)


def print_wide(content: Table) -> None:
    """Print a table at its full width: a terminal wraps lines that are too long, and nothing is cut off."""
    wide = console()
    wide.width = max(wide.width, wide.measure(content, options=wide.options.update(width=_UNBOUND)).maximum)
    wide.print(content)


def say(sentence: str) -> None:
    """Print one human-readable line."""
    typer.echo(visible(sentence))


def hint(sentence: str) -> None:
    """Print one human-readable line to standard error, apart from what a program reads."""
    typer.echo(visible(sentence), err=True)


def say_json(*parts: BaseModel, **members: object) -> None:
    """Print one JSON object on one line: the given members, then those of the parts. Times are in ISO 8601."""
    document = dict(members)
    for part in parts:
        document |= part.model_dump(mode="json")
    typer.echo(json.dumps(document, default=to_jsonable_python))


def visible(text: str) -> str:
    """Return ``text`` without terminal control characters: notes and reasons are untrusted input."""
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)


def rows(pairs: Mapping[str, object]) -> Table:
    """Return a table of names and values, omitting None and empty values."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for name, value in pairs.items():
        if value is not None and value != "":
            grid.add_row(Text(name), Text(visible(str(value))))
    return grid


def table(columns: Iterable[str], lines: Iterable[Iterable[object]]) -> Table:
    """Return a human-readable table; None is shown as a dash."""
    made = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        made.add_column(column, no_wrap=True, overflow="fold")
    for line in lines:
        made.add_row(*(Text("-" if cell is None else visible(str(cell))) for cell in line))
    return made


def view_table(flow_id: str, view: FlowView) -> Table:
    """Return the full status as a table."""
    return rows(
        {
            "flow": flow_id,
            "kind": view.kind,
            "phase": view.phase,
            "outcome": view.outcome,
            "failure": view.failure,
            "trouble": view.trouble and TROUBLES[view.trouble],
            "waits because": view.wait and view.wait.why,
            "waits since": view.wait and moment(view.wait.since),
            "ends with": view.wait and view.wait.ends_with,
            "note": view.note,
            "left at Auth0": view.cleanup,
            "phone": view.phone_number,
            "enrolled phone": view.enrolled_phone or None,
            "channel": view.channel,
            "message": view.message or None,
            "sent": moment(view.sent_at),
            "code expires": moment(view.code_expires_at),
            "token expires": moment(view.token_expires_at),
            "flow expires": moment(view.flow_expires_at),
            "resumes": moment(view.retry_at),
            "next message": moment(view.resend_allowed_at),
            "sends left": view.sends_left,
            "tries left": view.tries_left,
            "last verdict": view.last_verdict and verdict_line(view.last_verdict),
            "malformed code": view.malformed_code_at and f"{moment(view.malformed_code_at)}: {MALFORMED}",
            "verifies": "the phone already enrolled" if view.proving_current_phone else None,
            "allowed": ", ".join(_COMMANDS[action] for action in view.allowed_actions),
        }
    )


def view_line(view: FlowView) -> str:
    """Return the status as one line, with everything that can change."""
    to = f"message {view.message} by {view.channel} to {view.phone_number}" if view.message else None
    parts = [
        f"{view.phase}" if view.outcome is None else f"{view.phase}: {view.outcome}",
        to,
        view.code_expires_at and f"code expires {moment(view.code_expires_at)}",
        view.failure,
        view.trouble and TROUBLES[view.trouble],
        view.wait.why if view.wait and view.retry_at else None,
        view.retry_at and f"resumes {moment(view.retry_at)}",
        view.last_verdict and f"last verdict {view.last_verdict.verdict}",
        MALFORMED if view.malformed_code_at else None,
        f"{tries(view.tries_left)}, {_sends(view.sends_left)}" if view.outcome is None else None,
        view.note,
        view.cleanup,
    ]
    return ", ".join(part for part in parts if part)


def tries(left: int) -> str:
    """Return how many tries are left, in words."""
    return f"{left} {'try' if left == 1 else 'tries'} left"


def _sends(left: int) -> str:
    return f"{left} {'send' if left == 1 else 'sends'} left"


def verdict_line(verdict: CodeVerdict) -> str:
    """Return a verdict as one line."""
    again = f"Auth0 accepts codes again {moment(verdict.retry_at)}." if verdict.retry_at else ""
    left = f"{tries(verdict.tries_left)}." if verdict.verdict == "wrong" else ""
    return " ".join(filter(None, [f"{verdict.verdict}.", verdict.reason, left, again]))


def receipt_line(receipt: SendReceipt) -> str:
    """Return a receipt as one line."""
    if receipt.sent:
        left = f"{_sends(receipt.sends_left)}."
        return f"Message {receipt.message} is on its way by {receipt.channel} to {receipt.phone_number}. {left}"
    when = f"Try again {moment(receipt.allowed_at)}." if receipt.allowed_at else ""
    return " ".join(filter(None, ["No message was sent.", receipt.reason, when]))


def moment(when: datetime | None) -> str | None:
    """Format a time in UTC with its distance from now: ``12:03:10 UTC (in 4:50)``."""
    if when is None:
        return None
    seconds = round((when - datetime.now(UTC)).total_seconds())
    far = f"in {_span(seconds)}" if seconds >= 0 else f"{_span(-seconds)} ago"
    shape = "%H:%M:%S" if abs(seconds) < 12 * 3600 else "%Y-%m-%d %H:%M:%S"
    return f"{when.astimezone(UTC):{shape}} UTC ({far})"


def _span(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    clock = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{days} d {clock}" if days else clock


def error_line(kind: str, sentence: str, *, as_json: bool) -> str:
    """Return an error as one line, human-readable or JSON."""
    if as_json:
        return json.dumps({"error": {"type": kind, "message": sentence}})
    return f"Error: {visible(sentence)}"
