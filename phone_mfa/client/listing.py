"""Lists flows from Temporal's visibility store."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from phone_mfa.contracts import Channel, FlowKind, Outcome, Phase, attributes, names

from .error_mapping import engine_errors
from .errors import RefusedMessageError
from .worker_health import QUICK

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """A flow in a list, from Temporal's visibility store, which lags by about a second. ``status``: Temporal's own."""

    flow_id: str
    kind: FlowKind
    status: str
    phase: Phase | None
    channel: Channel | None
    outcome: Outcome | None
    started_at: datetime
    closed_at: datetime | None


_ENDED_BADLY: Final = (
    WorkflowExecutionStatus.FAILED,
    WorkflowExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT,
)
_TYPES: Final = f"WorkflowType IN ('{names.ENROLLMENT_WORKFLOW}', '{names.CHALLENGE_WORKFLOW}')"


@dataclass(frozen=True, slots=True)
class FlowPage:
    """A page of flows, newest first. ``cursor``: for the next page; None on the last page."""

    flows: Sequence[FlowSummary]
    cursor: str | None


_BADLY: Final = "('Failed', 'Terminated', 'TimedOut')"
_FAILED: Final = f"(MfaPhase = 'failed' OR (ExecutionStatus IN {_BADLY} AND MfaOutcome IS NULL))"
_NOT_FAILED: Final = f"(ExecutionStatus NOT IN {_BADLY} OR MfaOutcome IS NOT NULL)"


def filter_of(phase: Phase | None, outcome: Outcome | None) -> str:
    """Returns the list filter for flows in a phase or with an outcome.

    A flow that was ended from outside counts as ``failed``, unless it had already reached an outcome.
    """
    conditions = [f"MfaOutcome = '{outcome}'"] if outcome else []
    if phase is Phase.FAILED:
        conditions.append(_FAILED)
    elif phase:
        conditions.append(f"MfaPhase = '{phase}' AND {_NOT_FAILED}")
    return " AND ".join(conditions)


async def summaries(client: Client, query: str, limit: int | None) -> AsyncIterator[FlowSummary]:
    """Yields all flows that match a list filter."""
    with engine_errors():
        async for execution in client.list_workflows(_filter(query), limit=limit):
            yield summary_of(execution)


async def page_of(client: Client, query: str, size: int, cursor: str | None) -> FlowPage:
    """Returns up to ``size`` flows that match a list filter. Raises ``RefusedMessageError`` for an invalid cursor."""
    pages = client.list_workflows(_filter(query), page_size=size, next_page_token=_token_in(cursor), rpc_timeout=QUICK)
    with engine_errors():
        await pages.fetch_next_page()
    following = pages.next_page_token
    flows = [summary_of(execution) for execution in pages.current_page or ()]
    return FlowPage(flows, urlsafe_b64encode(following).decode() if following else None)


def _filter(query: str) -> str:
    return f"{_TYPES} AND ({query})" if query else _TYPES


def _token_in(cursor: str | None) -> bytes | None:
    if cursor is None:
        return None
    try:
        return b64decode(cursor, altchars=b"-_", validate=True)
    except ValueError:
        raise RefusedMessageError("cursor: is not a valid cursor.", "cursor") from None


def summary_of(execution: WorkflowExecution) -> FlowSummary:
    """Returns the summary of one execution."""

    read = execution.typed_search_attributes.get
    phase, channel, outcome = read(attributes.PHASE), read(attributes.CHANNEL), read(attributes.OUTCOME)
    failed = execution.status in _ENDED_BADLY and outcome is None
    is_enrollment = execution.workflow_type == names.ENROLLMENT_WORKFLOW
    return FlowSummary(
        flow_id=execution.id,
        kind=FlowKind.ENROLLMENT if is_enrollment else FlowKind.CHALLENGE,
        status=execution.status.name.lower() if execution.status else "unknown",
        phase=Phase.FAILED if failed else _word_of(Phase, phase),
        channel=_word_of(Channel, channel),
        outcome=_word_of(Outcome, outcome),
        started_at=execution.start_time,
        closed_at=execution.close_time,
    )


def _word_of(words: type[Word], text: str | None) -> Word | None:
    """Returns the enum value, or ``None`` for an unknown one written by a newer worker."""
    return words(text) if text in set(words) else None
