"""What callers are told when Temporal takes no more for a flow, and what still works then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NoReturn

import pytest
from pydantic import BaseModel, SecretStr
from temporalio import workflow
from temporalio.client import WorkflowExecutionStatus
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from phone_mfa.client import (
    FailingStepError,
    FinishedFlowError,
    Flows,
    LimitReachedError,
    NoAnswerYetError,
    RefusedMessageError,
)
from phone_mfa.client.workflow_client import WorkflowClient
from phone_mfa.contracts import (
    Channel,
    Outcome,
    Phase,
    ProvideMfaToken,
    ResendCode,
    SendReceipt,
    Verdict,
    names,
    reveal,
)
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal
from tests.integration.engine_limits.fixtures import STRICT
from tests.integration.engine_limits.pokes import binding_code, each, stored
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import Stage, patient
from tests.keys import KEYS
from workflows.engine_limits import MOST_AT_ONCE

WRONG_CODE = "271828"
SIGNALS = int(STRICT["history.maximumSignalsPerExecution"])
UPDATES = int(STRICT["history.maxTotalUpdates"])
BYTES = int(STRICT["limit.historySize.error"])
WAITING = 4 * MOST_AT_ONCE


def impatient(stage: Stage) -> Flows:
    timeout = timedelta(seconds=2)
    return Flows(stage.engine.client, tenant="tenant", keys=KEYS, answer_timeout=timeout)


def token(text: str) -> ProvideMfaToken:
    return ProvideMfaToken(mfa_token=SecretStr(text))


async def use_signals_up(stage: Stage, flow: str) -> None:
    await each(SIGNALS, lambda _: stage.handle(flow).signal("nobody_knows"))


async def test_a_flow_whose_signals_are_used_up_says_so_and_takes_the_right_code_once_a_worker_is_there(
    vacant_strict_stage: Stage,
) -> None:
    stage = vacant_strict_stage
    flow = await stage.enroll()
    await use_signals_up(stage, flow)
    with pytest.raises(LimitReachedError):
        await stage.submit(flow, RIGHT_CODE)
    with pytest.raises(LimitReachedError):
        await stage.flows.provide_token(flow, token("Fe26.2*a*fresh*token"))
    async with stage.worker():
        await stage.message(flow, 1)
        assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_flow_whose_signals_are_used_up_can_be_cancelled_before_any_worker_comes(
    vacant_strict_stage: Stage,
) -> None:
    stage = vacant_strict_stage
    flow = await stage.enroll()
    await use_signals_up(stage, flow)
    await stage.flows.cancel(flow)
    async with stage.worker():
        assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED
    assert (await stage.handle(flow).describe()).status is WorkflowExecutionStatus.CANCELED


async def test_all_that_came_while_no_worker_was_there_is_worked_off(vacant_stage: Stage, auth0: ScriptedAuth0) -> None:
    stage = vacant_stage
    flow = await stage.enroll(token=None)
    await each(WAITING, lambda number: stage.flows.provide_token(flow, token(f"Fe26.2*{number}")))
    await stage.flows.provide_token(flow, token("Fe26.2*the*newest"))
    async with stage.worker():
        await stage.message(flow, 1)
        await stage.later(flow, seconds=30)
        assert (await stage.flows.resend(flow)).message == 2
    asked = auth0.last(Associate)
    assert isinstance(asked, Associate) and reveal(asked.token) == "Fe26.2*the*newest"


async def test_one_code_more_than_temporal_lets_wait_is_told_to_come_later_and_is_not_taken(
    strict_stage: Stage, auth0: ScriptedAuth0
) -> None:
    stage = strict_stage
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, seconds=60)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    waiting = [asyncio.create_task(stage.check(flow, WRONG_CODE))]
    await stage.eventually(lambda: holds(stage, flow, updates=1))
    waiting.append(asyncio.create_task(stage.check(flow, RIGHT_CODE)))
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.eventually(lambda: holds(stage, flow, updates=2))

    with pytest.raises(LimitReachedError):
        await impatient(stage).check_binding_code(flow, binding_code("161803"))
    with pytest.raises(LimitReachedError):
        await impatient(stage).switch_channel(flow, Channel.VOICE)

    await stage.later(flow, seconds=61)
    assert [(await verdict).verdict for verdict in waiting] == [Verdict.WRONG, Verdict.ACCEPTED]
    assert auth0.calls(CheckCode) == 3


async def test_a_code_that_is_taken_and_waits_is_told_from_one_that_is_not(
    strict_stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, seconds=60)
    flow = await strict_stage.enroll()
    await strict_stage.message(flow, 1)
    with pytest.raises(NoAnswerYetError):
        await impatient(strict_stage).check_binding_code(flow, binding_code(RIGHT_CODE))


async def test_a_flow_takes_more_updates_than_temporal_allows_a_run(strict_stage: Stage, auth0: ScriptedAuth0) -> None:
    stage = strict_stage
    flow = await stage.enroll()
    await stage.message(flow, 1)
    first_run = await stage.flows.newest_run(flow)
    verdicts = [await stage.check(flow, WRONG_CODE, submission_id=str(number)) for number in range(2 * UPDATES)]
    assert {verdict.verdict for verdict in verdicts} == {Verdict.WRONG}
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert (await stage.handle(flow).describe()).run_id != first_run
    assert auth0.calls(CheckCode) == 2


async def test_a_run_that_has_taken_all_updates_that_temporal_allows_says_so(vacant_strict_stage: Stage) -> None:
    stage = vacant_strict_stage
    async with other_worker(stage, Resending):
        flow = await stage.enroll()
        for _ in range(UPDATES):
            assert (await stage.flows.resend(flow)).sent
        with pytest.raises(LimitReachedError):
            await stage.flows.resend(flow)


async def test_a_flow_that_temporal_ends_for_its_size_is_over_and_says_why(vacant_strict_stage: Stage) -> None:
    stage = vacant_strict_stage
    flow = await stage.enroll(policy=patient())
    while (await stored(stage, flow))[1] <= BYTES:
        await stage.handle(flow).signal("nobody_knows", "x" * 400_000)
    with pytest.raises(FinishedFlowError):
        await stage.submit(flow, RIGHT_CODE)
    with pytest.raises(FinishedFlowError):
        await stage.submit(flow, RIGHT_CODE)
    view = await stage.flows.view(flow)
    assert (view.phase, view.allowed_actions) == (Phase.FAILED, ())
    assert view.failure == "The flow was terminated: Workflow history size exceeds limit."


@pytest.mark.parametrize("size", [2_200_000, 4_200_000])
async def test_a_message_that_is_too_large_for_temporal_is_refused(vacant_stage: Stage, size: int) -> None:
    stage = vacant_stage
    flow = await stage.enroll()
    with pytest.raises(RefusedMessageError):
        await WorkflowClient(stage.engine.client).signal(flow, "any", Text(text="x" * size))


async def test_a_flow_whose_step_fails_is_not_taken_for_one_that_is_full(vacant_stage: Stage) -> None:
    stage = vacant_stage
    flow = await stage.enroll()
    async with other_worker(stage, Broken):
        await stage.until(flow, lambda view: view.trouble is not None)
        await stage.eventually(lambda: tried(stage, flow, times=3))
        with pytest.raises(FailingStepError):
            await stage.check(flow, RIGHT_CODE)


class Text(BaseModel):
    text: str


@workflow.defn(name="EnrollmentWorkflow")
class Broken:
    @workflow.run
    async def run(self, request: object) -> NoReturn:
        raise RuntimeError("a defect")


@workflow.defn(name="EnrollmentWorkflow")
class Resending:
    @workflow.run
    async def run(self, request: object) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update(name=names.RESEND_CODE)
    async def resend(self, message: ResendCode) -> SendReceipt:
        return SendReceipt(sent=True)


@asynccontextmanager
async def other_worker(stage: Stage, flow: type[object]) -> AsyncIterator[None]:
    """One that runs something else in the place of an enrollment."""
    runner = UnsandboxedWorkflowRunner()
    async with Worker(stage.engine.client, task_queue=stage.task_queue, workflows=[flow], workflow_runner=runner):
        yield


async def tried(stage: Stage, flow: str, times: int) -> bool:
    return (await stage.handle(flow).describe()).raw_description.pending_workflow_task.attempt >= times


async def holds(stage: Stage, flow: str, updates: int) -> bool:
    """Whether so many updates were accepted."""
    history = await stage.handle(flow).fetch_history()
    return (
        sum(event.HasField("workflow_execution_update_accepted_event_attributes") for event in history.events)
        == updates
    )
