"""Whether workers take a flow's steps, as Temporal knows it. Asks no worker."""

from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import EventType, PendingWorkflowTaskState, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus

from phone_mfa.contracts import Trouble

QUICK: Final = timedelta(seconds=10)
"""How long Temporal may take for what needs no worker."""

PATIENCE: Final = timedelta(seconds=4)
"""How long a step may wait until it is asked why: longer than it waits for the worker that knows the flow (3 s)."""

_WAITS: Final = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED


async def trouble_with(client: Client, flow: WorkflowExecutionDescription) -> Trouble | None:
    """Why the next step of a running flow is not done. None when there is none, or when it is under way."""
    task = flow.raw_description.pending_workflow_task
    if flow.status is not WorkflowExecutionStatus.RUNNING or not flow.raw_description.HasField("pending_workflow_task"):
        return None
    if task.attempt > 1 and await _failed_last(client, flow):
        return Trouble.STEP_FAILS
    since = task.scheduled_time.ToDatetime(UTC)
    if task.state == _WAITS and datetime.now(UTC) - since > PATIENCE and not await polled_since(client, flow, since):
        return Trouble.NO_WORKER
    return None


async def polled_since(client: Client, flow: WorkflowExecutionDescription, since: datetime) -> bool:
    """Whether a worker asked for steps of such flows since then.

    A worker that is there asks anew as soon as it was given something: where a step waits and nobody asked since, there
    is none.
    """
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=flow.task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    answer = await client.workflow_service.describe_task_queue(request, timeout=QUICK)
    return any(poller.last_access_time.ToDatetime(UTC) > since for poller in answer.pollers)


async def _failed_last(client: Client, flow: WorkflowExecutionDescription) -> bool:
    """Whether the step that is tried again failed, or its worker only went away."""
    request = GetWorkflowExecutionHistoryReverseRequest(namespace=client.namespace, maximum_page_size=10)
    request.execution.workflow_id, request.execution.run_id = flow.id, flow.run_id
    answer = await client.workflow_service.get_workflow_execution_history_reverse(request, timeout=QUICK)
    ends = (EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT)
    newest = next((event.event_type for event in answer.history.events if event.event_type in ends), None)
    return newest == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
