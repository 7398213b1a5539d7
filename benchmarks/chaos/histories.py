"""Summarizes a flow's history: its decisions, the attempts for each, and failed workflow tasks.

Knows Temporal's events, but not what a person wanted.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter, WorkflowSerializationContext
from temporalio.service import RPCError

SENDS: Final = ("associate_phone", "challenge_phone")
CHECKS: Final = ("check_code", "check_recovery_code")

_HARMLESS: Final = "UNHANDLED_COMMAND"
"""An event arrived while the worker was ending the flow, so the server retries the step: not a failure."""

_SCHEDULED: Final = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
_STARTED: Final = EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
_FAILED: Final = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED

_ACCEPTED_TWICE: Final = "received *update.Acceptance message while in state Accepted"


@dataclass(frozen=True)
class TaskFailure:
    """A failed workflow task. ``event_id``: its position in the history."""

    event_id: int
    cause: str
    message: str

    @property
    def is_harmless(self) -> bool:
        """Whether this is normal in Temporal's protocol, or a known effect of a waiting query on an update.

        The latter is caused by the SDK: it accepts the update twice, the server rejects the step, and a retry succeeds
        (docs/decisions/0013).
        """
        return self.cause == _HARMLESS or _ACCEPTED_TWICE in self.message


@dataclass(frozen=True)
class Told:
    """The summary of one history. ``again``: sends and checks that were tried more than once."""

    decisions: Counter[str]
    again: tuple[str, ...]
    failures: tuple[TaskFailure, ...]

    @property
    def sends(self) -> int:
        """Decisions to send a message."""
        return sum(self.decisions[name] for name in SENDS)


async def told_by(history: WorkflowHistory, converter: DataConverter, namespace: str) -> Told:
    """Read a history. ``converter``: with the keys, for the texts of failures."""
    names: dict[int, str] = {}
    again, failures = [], []
    placed = converter.with_context(WorkflowSerializationContext(namespace=namespace, workflow_id=history.workflow_id))
    for event in history.events:
        if event.event_type == _SCHEDULED:
            names[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name
        elif event.event_type == _STARTED and (tried := _tried_again(event, names)):
            again.append(tried)
        elif event.event_type == _FAILED:
            failures.append(await _failure(event, placed))
    return Told(Counter(names.values()), tuple(again), tuple(failures))


def _tried_again(event: HistoryEvent, names: dict[int, str]) -> str | None:
    started = event.activity_task_started_event_attributes
    name = names.get(started.scheduled_event_id, "")
    if name in SENDS + CHECKS and started.attempt > 1:
        return f"{name} at event {event.event_id}: attempt {started.attempt}"
    return None


async def _failure(event: HistoryEvent, converter: DataConverter) -> TaskFailure:
    failed = event.workflow_task_failed_event_attributes
    cause = WorkflowTaskFailedCause.Name(failed.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_")
    return TaskFailure(event.event_id, cause, await _text_of(failed.failure, converter))


async def _text_of(failure: Failure, converter: DataConverter) -> str:
    if not failure.HasField("encoded_attributes"):  # the SDK's own texts, which are not sealed
        return failure.message
    copy = Failure()
    copy.CopyFrom(failure)
    try:
        return str(await converter.decode_failure(copy))
    except Exception as error:  # what does not open is shown as it is
        return f"{failure.message} ({type(error).__name__})"


async def pending(client: Client, flow_id: str, run_id: str) -> str:
    """Return what Temporal waits for in a running flow."""
    request = DescribeWorkflowExecutionRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=flow_id, run_id=run_id)
    )
    try:
        described = await client.workflow_service.describe_workflow_execution(request)
    except RPCError as error:
        return f"it cannot be described: {error.message}"
    calls = [f"{call.activity_type.name} attempt {call.attempt}" for call in described.pending_activities]
    task = described.pending_workflow_task
    tasks = [f"workflow task attempt {task.attempt}"] if described.HasField("pending_workflow_task") else []
    return ", ".join(tasks + calls) or "nothing is pending"


def save(history: WorkflowHistory, folder: Path, name: str) -> None:
    """Save a history for replay, and its events in one line each for people."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(history.to_json() + "\n")
    (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines(history)))


def lines(history: WorkflowHistory) -> Iterator[str]:
    """The events: number, time, seconds since the first, type, and the name in it."""
    first: datetime | None = None
    names: dict[int, str] = {}
    for event in history.events:
        at = event.event_time.ToDatetime(UTC)
        first = first or at
        kind = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
        times = f"{at:%H:%M:%S.%f} {(at - first).total_seconds():8.3f}"
        yield f"{event.event_id:4} {times} {kind} {_named(event, names)}".rstrip()


def _named(event: HistoryEvent, names: dict[int, str]) -> str:
    """Return the details of an event: its activity, timer, message or failure."""
    attributes = getattr(event, event.WhichOneof("attributes") or "", None)
    if event.event_type == _SCHEDULED:
        names[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name
        return names[event.event_id]
    scheduled = names.get(getattr(attributes, "scheduled_event_id", 0), "")
    if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED:
        timer = event.timer_started_event_attributes
        return f"{timer.timer_id} {timer.start_to_fire_timeout.ToMilliseconds() / 1000:.3f} s"
    if event.event_type == _FAILED:
        failed = event.workflow_task_failed_event_attributes
        return f"{WorkflowTaskFailedCause.Name(failed.cause)} {failed.failure.message[:200]}"
    return scheduled or str(getattr(attributes, "signal_name", "") or getattr(attributes, "timer_id", ""))
