"""Flows in a list, as Temporal's visibility store has them."""

from dataclasses import dataclass
from datetime import datetime

from temporalio.client import WorkflowExecution

from phone_mfa.contracts import Channel, FlowKind, Outcome, Phase, attributes, names


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """A flow in a list, from Temporal's visibility store: a second or so behind. ``status`` is Temporal's own word."""

    flow_id: str
    kind: FlowKind
    status: str
    phase: Phase | None
    channel: Channel | None
    outcome: Outcome | None
    started_at: datetime
    closed_at: datetime | None


def summary_of(execution: WorkflowExecution) -> FlowSummary:
    """One row."""

    read = execution.typed_search_attributes.get
    phase, channel, outcome = read(attributes.PHASE), read(attributes.CHANNEL), read(attributes.OUTCOME)
    is_enrollment = execution.workflow_type == names.ENROLLMENT_WORKFLOW
    return FlowSummary(
        flow_id=execution.id,
        kind=FlowKind.ENROLLMENT if is_enrollment else FlowKind.CHALLENGE,
        status=execution.status.name.lower() if execution.status else "unknown",
        phase=Phase(phase) if phase else None,
        channel=Channel(channel) if channel else None,
        outcome=Outcome(outcome) if outcome else None,
        started_at=execution.start_time,
        closed_at=execution.close_time,
    )
