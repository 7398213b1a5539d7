"""The rate of calls to Auth0 is set, changed and taken away while flows run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from phone_mfa.contracts import Outcome
from phone_mfa.contracts.activity_names import ASSOCIATE_PHONE
from phone_mfa.contracts.calls import Associate, CheckCode
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import Stage
from worker import build_flow_worker, build_workers


@pytest.fixture
def stage(vacant_stage: Stage) -> Stage:
    """A stage without a worker: each test says when one runs."""
    return vacant_stage


@asynccontextmanager
async def worker(stage: Stage, calls_per_second: float | None = None) -> AsyncIterator[None]:
    flows, calls = build_workers(
        stage.engine.client, stage.auth0.all, task_queue=stage.task_queue, calls_per_second=calls_per_second
    )
    async with flows, calls:
        yield


async def has_asked(stage: Stage, flow: str) -> bool:
    return await stage.scheduled(flow, ASSOCIATE_PHONE) > 0


async def end(stage: Stage, flow: str) -> None:
    await stage.message(flow, 1)
    await stage.submit(flow, RIGHT_CODE)
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_calls_that_wait_where_calls_have_a_rate_are_made_by_workers_without_one(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    async with build_flow_worker(stage.engine.client, auth0.all, task_queue=stage.task_queue, limited=True):
        flows = [await stage.enroll() for _ in range(3)]
        for flow in flows:
            await stage.eventually(partial(has_asked, stage, flow))
    async with worker(stage):
        for flow in flows:
            await end(stage, flow)
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (3, 3)


async def test_flows_go_on_when_a_rate_is_set_and_when_it_is_taken_away(stage: Stage, auth0: ScriptedAuth0) -> None:
    async with worker(stage):
        flows = [await stage.enroll() for _ in range(3)]
        for flow in flows:
            await stage.message(flow, 1)
    async with worker(stage, calls_per_second=50):
        await end(stage, flows[0])
        flows += [await stage.enroll() for _ in range(3)]
        for flow in flows[3:]:
            await stage.message(flow, 1)
    async with worker(stage):
        for flow in flows[1:]:
            await end(stage, flow)
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (6, 6)
