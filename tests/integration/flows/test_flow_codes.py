"""What becomes of a code."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateStage

from phone_mfa.client import FinishedFlowError, RefusedMessageError
from phone_mfa.contracts import Outcome, Phase, Verdict
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal
from phone_mfa.contracts.types import TOKEN_LIFETIME
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import Stage, patient
from worker import build_call_worker, build_flow_worker
from workflows.engine_limits import MOST_AT_ONCE

WRONG_CODE = "271828"


async def test_a_signalled_code_enrolls_too(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.submit(flow, RIGHT_CODE)
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_spaces_and_hyphens_in_a_code_are_forgiven(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    assert (await stage.check(flow, f" {RIGHT_CODE[:3]}-{RIGHT_CODE[3:]} ")).verdict is Verdict.ACCEPTED


async def test_a_code_that_arrives_before_the_send_finished_waits_for_it(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow, sending = await stage.sending()
    await stage.submit(flow, RIGHT_CODE)
    assert (await stage.flows.view(flow)).phase is Phase.SENDING_CODE
    sending.release()
    result = await stage.flows.result(flow)
    assert (result.outcome, auth0.calls(Associate), auth0.calls(CheckCode)) == (Outcome.ENROLLED, 1, 1)


async def test_the_same_wrong_code_twice_costs_one_try(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    first, second = await stage.check(flow, WRONG_CODE), await stage.check(flow, WRONG_CODE)
    assert (first.verdict, first.tries_left) == (second.verdict, second.tries_left) == (Verdict.WRONG, 4)
    assert auth0.calls(CheckCode) == 1
    assert (await stage.flows.view(flow)).wrong_codes == 1


async def test_two_codes_at_once_each_get_their_verdict(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    checking = auth0.hold(CheckCode)
    wrong = asyncio.create_task(stage.check(flow, WRONG_CODE))
    await checking.reached.wait()
    right = asyncio.create_task(stage.check(flow, RIGHT_CODE))
    checking.release()
    assert [(await wrong).verdict, (await right).verdict] == [Verdict.WRONG, Verdict.ACCEPTED]
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_a_code_behind_the_right_one_is_superseded(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    checking = auth0.hold(CheckCode)
    right = asyncio.create_task(stage.check(flow, RIGHT_CODE))
    await checking.reached.wait()
    late = asyncio.create_task(stage.check(flow, WRONG_CODE))
    await stage.until(flow, lambda view: view.phase is Phase.CHECKING_CODE)
    checking.release()
    assert (await right).verdict is Verdict.ACCEPTED
    with contextlib.suppress(FinishedFlowError):  # when the engine heard of it only after the end
        assert (await late).verdict is Verdict.SUPERSEDED
    assert auth0.calls(CheckCode) == 1


async def test_a_signal_and_then_an_update_with_the_same_code_ask_auth0_once(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    checking = auth0.hold(CheckCode)
    await stage.submit(flow, RIGHT_CODE)
    await checking.reached.wait()
    check = await stage.handle(flow).start_update(
        "check_binding_code", {"code": RIGHT_CODE}, wait_for_stage=WorkflowUpdateStage.ACCEPTED
    )
    checking.release()
    assert (await check.result())["verdict"] == Verdict.ACCEPTED
    assert auth0.calls(CheckCode) == 1


async def test_the_same_submission_gets_the_same_verdict_even_when_the_flow_is_over(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    first = await stage.check(flow, RIGHT_CODE, submission_id="once")
    await stage.flows.result(flow)
    again = await stage.check(flow, RIGHT_CODE, submission_id="once")
    assert first == again
    assert again.submission_id == "once"


async def test_a_code_for_a_replaced_message_is_superseded(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)
    assert (await stage.flows.resend(flow)).sent
    old = await stage.check(flow, RIGHT_CODE, message=1)
    assert (old.verdict, auth0.calls(CheckCode)) == (Verdict.SUPERSEDED, 0)
    assert (await stage.check(flow, RIGHT_CODE, message=2)).verdict is Verdict.ACCEPTED


async def test_a_code_is_expired_five_minutes_after_it_was_sent(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    view = await stage.message(flow, 1)
    assert view.sent_at and view.code_expires_at == view.sent_at + timedelta(minutes=5)
    await stage.later(flow, seconds=301)
    late = await stage.check(flow, RIGHT_CODE)
    assert (late.verdict, auth0.calls(CheckCode)) == (Verdict.EXPIRED, 0)


async def test_a_code_after_the_deadline_while_the_worker_was_down_is_too_late(vacant_stage: Stage) -> None:
    stage = vacant_stage
    async with stage.worker():
        flow = await stage.enroll(flow_seconds=60)
        await stage.message(flow, 1)
    await stage.later(flow, seconds=61)
    await stage.submit(flow, RIGHT_CODE)
    async with stage.worker():
        result = await stage.flows.result(flow)
    assert (result.outcome, stage.auth0.calls(CheckCode)) == (Outcome.EXPIRED, 0)


async def test_a_code_typed_in_time_is_expired_when_no_worker_can_have_it_checked_in_time(vacant_stage: Stage) -> None:
    stage, client = vacant_stage, vacant_stage.engine.client
    issued_at = datetime.now(UTC) - TOKEN_LIFETIME + timedelta(seconds=8)
    async with build_flow_worker(client, stage.auth0.all, task_queue=stage.task_queue, limited=True):
        async with build_call_worker(client, stage.auth0.all, task_queue=stage.task_queue):
            flow = await stage.enroll(mfa_token_issued_at=issued_at)
            ends_at = (await stage.message(flow, 1)).code_expires_at
        await stage.submit(flow, RIGHT_CODE, submission_id="once")
        await stage.phase(flow, Phase.CHECKING_CODE)
        await asyncio.sleep((issued_at + TOKEN_LIFETIME - datetime.now(UTC)).total_seconds() + 0.5)
        async with build_call_worker(client, stage.auth0.all, task_queue=stage.task_queue):
            verdict = await stage.check(flow, RIGHT_CODE, submission_id="once")
    assert ends_at == issued_at + TOKEN_LIFETIME
    assert (verdict.verdict, verdict.reason) == (Verdict.EXPIRED, "The code has expired.")
    assert (verdict.tries_left, stage.auth0.calls(CheckCode)) == (5, 0)


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "", "123 45"])
async def test_a_malformed_code_is_refused_before_it_costs_a_try(stage: Stage, auth0: ScriptedAuth0, code: str) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    with pytest.raises(RefusedMessageError, match=r"^code must be 6 digits\.$"):
        await stage.check(flow, code)
    with pytest.raises(RefusedMessageError, match=r"^code must be 6 digits\.$"):
        await stage.submit(flow, code)
    assert auth0.calls(CheckCode) == 0


async def test_a_malformed_signal_from_elsewhere_is_dropped(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.handle(flow).signal("submit_binding_code", {"code": "12", "a_field_of_tomorrow": True})
    await stage.handle(flow).signal("submit_binding_code", ["not", "a", "code"])
    await stage.handle(flow).signal("submit_binding_code", None)
    await stage.handle(flow).signal("submit_binding_code")
    await stage.handle(flow).signal("provide_mfa_token", {"mfa_token": "two words"})
    await stage.handle(flow).signal("provide_mfa_token")
    await stage.handle(flow).signal("no_such_signal", {})
    await stage.handle(flow).signal("submit_binding_code", args=[{"code": "12"}, {"code": "12"}])
    await stage.handle(flow).signal("submit_binding_code", {"code": RIGHT_CODE, "a_field_of_tomorrow": True})
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED
    assert auth0.calls(CheckCode) == 1


@pytest.mark.parametrize(
    "code", [{"code": "12"}, {"code": "1" * 65}, ["not", "a", "code"]], ids=["short", "long", "none"]
)
async def test_the_view_tells_of_a_malformed_code_by_signal_until_the_next_verdict(
    stage: Stage, auth0: ScriptedAuth0, code: object
) -> None:
    flow = await stage.enroll()
    before = await stage.message(flow, 1)
    await stage.handle(flow).signal("submit_binding_code", code)
    told = await stage.until(flow, lambda view: view.malformed_code_at is not None)
    await stage.handle(flow).signal("submit_binding_code", code)
    await stage.check(flow, WRONG_CODE)
    after = await stage.flows.view(flow)
    assert (before.malformed_code_at, after.malformed_code_at) == (None, None)
    assert (told.tries_left, told.last_verdict, auth0.calls(CheckCode)) == (5, None, 1)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_code_is_checked_as_it_was_meant_however_it_was_pasted(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.submit(flow, f"\u2068{WRONG_CODE}\u2069")
    assert (await stage.check(flow, f"{WRONG_CODE[:3]}\u2014{WRONG_CODE[3:]}")).tries_left == 4
    assert (await stage.check(flow, RIGHT_CODE * 2)).verdict is Verdict.ACCEPTED
    assert auth0.calls(CheckCode) == 2


@pytest.mark.parametrize("update", ["check_binding_code", "renew_mfa_token", "switch_channel", "change_phone_number"])
@pytest.mark.parametrize("arguments", [[], [None], ["text"], [{"code": 5}, {}]])
async def test_a_malformed_update_from_elsewhere_is_refused_and_hangs_nothing(
    stage: Stage, update: str, arguments: list[object]
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    with pytest.raises(WorkflowUpdateFailedError):
        await stage.handle(flow).execute_update(update, args=arguments)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_the_last_wrong_code_the_flow_forgives_not_locks_it(stage: Stage) -> None:
    flow = await stage.enroll(policy=patient(wrong_codes=2))
    await stage.message(flow, 1)
    first, last = await stage.check(flow, "000001"), await stage.check(flow, "000002")
    assert (first.verdict, first.tries_left) == (Verdict.WRONG, 1)
    assert (last.verdict, last.tries_left) == (Verdict.LOCKED_OUT, 0)
    result = await stage.flows.result(flow)
    assert (result.outcome, result.wrong_codes) == (Outcome.LOCKED_OUT, 2)


async def test_too_many_failed_codes_at_auth0_cools_the_flow_down(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(CheckCode, Refusal.TOO_MANY_CODES)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    locked = await stage.check(flow, RIGHT_CODE)
    assert locked.verdict is Verdict.LOCKED_OUT
    assert locked.retry_at == (await stage.phase(flow, Phase.COOLING_DOWN)).retry_at
    assert (await stage.check(flow, WRONG_CODE)).verdict is Verdict.LOCKED_OUT
    assert auth0.calls(CheckCode) == 1

    await stage.later(flow, minutes=6)
    assert (await stage.flows.resend(flow)).sent
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_rate_limited_check_is_made_after_the_time_auth0_asks_for(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, seconds=40)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    verdict = asyncio.create_task(stage.check(flow, RIGHT_CODE))
    view = await stage.phase(flow, Phase.COOLING_DOWN)
    now = await stage.now(flow)
    assert view.retry_at and timedelta(seconds=35) < view.retry_at - now <= timedelta(seconds=40)
    await stage.later(flow, seconds=41)
    assert (await verdict).verdict is Verdict.ACCEPTED
    assert auth0.calls(CheckCode) == 2


async def test_more_codes_than_one_step_decides_on_that_came_without_a_worker_are_all_decided_on(
    vacant_stage: Stage, auth0: ScriptedAuth0
) -> None:
    stage = vacant_stage
    async with stage.worker():
        flow = await stage.enroll()
        await stage.message(flow, 1)
    for _ in range(MOST_AT_ONCE + 50):
        await stage.submit(flow, "000000", submission_id="once")
    async with stage.worker():
        assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
        assert (await stage.flows.result(flow)).wrong_codes == 1
    assert auth0.calls(CheckCode) == 2
