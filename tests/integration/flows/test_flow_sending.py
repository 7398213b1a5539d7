"""When a message is sent, and when not."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from phone_mfa.client import FailedFlowError
from phone_mfa.contracts import Action, Channel, Outcome, Phase, Verdict, reveal
from phone_mfa.contracts.calls import Associate, CheckCode, ListPhones, Refusal, RemovePending
from tests.integration.flows.script import FIRST_RECOVERY_CODE, RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import ACCESS_TOKEN, NUMBER, OTHER_NUMBER, Stage, patient, phone_number


async def test_a_resend_is_too_early_until_its_schedule_says_so(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    view = await stage.message(flow, 1)
    early = await stage.flows.resend(flow)
    assert (early.sent, early.allowed_at, auth0.calls(Associate)) == (False, view.resend_allowed_at, 1)
    assert view.sent_at and early.allowed_at == view.sent_at + timedelta(seconds=30)

    await stage.later(flow, seconds=30)
    second = await stage.flows.resend(flow)
    assert (second.sent, second.message, second.sends_left, auth0.calls(Associate)) == (True, 2, 3, 2)
    now = await stage.now(flow)
    assert second.allowed_at and timedelta(seconds=35) < second.allowed_at - now <= timedelta(seconds=40)


async def test_who_only_looks_sees_when_a_message_may_be_asked_for(stage: Stage) -> None:
    flow = await stage.enroll()
    early = await stage.message(flow, 1)
    await stage.later(flow, seconds=31)

    late = await stage.until(flow, lambda view: Action.RESEND in view.allowed_actions)

    assert not {Action.RESEND, Action.SWITCH_CHANNEL} & set(early.allowed_actions)
    assert Action.SWITCH_CHANNEL in late.allowed_actions


async def test_two_resends_at_once_send_one_message(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)
    receipts = await asyncio.gather(stage.flows.resend(flow), stage.flows.resend(flow))
    assert auth0.calls(Associate) == 2
    assert any(receipt.sent for receipt in receipts)


async def test_the_recovery_code_of_the_first_associate_is_kept_to_the_end(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)
    await stage.flows.resend(flow)
    await stage.check(flow, RIGHT_CODE)
    result = await stage.flows.result(flow)
    assert result.recovery_code and reveal(result.recovery_code) == FIRST_RECOVERY_CODE


async def test_a_flow_whose_messages_are_used_up_locks_when_the_last_code_ends(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll(policy=patient(sends=2))
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)
    await stage.flows.resend(flow)
    spent = await stage.flows.resend(flow)
    assert (spent.sent, spent.allowed_at, spent.sends_left) == (False, None, 0)
    await stage.later(flow, minutes=6)
    assert (await stage.flows.result(flow)).outcome is Outcome.LOCKED_OUT
    assert auth0.calls(Associate) == 2


async def test_the_channel_can_be_switched(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)
    receipt = await stage.flows.switch_channel(flow, Channel.VOICE)
    asked = auth0.last(Associate)
    assert (receipt.sent, receipt.channel) == (True, Channel.VOICE)
    assert isinstance(asked, Associate) and asked.channel is Channel.VOICE
    await stage.check(flow, RIGHT_CODE)
    assert (await stage.flows.result(flow)).channel is Channel.VOICE


async def test_a_channel_the_tenant_lacks_leaves_the_one_that_works(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)
    auth0.refuse(Associate, Refusal.CHANNEL_DISABLED)
    receipt = await stage.flows.switch_channel(flow, Channel.VOICE)
    assert (receipt.sent, receipt.channel) == (False, Channel.SMS)
    assert receipt.reason == "Codes cannot be sent to this phone by voice."
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_flow_on_a_channel_the_tenant_lacks_fails_so_that_somebody_acts(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.refuse(Associate, Refusal.CHANNEL_DISABLED)
    flow = await stage.enroll(channel=Channel.VOICE)
    with pytest.raises(FailedFlowError, match="does not send codes by voice"):
        await stage.flows.result(flow)


async def test_rejected_client_credentials_fail_the_flow_with_one_sentence(stage: Stage, auth0: ScriptedAuth0) -> None:
    sentence = "Auth0 does not accept the credentials of our application."
    auth0.then(Associate, ApplicationError(sentence, type="ClientRejectedError", non_retryable=True))
    flow = await stage.enroll()
    with pytest.raises(FailedFlowError, match=sentence):
        await stage.flows.result(flow)
    assert auth0.calls(Associate) == 1


async def test_the_phone_is_called_when_asked_for_and_no_code_came(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(policy=patient(voice_after_seconds=60))
    await stage.message(flow, 1)
    await stage.later(flow, seconds=61)
    view = await stage.message(flow, 2)
    assert view.channel is Channel.VOICE
    await stage.later(flow, minutes=4)
    assert auth0.calls(Associate) == 2
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_another_number_gets_the_next_code_at_once(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    receipt = await stage.flows.change_number(flow, phone_number(OTHER_NUMBER))
    asked = auth0.last(Associate)
    assert (receipt.sent, receipt.message, receipt.phone_number) == (True, 2, "XXXXXXXX9876")
    assert isinstance(asked, Associate) and reveal(asked.phone_number) == OTHER_NUMBER
    assert (await stage.check(flow, RIGHT_CODE, message=1)).verdict is Verdict.SUPERSEDED
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert (await stage.flows.result(flow)).phone_number == "XXXXXXXX9876"
    assert auth0.calls(RemovePending) == 0  # an mfa_token may not


async def test_the_number_left_behind_is_removed_where_the_token_allows_it(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(token=ACCESS_TOKEN)
    await stage.message(flow, 1)
    await stage.flows.change_number(flow, phone_number(OTHER_NUMBER))
    await stage.check(flow, RIGHT_CODE)
    await stage.flows.result(flow)
    removed = auth0.last(RemovePending)
    assert isinstance(removed, RemovePending) and reveal(removed.phone_number) == NUMBER
    assert auth0.calls(RemovePending) == 1


async def test_the_same_number_again_is_a_resend(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    assert not (await stage.flows.change_number(flow, phone_number(NUMBER))).sent
    assert auth0.calls(Associate) == 1


async def test_a_number_auth0_cannot_deliver_to_ends_the_flow(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(Associate, Refusal.UNDELIVERABLE)
    flow = await stage.enroll()
    assert (await stage.flows.result(flow)).outcome is Outcome.UNDELIVERABLE


async def test_a_later_message_that_cannot_be_delivered_leaves_the_code_before_good(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)
    auth0.refuse(Associate, Refusal.UNDELIVERABLE)
    assert not (await stage.flows.resend(flow)).sent
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_blocked_user_is_locked_out(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(Associate, Refusal.USER_BLOCKED)
    flow = await stage.enroll()
    assert (await stage.flows.result(flow)).outcome is Outcome.LOCKED_OUT


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [(Refusal.RATE_LIMITED, 90.0), (Refusal.TOO_MANY_SENDS, 900.0), (Refusal.NOT_REACHED, 20.0)],
)
async def test_a_send_auth0_puts_off_is_made_when_it_may_be(
    stage: Stage, auth0: ScriptedAuth0, refusal: Refusal, seconds: float
) -> None:
    auth0.refuse(Associate, refusal, seconds)
    flow = await stage.enroll()
    view = await stage.phase(flow, Phase.COOLING_DOWN)
    now = await stage.now(flow)
    assert view.retry_at and timedelta(seconds=seconds - 5) < view.retry_at - now <= timedelta(seconds=seconds)
    assert view.sends_left == 5
    await stage.renew(flow)  # one that outlives the wait
    await stage.later(flow, seconds=seconds + 1)
    if refusal is Refusal.TOO_MANY_SENDS:
        await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
        await stage.renew(flow, "Fe26.2*an*even*fresher*token")
    assert (await stage.message(flow, 1)).sends_left == 4
    assert auth0.calls(Associate) == 2


async def test_an_unreachable_auth0_is_asked_again_ever_more_slowly(stage: Stage, auth0: ScriptedAuth0) -> None:
    for _ in range(4):
        auth0.refuse(Associate, Refusal.NOT_REACHED)
    flow = await stage.enroll()
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.later(flow, seconds=20)  # 1 + 2 + 4 + 8
    assert (await stage.message(flow, 1)).sends_left == 4
    assert auth0.calls(Associate) == 5


async def test_an_associate_whose_answer_was_lost_is_followed_by_exactly_one_more(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.refuse(Associate, Refusal.AMBIGUOUS)
    auth0.list_phone(NUMBER, active=False)
    flow = await stage.enroll()
    view = await stage.message(flow, 2)
    assert (view.sends_left, "A recovery code may have been lost" in view.note) == (3, True)
    assert [type(request) for request in auth0.heard] == [Associate, ListPhones, Associate]
    await stage.check(flow, RIGHT_CODE)
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED
    assert await stage.scheduled(flow, "associate_phone") == 2


async def test_after_two_lost_answers_a_person_decides(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(Associate, Refusal.AMBIGUOUS)
    auth0.refuse(Associate, Refusal.AMBIGUOUS)
    flow = await stage.enroll()
    view = await stage.until(flow, lambda view: view.sends_left == 3 and view.phase is Phase.WAITING_FOR_CODE)
    assert view.note.startswith("Auth0's answers to the last sends were lost")
    await stage.later(flow, minutes=5)
    assert auth0.calls(Associate) == 2
    assert (await stage.flows.resend(flow)).sent
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_worker_that_stops_between_send_and_code_loses_nothing(vacant_stage: Stage) -> None:
    stage = vacant_stage
    async with stage.worker():
        flow = await stage.enroll()
        await stage.message(flow, 1)
    await stage.submit(flow, RIGHT_CODE)
    async with stage.worker():
        result = await stage.flows.result(flow)
    assert (result.outcome, stage.auth0.calls(Associate), stage.auth0.calls(CheckCode)) == (Outcome.ENROLLED, 1, 1)
