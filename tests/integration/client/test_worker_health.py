"""A flow that does not go on says so: from outside, by what Temporal knows of its workers."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest
from temporalio.client import Client, Interceptor, OutboundInterceptor, QueryWorkflowInput

from phone_mfa.client import Flows
from phone_mfa.client.worker_health import CALL_PATIENCE, UNANSWERED
from phone_mfa.client.workflow_client import ANSWER_WITHIN
from phone_mfa.contracts import Phase, StartEnrollment, Trouble
from phone_mfa.contracts.calls import Associate
from phone_mfa.contracts.names import ENROLLMENT_WORKFLOW
from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import NUMBER, Stage
from tests.keys import KEYS
from worker import build_call_worker, build_flow_worker


@pytest.fixture
def stage(vacant_stage: Stage) -> Stage:
    """A stage without a worker: each test says when one runs."""
    return vacant_stage


async def test_a_call_that_no_worker_makes_is_told_from_one_that_auth0_has_not_answered(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    client = stage.engine.client
    async with build_flow_worker(client, auth0.all, task_queue=stage.task_queue, limited=True):
        flow = await stage.enroll()
        view = await stage.until(flow, lambda view: view.trouble is not None)
        assert (view.phase, view.trouble) == (Phase.SENDING_CODE, Trouble.NO_WORKER)
        sending = auth0.hold(Associate)
        async with build_call_worker(client, auth0.all, task_queue=stage.task_queue):
            await sending.reached.wait()
            assert (await stage.flows.view(flow)).trouble is None
            sending.release()
            await stage.message(flow, 1)


async def test_a_call_that_waits_for_its_turn_is_no_trouble(stage: Stage, auth0: ScriptedAuth0) -> None:
    client = stage.engine.client
    calls = build_call_worker(client, auth0.all, task_queue=stage.task_queue, calls_per_second=0.04)
    async with build_flow_worker(client, auth0.all, task_queue=stage.task_queue, limited=True), calls:
        flows = [await stage.enroll(), await stage.enroll()]
        await asyncio.sleep(CALL_PATIENCE.total_seconds() + 2)  # nothing is to happen, for longer than a call may wait
        views = [await stage.flows.view(flow) for flow in flows]
    assert [view for view in views if view.phase is Phase.SENDING_CODE]
    assert {view.trouble for view in views} == {None}


async def test_a_step_that_no_worker_comes_back_from_is_told_from_one_that_waits_for_a_worker(stage: Stage) -> None:
    client, flow = stage.engine.client, f"enroll-{stage.task_queue}"
    request = StartEnrollment(phone_number=SecretStr(NUMBER))
    await client.start_workflow(
        ENROLLMENT_WORKFLOW, request, id=flow, task_queue=stage.task_queue, task_timeout=timedelta(seconds=1)
    )
    poll = PollWorkflowTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=stage.task_queue))
    for _ in range(UNANSWERED):
        assert (await stage.flows.view(flow)).trouble is None
        await client.workflow_service.poll_workflow_task_queue(poll, timeout=timedelta(seconds=30))
    view = await stage.until(flow, lambda view: view.trouble is not None)
    assert view.trouble is Trouble.STEP_FAILS


class QueriesSent(Interceptor):
    """A client's interceptor that knows how long each query was to wait."""

    def __init__(self) -> None:
        self.waits: list[timedelta | None] = []

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        sent = self

        class Recording(OutboundInterceptor):
            async def query_workflow(self, input: QueryWorkflowInput) -> Any:
                sent.waits.append(input.rpc_timeout)
                return await super().query_workflow(input)

        return Recording(next)


def seen_by_operator(stage: Stage) -> tuple[Flows, QueriesSent]:
    """What the command opens, on a connection that records its queries."""
    queries = QueriesSent()
    client = Client(**stage.engine.client.config() | {"interceptors": [queries]})
    return Flows(client, tenant="tenant", keys=KEYS, task_queue=stage.task_queue), queries


async def test_status_waits_for_no_worker_where_none_has_been(stage: Stage) -> None:
    flow = await stage.enroll()
    flows, queries = seen_by_operator(stage)

    status = await flows.status(flow)

    assert (status.trouble, queries.waits) == (Trouble.NO_WORKER, [])


async def test_status_waits_once_and_briefly_for_a_worker_that_has_just_left(stage: Stage) -> None:
    async with stage.worker():
        flow = await stage.enroll()
        await stage.message(flow, 1)
    flows, queries = seen_by_operator(stage)

    status = await flows.status(flow)

    assert (status.phase, status.trouble) == (Phase.WAITING_FOR_CODE, Trouble.NO_WORKER)
    assert queries.waits == [ANSWER_WITHIN]
    assert ANSWER_WITHIN < timedelta(seconds=1)


async def test_status_knows_a_worker_that_answers(stage: Stage) -> None:
    async with stage.worker():
        flow = await stage.enroll()
        await stage.message(flow, 1)
        flows, queries = seen_by_operator(stage)
        status = await flows.status(flow)

    assert (status.trouble, queries.waits) == (None, [ANSWER_WITHIN])
