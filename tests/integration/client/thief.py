"""Somebody with access to Temporal, and no keys: reads what is stored and starts copies of it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.common.v1 import Memo, Payloads, WorkflowType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import StartWorkflowExecutionRequest

from phone_mfa.client import Flows
from phone_mfa.contracts import StartEnrollment, names
from tests.integration.flows.stage import Stage
from tests.keys import KEYS

LONG_AGO = timedelta(days=1)


@dataclass(frozen=True)
class StoredStart:
    """What a run was started with, as it is stored."""

    flow_id: str
    input: Payloads
    memo: Memo


class Thief:
    def __init__(self, stage: Stage) -> None:
        self.client, self.task_queue = stage.engine.client, stage.task_queue

    async def copied(self, flow_id: str, run_id: str) -> StoredStart:
        history = await self.client.get_workflow_handle(flow_id, run_id=run_id).fetch_history()
        started = history.events[0].workflow_execution_started_event_attributes
        return StoredStart(flow_id, started.input, started.memo)

    async def starts(self, copy: StoredStart, workflow: str = names.ENROLLMENT_WORKFLOW) -> str:
        """Start a workflow of the same id with that input and memo. Tells of its run."""
        started = await self.client.workflow_service.start_workflow_execution(
            StartWorkflowExecutionRequest(
                namespace=self.client.namespace,
                workflow_id=copy.flow_id,
                workflow_type=WorkflowType(name=workflow),
                task_queue=TaskQueue(name=self.task_queue),
                input=copy.input,
                memo=copy.memo,
                request_id=str(uuid.uuid4()),
            )
        )
        return started.run_id


def started_long_ago(stage: Stage) -> Flows:
    """A client whose starts are of yesterday by the time they come to be believed."""
    return Flows(
        stage.engine.client,
        tenant="tenant",
        keys=KEYS,
        task_queue=stage.task_queue,
        clock=lambda: stage.clock() - LONG_AGO,
    )


async def copy_of_an_old_start(stage: Stage, user: str, request: StartEnrollment, key: str = "") -> StoredStart:
    """What is stored of a flow that was started long ago, and is over."""
    flows = started_long_ago(stage)
    attempt = flows.attempt(key, "what is asked for") if key else None
    old = await flows.enroll(user, request, attempt)
    copy = await Thief(stage).copied(old.flow_id, old.run_id)
    await stage.handle(old.flow_id).terminate()
    return copy
