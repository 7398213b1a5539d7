"""Resets a flow whose next step keeps failing to a point from which no Auth0 call is repeated.

A Temporal reset keeps the events before the step and redelivers the messages after it. Refuses to reset if that would
lose the result of the last non-repeatable call, or would not help.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Replayer

from phone_mfa.client.error_mapping import engine_errors
from phone_mfa.client.errors import RefusedMessageError
from phone_mfa.client.worker_health import QUICK
from phone_mfa.contracts.activity_names import ASKED_ONCE
from workflows import ArgumentGuard, ChallengeWorkflow, EnrollmentWorkflow, GuardedRunner

_STEP_ENDS: Final = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)
_MESSAGES: Final = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
)

NO_ANSWER: Final = (
    "The last send or check has no result in the flow's history yet, and a reset might repeat it. Wait, or terminate "
    "the flow and start another."
)
NO_USE: Final = (
    "The flow's history is incompatible with this code even before its last send or check. Roll the deployment back, "
    "or terminate the flow and start another."
)
MOVED: Final = "The flow has moved on since: look at its status before you try again."
NO_STEP: Final = "The flow has taken no step since its last send or check: there is nothing to undo."


@dataclass(frozen=True)
class ResetPlan:
    """The plan for a reset. ``step``: the event to reset to. ``dropped``: number of events that are discarded.

    ``messages``: signals and updates among them, which Temporal redelivers. ``since``: the time of that step.
    """

    flow_id: str
    run_id: str
    step: int
    since: datetime
    dropped: int
    messages: int


async def plan_reset(client: Client, flow_id: str, run_id: str) -> ResetPlan:
    """Plan the reset of this run. Raises ``RefusedMessageError`` if there is no safe point."""
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(flow_id, run_id=run_id)
    with engine_errors():
        events = (await handle.fetch_history()).events
    step = first_step_after(events, last_answer(events))
    if not await _replays(client, flow_id, events[: step.event_id - 1]):
        raise RefusedMessageError(NO_USE)
    dropped = events[step.event_id - 1 :]
    return ResetPlan(
        flow_id=flow_id,
        run_id=run_id,
        step=step.event_id,
        since=step.event_time.ToDatetime(UTC),
        dropped=len(dropped),
        messages=sum(event.event_type in _MESSAGES for event in dropped),
    )


async def reset(client: Client, plan: ResetPlan) -> str:
    """Perform the reset and return the new run id. Raises ``RefusedMessageError`` if the flow moved on meanwhile."""
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(plan.flow_id, run_id=plan.run_id)
    with engine_errors():
        events = (await handle.fetch_history()).events
    if len(events) - (plan.step - 1) != plan.dropped:
        raise RefusedMessageError(MOVED)
    request = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        reason="phone-mfa rescue",
        workflow_task_finish_event_id=plan.step,
        request_id=str(uuid.uuid4()),
    )
    request.workflow_execution.workflow_id, request.workflow_execution.run_id = plan.flow_id, plan.run_id
    with engine_errors():
        answer = await client.workflow_service.reset_workflow_execution(request, timeout=QUICK)
    return answer.run_id


def last_answer(events: Sequence[HistoryEvent]) -> int:
    """Return the event with the result of the last send or check, or 0 if none. Raises ``RefusedMessageError``."""
    scheduled = [
        event.event_id
        for event in events
        if event.activity_task_scheduled_event_attributes.activity_type.name in ASKED_ONCE
    ]
    if not scheduled:
        return 0
    for event in events:
        if scheduled[-1] in _answers(event):
            return event.event_id
    raise RefusedMessageError(NO_ANSWER)


def _answers(event: HistoryEvent) -> set[int]:
    """Return the id of the activity that an event closes, if it closes one."""
    ends = (
        event.activity_task_completed_event_attributes,
        event.activity_task_failed_event_attributes,
        event.activity_task_timed_out_event_attributes,
    )
    return {each.scheduled_event_id for each in ends} - {0}


def first_step_after(events: Sequence[HistoryEvent], answer: int) -> HistoryEvent:
    """Return the closing event of the first step that saw the result. Raises ``RefusedMessageError``."""
    for event in events:
        if event.event_type in _STEP_ENDS and event.event_id > answer:
            return event
    raise RefusedMessageError(NO_STEP)


async def _replays(client: Client, flow_id: str, events: Sequence[HistoryEvent]) -> bool:
    """Return whether a history replays without nondeterminism."""
    replayer = Replayer(
        workflows=[EnrollmentWorkflow, ChallengeWorkflow],
        interceptors=[ArgumentGuard()],
        workflow_runner=GuardedRunner(),
        data_converter=client.data_converter,
        namespace=client.namespace,
        runtime=Runtime(telemetry=TelemetryConfig(logging=None), worker_heartbeat_interval=None),  # we report failures
    )
    outcome = await replayer.replay_workflow(WorkflowHistory(flow_id, events), raise_on_replay_failure=False)
    return outcome.replay_failure is None
