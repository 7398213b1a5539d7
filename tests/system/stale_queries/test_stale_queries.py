"""Flows go on after somebody looked at them while no worker ran, whatever happened meanwhile.

A query that waits is handed to the next worker before the workflow task, and runs what that task would run, at an old
time. What it decides goes into history, and the worker after the next replays it at the true time. Temporal's own UI
looks so whenever somebody opens a flow.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from pydantic import AwareDatetime, SecretStr
from temporalio.api.enums.v1 import EventType

from phone_mfa.contracts import Outcome, Phase, ProvideMfaToken, SendReceipt, Verdict, names
from phone_mfa.contracts.calls import Associate, CheckCode, ListPhones, Refusal
from tests.integration.flows.script import RIGHT_CODE, Hold, ScriptedAuth0
from tests.integration.flows.stage import LOGIN_TOKEN, PATIENCE_SECONDS, Stage
from tests.system.stale_queries.queries import events, until_all, waiting_queries
from worker import build_call_worker, build_flow_worker

FLOWS = 4
PAUSE_SECONDS = 3.0
"""How long Auth0 wants to be left alone: the worker stops and six queries come before that is over."""

LOGIN_SECONDS = 6.0
"""How long a login is still good: within it flows are started and send, and the queries come."""

TOKEN_LIFETIME = timedelta(minutes=10)
WRONG_CODES = ("111111", "222222")

STEP_FAILED = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
TIMER_FIRED = EventType.EVENT_TYPE_TIMER_FIRED
CALLED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
ANSWERED = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED

SIGNALED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
STEPPED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

UI_QUERY = "__temporal_workflow_metadata"

LEAD_SECONDS = 0.15
"""How long before a timer fires a worker starts, so that it has looked by then and not worked yet."""

TOLD_FLOWS, MOMENT_SECONDS = 12, 0.025
"""On the code that grouped, 3 to 12 of 12 flows stood still, whatever they were told."""

T = TypeVar("T")

either_query = pytest.mark.parametrize("query", [names.VIEW, UI_QUERY], ids=["view", "ui"])


@either_query
async def test_situation_1_a_flow_whose_pause_ended_while_queries_waited_sends_under_every_later_worker(
    stage: Stage, auth0: ScriptedAuth0, query: str
) -> None:
    flows = await cooling_down_before_the_first_send(stage)
    async with queried(stage, flows, query):
        await until_all(map(stage.handle, flows), TIMER_FIRED)
        async with stage.worker():
            await in_each(flows, lambda flow: stage.message(flow, 1))
    async with stage.worker():
        await in_each(flows, lambda flow: enrolled(stage, flow, message=1))
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (2 * FLOWS, FLOWS)
    await no_step_failed(stage, flows)


@either_query
async def test_situation_1_a_flow_given_a_code_whose_pause_ended_while_queries_waited_checks_under_every_later_worker(
    stage: Stage, auth0: ScriptedAuth0, query: str
) -> None:
    flows = await cooling_down_before_a_check(stage)
    async with queried(stage, flows, query):
        await until_all(map(stage.handle, flows), TIMER_FIRED)
        await in_each(flows, lambda flow: stage.submit(flow, WRONG_CODES[1]))
        async with stage.worker():
            await in_each(flows, lambda flow: stage.until(flow, lambda view: view.wrong_codes == 2))
    async with stage.worker():
        await in_each(flows, lambda flow: enrolled(stage, flow, message=1))
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (FLOWS, 4 * FLOWS)
    await no_step_failed(stage, flows)


@either_query
async def test_situation_1_a_flow_that_auth0_answered_while_queries_waited_goes_on_under_every_later_worker(
    stage: Stage, auth0: ScriptedAuth0, query: str
) -> None:
    async with activity_worker(stage):
        async with flow_worker(stage):
            flows, answers, token_expires_at = await waiting_for_a_list(stage)
        async with queried(stage, flows, query):
            await asyncio.sleep((token_expires_at - datetime.now(UTC)).total_seconds())
            for answer in answers:
                answer.release()
            await until_all(map(stage.handle, flows), CALLED, ANSWERED, CALLED, ANSWERED)
            async with flow_worker(stage):
                await in_each(flows, lambda flow: stage.phase(flow, Phase.WAITING_FOR_TOKEN))
        async with flow_worker(stage):
            await in_each(flows, lambda flow: stage.phase(flow, Phase.WAITING_FOR_TOKEN))
            await in_each(flows, lambda flow: stage.renew(flow))
            await in_each(flows, lambda flow: enrolled(stage, flow, message=2))
    assert (auth0.calls(Associate), auth0.calls(ListPhones), auth0.calls(CheckCode)) == (2 * FLOWS, FLOWS, FLOWS)
    await no_step_failed(stage, flows)


@either_query
async def test_a_flow_asked_to_resend_after_its_pause_ended_while_queries_waited_sends_once_under_every_later_worker(
    stage: Stage, auth0: ScriptedAuth0, query: str
) -> None:
    flows = await cooling_down_before_the_first_send(stage)
    async with queried(stage, flows, query):
        await until_all(map(stage.handle, flows), TIMER_FIRED)
        async with asked_to_resend(stage, flows) as receipts, stage.worker():
            await in_each(flows, lambda flow: stage.message(flow, 1))
            await asyncio.wait(receipts, timeout=PATIENCE_SECONDS)
    async with stage.worker():
        await in_each(flows, lambda flow: enrolled(stage, flow, message=1))
    await in_each(receipts, lambda receipt: receipt)
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (2 * FLOWS, FLOWS)
    # A step may fail once and be tried again: the SDK's core was seen to accept such an update twice.


@either_query
async def test_a_flow_cancelled_while_queries_waited_for_its_first_worker_sends_nothing(
    stage: Stage, auth0: ScriptedAuth0, query: str
) -> None:
    flows = [await stage.enroll() for _ in range(FLOWS)]
    async with queried(stage, flows, query):
        await in_each(flows, stage.flows.cancel)
        async with stage.worker():
            await in_each(flows, stage.flows.result)
    async with stage.worker():
        await in_each(flows, lambda flow: stage.handle(flow).query(names.VIEW))  # replays it
    assert [(await stage.flows.result(flow)).outcome for flow in flows] == [Outcome.CANCELLED] * FLOWS
    assert auth0.calls(Associate) == 0
    await no_step_failed(stage, flows)


async def a_wrong_code(stage: Stage, flow: str) -> None:
    await stage.submit(flow, WRONG_CODES[0])


async def two_tokens_that_change_nothing(stage: Stage, flow: str) -> None:
    for _ in range(2):
        await stage.flows.provide_token(flow, ProvideMfaToken(mfa_token=SecretStr(LOGIN_TOKEN)))


async def a_cancel(stage: Stage, flow: str) -> None:
    await stage.flows.cancel(flow)


@pytest.mark.parametrize("said", [a_wrong_code, two_tokens_that_change_nothing, a_cancel])
async def test_a_flow_that_was_told_something_just_after_a_query_ran_its_timer_goes_on_under_every_later_worker(
    stage: Stage, said: Callable[[Stage, str], Awaitable[None]]
) -> None:
    flows, _ = await waiting_with_a_login_that_soon_runs_out(stage)
    async with queried(stage, flows, UI_QUERY):
        await until_all(map(stage.handle, flows), TIMER_FIRED)
        async with stage.worker():
            await in_each(list(enumerate(flows)), lambda told: after(told[0] * MOMENT_SECONDS, said(stage, told[1])))
            await in_each(flows, lambda flow: until_it_heard(stage, flow))
    async with stage.worker():
        await in_each(flows, lambda flow: goes_on(stage, flow))
    await no_step_failed(stage, flows)


async def test_a_flow_whose_timer_fired_after_a_query_took_a_code_checks_it_and_goes_on_under_every_later_worker(
    stage: Stage,
) -> None:
    flows, due_at = await waiting_with_a_login_that_soon_runs_out(stage)
    async with queried(stage, flows, UI_QUERY):
        await in_each(flows, lambda flow: a_wrong_code(stage, flow))
        await asyncio.sleep((due_at - datetime.now(UTC)).total_seconds() - LEAD_SECONDS)
        async with stage.worker():
            await until_all(map(stage.handle, flows), TIMER_FIRED)
            await in_each(flows, lambda flow: stage.phase(flow, Phase.WAITING_FOR_TOKEN))
    async with stage.worker():
        await in_each(flows, lambda flow: goes_on(stage, flow))
    await no_step_failed(stage, flows)


async def waiting_with_a_login_that_soon_runs_out(stage: Stage) -> tuple[Sequence[str], datetime]:
    """Flows whose timer fires when their code and their login end, and whose worker is gone. Tells when that is."""
    due_at = datetime.now(UTC) + timedelta(seconds=LOGIN_SECONDS)
    async with stage.worker():
        issued_at = due_at - TOKEN_LIFETIME
        flows = await asyncio.gather(*(stage.enroll(mfa_token_issued_at=issued_at) for _ in range(TOLD_FLOWS)))
        await in_each(flows, lambda flow: stage.message(flow, 1))
    assert datetime.now(UTC) < due_at, "the login ran out before the queries came"
    return flows, due_at


async def after(seconds: float, act: Awaitable[None]) -> None:
    """A query takes some time: of many flows, some are told just after it."""
    await asyncio.sleep(seconds)
    await act


async def until_it_heard(stage: Stage, flow: str) -> None:
    """A worker took the step that what was said belongs to."""
    await until_all([stage.handle(flow)], SIGNALED, STEPPED)


async def goes_on(stage: Stage, flow: str) -> None:
    """It takes a fresh login and the right code, unless it was cancelled; its history can be replayed."""
    if not (await stage.flows.view(flow)).over:
        await stage.renew(flow)
        await enrolled(stage, flow, message=2)
    await stage.handle(flow).query(names.VIEW)


async def cooling_down_before_the_first_send(stage: Stage) -> Sequence[str]:
    """Flows that Auth0 asked to wait, and whose worker is gone."""
    for _ in range(FLOWS):
        stage.auth0.refuse(Associate, Refusal.RATE_LIMITED, PAUSE_SECONDS)
    async with stage.worker():
        flows = await asyncio.gather(*(stage.enroll() for _ in range(FLOWS)))
        await in_each(flows, lambda flow: stage.phase(flow, Phase.COOLING_DOWN))
    return flows


async def cooling_down_before_a_check(stage: Stage) -> Sequence[str]:
    """Flows that hold a code that Auth0 asked to have checked later, and whose worker is gone."""
    for _ in range(FLOWS):
        stage.auth0.refuse(CheckCode, Refusal.RATE_LIMITED, PAUSE_SECONDS)
    async with stage.worker():
        numbers = [f"+1555555{number:04}" for number in range(FLOWS)]  # wrong codes count per number
        flows = await asyncio.gather(*(stage.enroll(phone_number=number) for number in numbers))
        await in_each(flows, lambda flow: stage.message(flow, 1))
        await in_each(flows, lambda flow: stage.submit(flow, WRONG_CODES[0]))
        await in_each(flows, lambda flow: stage.phase(flow, Phase.COOLING_DOWN))
    return flows


async def waiting_for_a_list(stage: Stage) -> tuple[Sequence[str], Sequence[Hold], AwareDatetime]:
    """Flows that look what a lost send left behind, with a login that soon runs out. Tells when that is."""
    token_expires_at = datetime.now(UTC) + timedelta(seconds=LOGIN_SECONDS)
    flows, answers = [], []
    for _ in range(FLOWS):
        stage.auth0.refuse(Associate, Refusal.AMBIGUOUS)
        answers.append(stage.auth0.hold(ListPhones))
        flows.append(await stage.enroll(mfa_token_issued_at=token_expires_at - TOKEN_LIFETIME))
        await answers[-1].reached.wait()
    assert datetime.now(UTC) < token_expires_at, "the login ran out before the queries came"
    return flows, answers, token_expires_at


async def enrolled(stage: Stage, flow: str, message: int) -> None:
    """The flow takes the code of this message, and ends well."""
    await stage.message(flow, message)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


@asynccontextmanager
async def queried(stage: Stage, flows: Sequence[str], query: str) -> AsyncIterator[None]:
    async with waiting_queries([stage.handle(flow) for flow in flows], query):
        yield


@asynccontextmanager
async def asked_to_resend(stage: Stage, flows: Sequence[str]) -> AsyncIterator[Sequence["asyncio.Task[SendReceipt]"]]:
    """While inside, each flow is asked, and answers when a worker is there."""
    receipts = [asyncio.create_task(stage.flows.resend(flow)) for flow in flows]
    await asyncio.gather(*(events(stage.handle(flow)) for flow in flows))  # what was asked before is there by now
    try:
        yield receipts
    finally:
        for receipt in receipts:
            receipt.cancel()
        await asyncio.gather(*receipts, return_exceptions=True)


@asynccontextmanager
async def flow_worker(stage: Stage) -> AsyncIterator[None]:
    """While inside, flows are worked on; who answers for Auth0 is another worker."""
    async with build_flow_worker(stage.engine.client, stage.auth0.all, task_queue=stage.task_queue, limited=True):
        yield


@asynccontextmanager
async def activity_worker(stage: Stage) -> AsyncIterator[None]:
    """While inside, calls to Auth0 are answered."""
    async with build_call_worker(stage.engine.client, stage.auth0.all, task_queue=stage.task_queue):
        yield


async def in_each(things: Sequence[T], act: Callable[[T], Awaitable[object]]) -> None:
    """Do this in all flows at once; tells in how many of them it failed, and how in the first."""
    results = await asyncio.gather(*map(act, things), return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    if failures:
        raise AssertionError(f"{len(failures)} of {len(things)} flows: {failures[0]!r}") from failures[0]


async def no_step_failed(stage: Stage, flows: Sequence[str]) -> None:
    for flow in flows:
        assert STEP_FAILED not in await events(stage.handle(flow))
