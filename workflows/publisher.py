"""Publishes a flow's status: the sealed view in its memo, search attributes for lists, details in the Temporal UI."""

import re
from datetime import datetime
from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import FlowView, Wait, names
    from phone_mfa.contracts.attributes import FlowAttributes

    from .machine import PublishedView, State

_MARKDOWN: Final = re.compile(r"[\\`\[\]<>|]")


class Publisher:
    """Publishes what changed since the last publication."""

    def __init__(self, known: FlowView | None) -> None:
        """``known``: the view readers already have."""
        self._published_view = PublishedView(known)

    def publish(self, state: State) -> None:
        """Publish the view, unless readers can derive it from what they have."""
        view = self._published_view.view_to_publish(state)
        if view is None:
            return
        workflow.upsert_memo({names.VIEW: view})
        known = workflow.info().typed_search_attributes
        if changed := attributes_of(state, view).updates_of(known):
            workflow.upsert_search_attributes(changed)
        workflow.set_current_details(details(view, state.at))


def attributes_of(state: State, view: FlowView) -> FlowAttributes:
    """Return the search attributes."""
    return FlowAttributes(
        flow=view.kind,
        phase=view.phase,
        channel=view.channel,
        outcome=view.outcome,
        budget=state.spent,
        sends=state.sends,
        wrong_codes=view.wrong_codes,
    )


def details(view: FlowView, at: datetime) -> str:
    """Return a table for the Temporal UI. A terminated flow keeps its last table, so the table includes its time."""
    rows = {
        "as of": _clock(at),
        "phase": view.phase,
        "failure": view.failure or None,
        "outcome": view.outcome,
        **_wait_rows(view.wait),
        "resumes": _clock(view.retry_at),
        "channel": view.channel,
        "phone": view.phone_number,
        "enrolled phone": view.enrolled_phone or None,
        "message": view.message or None,
        "code expires": _clock(view.code_expires_at),
        "token expires": _clock(view.token_expires_at),
        "flow expires": _clock(view.flow_expires_at),
        "sends left": view.sends_left,
        "tries left": view.tries_left,
        "last verdict": view.last_verdict.verdict if view.last_verdict else None,
        "malformed code": _clock(view.malformed_code_at),
        "note": view.note or None,
    }
    lines = [f"| {name} | {_cell(str(value))} |" for name, value in rows.items() if value is not None]
    return "\n".join(["| | |", "|---|---|", *lines])


def _cell(text: str) -> str:
    """Escape text that may come from outside for a Markdown table."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return _MARKDOWN.sub(r"\\\g<0>", plain)


def _wait_rows(wait: Wait | None) -> dict[str, str | None]:
    if wait is None:
        return {}
    return {"waits because": wait.why, "waits since": _clock(wait.since), "ends with": wait.ends_with}


def _clock(time: datetime | None) -> str | None:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC") if time else None
