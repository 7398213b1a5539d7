"""How flows end without a right code, and what they leave behind."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError

from phone_mfa.client import FailedFlowError, FinishedFlowError, UnknownFlowError
from phone_mfa.contracts import Outcome, Phase, Verdict, reveal
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal, RemovePending
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import ACCESS_TOKEN, NUMBER, Stage


async def test_a_flow_expires_at_its_deadline(stage: Stage) -> None:
    flow = await stage.enroll(flow_seconds=3600)
    view = await stage.message(flow, 1)
    assert view.flow_expires_at and view.sent_at
    assert view.flow_expires_at - view.sent_at <= timedelta(hours=1)
    await stage.later(flow, hours=2)
    assert (await stage.flows.result(flow)).outcome is Outcome.EXPIRED


async def test_a_flow_that_waits_for_a_token_expires_too(stage: Stage) -> None:
    flow = await stage.enroll(token=None)
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    await stage.later(flow, hours=25)
    assert (await stage.flows.result(flow)).outcome is Outcome.EXPIRED


async def test_cancelling_ends_the_flow_and_leaves_what_an_mfa_token_cannot_remove(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.flows.cancel(flow, "the customer left")
    result = await stage.flows.result(flow)
    assert (result.outcome, result.note) == (Outcome.CANCELLED, "the customer left")
    assert auth0.calls(RemovePending) == 0


async def test_cancelling_removes_the_half_made_authenticator_where_the_token_allows_it(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll(token=ACCESS_TOKEN)
    await stage.message(flow, 1)
    await stage.flows.cancel(flow)
    assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED
    removed = auth0.last(RemovePending)
    assert isinstance(removed, RemovePending) and reveal(removed.phone_number) == NUMBER


async def test_the_engines_own_cancel_removes_it_too_and_shows_as_cancelled(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(token=ACCESS_TOKEN)
    await stage.message(flow, 1)
    await stage.handle(flow).cancel()
    with pytest.raises(WorkflowFailureError):
        await stage.handle(flow).result()
    assert (await stage.handle(flow).describe()).status is WorkflowExecutionStatus.CANCELED
    assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED
    assert auth0.calls(RemovePending) == 1


async def test_a_flow_the_engine_cancelled_before_any_worker_saw_it_sends_nothing(
    vacant_stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await vacant_stage.enroll()
    await vacant_stage.handle(flow).cancel()
    async with vacant_stage.worker():
        assert (await vacant_stage.flows.result(flow)).outcome is Outcome.CANCELLED
    assert auth0.calls(Associate) == 0


async def test_a_send_under_way_is_heard_out_before_the_engines_cancel_takes_effect(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    sending = auth0.hold(Associate)
    flow = await stage.enroll(token=ACCESS_TOKEN)
    await sending.reached.wait()
    await stage.handle(flow).cancel()
    sending.release()
    assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED
    assert (auth0.calls(Associate), auth0.calls(RemovePending)) == (1, 1)


async def test_a_code_found_right_while_the_engine_cancels_still_enrolls(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    checking = auth0.hold(CheckCode)
    await stage.submit(flow, RIGHT_CODE)
    await checking.reached.wait()
    await stage.handle(flow).cancel()
    checking.release()
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_whoever_waits_for_a_verdict_is_answered_when_the_flow_ends(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, seconds=200)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    waiting = asyncio.create_task(stage.check(flow, RIGHT_CODE))
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.flows.cancel(flow)
    assert (await waiting).verdict is Verdict.EXPIRED
    assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED


async def test_a_finished_flow_and_an_unknown_one_are_told_apart(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.check(flow, RIGHT_CODE)
    await stage.flows.result(flow)
    with pytest.raises(FinishedFlowError):
        await stage.submit(flow, RIGHT_CODE)
    with pytest.raises(FinishedFlowError):
        await stage.flows.resend(flow)
    with pytest.raises(UnknownFlowError):
        await stage.submit("enroll-nobody", RIGHT_CODE)
    with pytest.raises(UnknownFlowError):
        await stage.flows.view("enroll-nobody")


async def test_a_watcher_sees_each_change_until_the_end(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)

    async def phases() -> list[Phase]:
        return [view.phase async for view in stage.flows.watch(flow, timedelta(milliseconds=20))]

    watching = asyncio.create_task(phases())
    await stage.check(flow, RIGHT_CODE)
    seen = await watching
    assert seen[-1] is Phase.DONE


async def test_lists_show_phase_and_outcome(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.check(flow, RIGHT_CODE)
    await stage.flows.result(flow)

    async def listed() -> bool:
        return flow in [summary.flow_id async for summary in stage.flows.list("MfaOutcome = 'enrolled'")]

    await stage.eventually(listed)


@pytest.mark.parametrize("arguments", [[{"phone_number": "5550123"}], [{"phone_number": 5}], [{}], ["text"], [None]])
async def test_a_start_from_elsewhere_that_does_not_fit_fails_at_once_and_names_the_field(
    stage: Stage, arguments: list[object]
) -> None:
    flow = f"enroll-{uuid.uuid4()}"
    await stage.engine.client.start_workflow("EnrollmentWorkflow", args=arguments, id=flow, task_queue=stage.task_queue)
    with pytest.raises(FailedFlowError) as failed:
        await stage.flows.result(flow)
    assert "phone_number: " in str(failed.value) or "the payload: " in str(failed.value)
    assert "5550123" not in str(failed.value)
