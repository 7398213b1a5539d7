"""A long flow goes on in a new run, and nobody need know."""

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from temporalio.api.common.v1 import Memo
from temporalio.client import WorkflowExecutionStatus

from phone_mfa.client import ConflictingStartError
from phone_mfa.contracts import Outcome, Phase, StartEnrollment, Verdict
from phone_mfa.contracts.attributes import PHASE, SENDS, WRONG_CODES
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal
from tests.integration.client.thief import Thief
from tests.integration.engine_limits.pokes import (
    STRICTLY_LONG,
    addressed,
    binding_code,
    continued,
    each,
    either_way,
    replay,
)
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER, Stage, patient
from workflows.engine_limits import LONG_HISTORY

WRONG_CODE = "271828"


async def test_a_long_flow_goes_on_in_a_new_run_with_all_it_knows(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(policy=patient(resend_after_seconds=(0,)))
    await stage.message(flow, 1)
    assert (await stage.check(flow, WRONG_CODE)).verdict is Verdict.WRONG
    assert (await stage.flows.resend(flow)).message == 2
    before, first_run = await stage.message(flow, 2), await stage.flows.newest_run(flow)

    run = await continued(stage, flow, pokes=LONG_HISTORY)

    assert run.run_id != first_run == await stage.flows.newest_run(flow)
    assert await stage.flows.view(flow) == before
    shown = run.typed_search_attributes
    assert (shown.get(PHASE), shown.get(SENDS), shown.get(WRONG_CODES)) == ("waiting_for_code", 2, 1)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    result = await stage.flows.result(flow)
    assert (result.outcome, result.run_id, result.sends, result.wrong_codes) == (Outcome.ENROLLED, first_run, 2, 1)
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (2, 2)
    await replay(stage, flow, first_run)
    await replay(stage, flow, run.run_id)


async def test_a_flow_goes_on_in_a_new_run_while_it_waits_for_auth0s_limits_and_while_it_waits_for_a_code(
    recorded_stage: Stage, auth0: ScriptedAuth0
) -> None:
    stage = recorded_stage
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, seconds=200)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    verdict = asyncio.create_task(stage.check(flow, WRONG_CODE))
    await stage.phase(flow, Phase.COOLING_DOWN)
    await continued(stage, flow)
    await stage.later(flow, seconds=201)
    assert (await verdict).verdict is Verdict.WRONG
    await continued(stage, flow)

    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_an_attempt_made_again_finds_the_flow_in_its_new_run(strict_stage: Stage) -> None:
    stage = strict_stage
    user, request = str(uuid.uuid4()), StartEnrollment(phone_number=SecretStr(NUMBER), mfa_token=SecretStr(LOGIN_TOKEN))
    attempt = stage.flows.attempt("key", "what is asked for")
    with stage.engine.with_time_skipping_disabled():
        started = await stage.flows.enroll(user, request, attempt)
    await stage.message(started.flow_id, 1)
    await continued(stage, started.flow_id)

    again = await stage.flows.enroll(user, request, attempt)

    assert (again.flow_id, again.run_id, again.attached) == (started.flow_id, started.run_id, True)


async def test_situation_12_without_keys_a_flow_in_its_new_run_is_met_like_any_other(strict_stage: Stage) -> None:
    stage = strict_stage
    user, request = str(uuid.uuid4()), StartEnrollment(phone_number=SecretStr(NUMBER))
    with stage.engine.with_time_skipping_disabled():
        started = await stage.flows.enroll(user, request)
    await continued(stage, started.flow_id)

    again = await stage.flows.enroll(user, request)
    with pytest.raises(ConflictingStartError):
        await stage.flows.enroll(user, request.model_copy(update={"flow_seconds": 60}))
    login = await stage.flows.enroll(user, request.model_copy(update={"mfa_token": SecretStr(LOGIN_TOKEN)}))

    assert (again.run_id, again.attached) == (started.run_id, True)
    assert login.replaced
    assert (await stage.flows.in_run(started.run_id).view(started.flow_id)).outcome is Outcome.SUPERSEDED


async def test_situation_12_without_keys_the_copied_input_of_a_new_run_starts_nothing(
    strict_stage: Stage, auth0: ScriptedAuth0
) -> None:
    stage = strict_stage
    flow = await stage.enroll()
    await stage.message(flow, 1)
    copy = replace(await Thief(stage).copied(flow, (await continued(stage, flow)).run_id), memo=Memo())
    await stage.handle(flow).terminate()

    run_id = await Thief(stage).starts(copy)

    view = await stage.until(flow, lambda view: view.run_id == run_id and view.over)
    assert (view.phase, view.failure) == (Phase.FAILED, "The flow failed: The start has the state of another flow.")
    assert auth0.calls(Associate) == 1


@either_way
async def test_a_verdict_that_was_waited_for_comes_from_the_new_run(
    strict_stage: Stage, auth0: ScriptedAuth0, how: str
) -> None:
    stage = strict_stage
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, seconds=200)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    flows = await addressed(stage, flow, how)
    verdict = asyncio.create_task(flows.check_binding_code(flow, binding_code(RIGHT_CODE)))
    await stage.phase(flow, Phase.COOLING_DOWN)
    await continued(stage, flow)

    await stage.later(flow, seconds=201)

    assert (await verdict).verdict is Verdict.ACCEPTED
    assert auth0.calls(CheckCode) == 2


@either_way
async def test_a_verdict_given_before_the_new_run_is_told_again_in_it(
    strict_stage: Stage, auth0: ScriptedAuth0, how: str
) -> None:
    stage = strict_stage
    flow = await stage.enroll()
    await stage.message(flow, 1)
    flows, code = await addressed(stage, flow, how), binding_code(WRONG_CODE, submission_id="once")
    before = await flows.check_binding_code(flow, code)
    await continued(stage, flow)

    assert await flows.check_binding_code(flow, code) == before
    assert auth0.calls(CheckCode) == 1


@either_way
async def test_who_follows_a_flow_follows_it_into_the_new_run(strict_stage: Stage, how: str) -> None:
    stage = strict_stage
    flow = await stage.enroll()
    await stage.message(flow, 1)
    flows = await addressed(stage, flow, how)

    async def phases() -> list[Phase]:
        return [view.phase async for view in flows.watch(flow, timedelta(milliseconds=20))]

    async def moves() -> int:
        return len([move async for move in flows.steps(flow)])

    watching, moving = asyncio.create_task(phases()), asyncio.create_task(moves())
    waiting = asyncio.create_task(flows.result(flow))
    await continued(stage, flow)
    assert (await flows.check_binding_code(flow, binding_code(RIGHT_CODE))).verdict is Verdict.ACCEPTED

    assert (await waiting).outcome is Outcome.ENROLLED
    assert (await watching)[-1] is Phase.DONE
    assert await moving > 1


@either_way
async def test_a_cancel_reaches_the_new_run(strict_stage: Stage, how: str) -> None:
    stage = strict_stage
    flow = await stage.enroll()
    await stage.message(flow, 1)
    flows = await addressed(stage, flow, how)
    await continued(stage, flow)
    await flows.cancel(flow, "the customer left")
    result = await flows.result(flow)
    assert (result.outcome, result.note) == (Outcome.CANCELLED, "the customer left")


async def test_an_engines_cancel_that_comes_with_what_makes_a_flow_long_is_not_lost(vacant_strict_stage: Stage) -> None:
    stage = vacant_strict_stage
    async with stage.worker():
        flow = await stage.enroll()
        await stage.message(flow, 1)
    await each(STRICTLY_LONG, lambda _: stage.handle(flow).signal("nobody_knows"))
    await stage.handle(flow).cancel()
    async with stage.worker():
        assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED
    assert (await stage.handle(flow).describe()).status is WorkflowExecutionStatus.CANCELED
