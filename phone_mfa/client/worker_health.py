"""Checks whether workers process a flow's steps and calls, from Temporal's data. Does not contact workers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import EventType, PendingActivityState, PendingWorkflowTaskState, TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus

from phone_mfa.contracts import Trouble

QUICK: Final = timedelta(seconds=10)
"""Timeout of requests to Temporal that need no worker."""

PATIENCE: Final = timedelta(seconds=4)
"""How long a step may wait before it is examined: longer than it waits for the worker with the cached flow (3 s)."""

CALL_PATIENCE: Final = timedelta(seconds=12)
"""How long a call to Auth0 may wait for a worker: longer than a call takes (10 s), after which a busy worker polls for
another one."""

UNANSWERED: Final = 3
"""How many times a step may be lost by a worker that never answers before the step itself is considered faulty."""

LONG_POLL: Final = timedelta(seconds=90)
"""Every worker polls at least this often: Temporal answers a poll after a minute if there is no work."""

SLOW: Final = 1.0
"""Calls per second. On a queue limited to fewer, calls wait even though a worker has polled for them."""

_STEP_WAITS: Final = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED
_CALL_WAITS: Final = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED


async def trouble_with(client: Client, flow: WorkflowExecutionDescription) -> Trouble | None:
    """Returns why a running flow makes no progress. None if it has no pending work, or if that is being processed."""
    if flow.status is not WorkflowExecutionStatus.RUNNING:
        return None
    return await _trouble_with_step(client, flow) or await _trouble_with_calls(client, flow)


async def _trouble_with_step(client: Client, flow: WorkflowExecutionDescription) -> Trouble | None:
    task = flow.raw_description.pending_workflow_task
    if not flow.raw_description.HasField("pending_workflow_task"):
        return None
    if task.attempt > 1 and await _ends_badly(client, flow, task.attempt):
        return Trouble.STEP_FAILS
    since = task.scheduled_time.ToDatetime(UTC)
    waits = task.state == _STEP_WAITS and datetime.now(UTC) - since > PATIENCE
    return Trouble.NO_WORKER if waits and not await polled_since(client, flow, since) else None


async def _trouble_with_calls(client: Client, flow: WorkflowExecutionDescription) -> Trouble | None:
    """Check pending calls to Auth0, which may have their own queue. A call awaiting a retry is scheduled for later."""
    for call in flow.raw_description.pending_activities:
        since, queue = call.scheduled_time.ToDatetime(UTC), call.activity_options.task_queue.name or flow.task_queue
        waits = call.state == _CALL_WAITS and datetime.now(UTC) - since > CALL_PATIENCE
        if waits and not await _calls_polled_since(client, queue, since):
            return Trouble.NO_WORKER
    return None


async def polled_since(client: Client, flow: WorkflowExecutionDescription, since: datetime) -> bool:
    """Whether a worker has polled for steps of such flows since then.

    A live worker polls again as soon as it receives a task: if a step is waiting and nobody has polled since, there is
    no worker.
    """
    pollers = await _pollers(client, flow.task_queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    return any(poller.last_access_time.ToDatetime(UTC) > since for poller in pollers)


async def _calls_polled_since(client: Client, queue: str, since: datetime) -> bool:
    """The same for calls. On a rate-limited queue, a worker may have polled earlier and still be waiting."""
    pollers = await _pollers(client, queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    of_late = datetime.now(UTC) - LONG_POLL
    return any(
        poller.last_access_time.ToDatetime(UTC) > (of_late if poller.rate_per_second < SLOW else since)
        for poller in pollers
    )


async def _pollers(client: Client, task_queue: str, kind: TaskQueueType.ValueType) -> Sequence[PollerInfo]:
    """Returns the pollers of a queue in the last few minutes."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
    )
    return (await client.workflow_service.describe_task_queue(request, timeout=QUICK)).pollers


async def _ends_badly(client: Client, flow: WorkflowExecutionDescription, attempt: int) -> bool:
    """Whether the retried step failed, or timed out on more than ``UNANSWERED`` attempts."""
    request = GetWorkflowExecutionHistoryReverseRequest(namespace=client.namespace, maximum_page_size=10)
    request.execution.workflow_id, request.execution.run_id = flow.id, flow.run_id
    answer = await client.workflow_service.get_workflow_execution_history_reverse(request, timeout=QUICK)
    ends = (EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT)
    newest = next((event.event_type for event in answer.history.events if event.event_type in ends), None)
    return newest == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED or (newest is not None and attempt > UNANSWERED)
