"""Two things at once, in the order that hurts."""

import pytest
from pydantic import SecretStr
from temporalio.client import WorkflowUpdateStage

from phone_mfa.contracts import Channel, Outcome, Phase, RecoveryCode, Verdict, WhenEnrolled, reveal
from phone_mfa.contracts.calls import (
    Associate,
    Challenge,
    CheckAnswer,
    CheckCode,
    CheckRecoveryCode,
    ListPhones,
    Refusal,
)
from tests.integration.flows.script import RIGHT_CODE, RIGHT_RECOVERY_CODE, ScriptedAuth0
from tests.integration.flows.stage import NUMBER, OTHER_NUMBER, Stage, patient

RECOVERY_CODE = RecoveryCode(recovery_code=SecretStr(RIGHT_RECOVERY_CODE))


@pytest.mark.parametrize("refusal", [Refusal.TOKEN_REFUSED, Refusal.SCOPE_MISSING])
async def test_a_fresh_token_that_comes_while_the_old_one_is_refused_is_used(
    stage: Stage, auth0: ScriptedAuth0, refusal: Refusal
) -> None:
    auth0.refuse(Associate, refusal)
    flow, sending = await stage.sending()
    renewal = await stage.handle(flow).start_update(
        "renew_mfa_token", {"mfa_token": "Fe26.2*a*fresh*token"}, wait_for_stage=WorkflowUpdateStage.ACCEPTED
    )
    sending.release()
    assert await renewal.result() == Phase.SENDING_CODE
    await stage.message(flow, 1)
    assert auth0.calls(Associate) == 2


async def test_a_recovery_code_refused_for_want_of_a_login_may_be_tried_again(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    await stage.message(flow, 1)
    await stage.later(flow, minutes=10)
    assert (await stage.flows.check_recovery_code(flow, RECOVERY_CODE)).verdict is Verdict.EXPIRED
    await stage.renew(flow)
    assert (await stage.flows.check_recovery_code(flow, RECOVERY_CODE)).verdict is Verdict.ACCEPTED


async def test_a_recovery_code_refused_for_a_while_may_be_tried_again(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    auth0.refuse(CheckRecoveryCode, Refusal.TOO_MANY_CODES, 60)
    flow = await stage.challenge()
    await stage.message(flow, 1)
    assert (await stage.flows.check_recovery_code(flow, RECOVERY_CODE)).verdict is Verdict.LOCKED_OUT
    await stage.later(flow, seconds=61)
    assert (await stage.flows.check_recovery_code(flow, RECOVERY_CODE)).verdict is Verdict.ACCEPTED


async def test_a_number_is_not_changed_while_it_is_looked_up_whether_the_old_one_is_enrolled(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.list_phone(NUMBER, active=True)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    looking = auth0.hold(ListPhones)
    await stage.submit(flow, RIGHT_CODE)
    await looking.reached.wait()
    change = await stage.handle(flow).start_update(
        "change_phone_number", {"phone_number": OTHER_NUMBER}, wait_for_stage=WorkflowUpdateStage.ACCEPTED
    )
    looking.release()
    result = await stage.flows.result(flow)
    assert (result.outcome, result.phone_number) == (Outcome.ENROLLED, "XXXXXXXX0123")
    assert not (await change.result())["sent"]


async def test_a_lost_check_is_looked_up_until_the_list_answers(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    auth0.then(CheckCode, CheckAnswer(refusal=Refusal.CODE_EXPIRED))
    auth0.refuse(ListPhones, Refusal.NOT_REACHED)
    auth0.refuse(ListPhones, Refusal.NOT_REACHED)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.submit(flow, RIGHT_CODE)
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.later(flow, seconds=5)
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED
    assert (auth0.calls(CheckCode), auth0.calls(ListPhones)) == (1, 3)


async def test_nothing_is_sent_once_the_flow_was_cancelled(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    looking = auth0.hold(ListPhones)
    flow = await stage.challenge()
    await looking.reached.wait()
    await stage.flows.cancel(flow)
    looking.release()
    assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED
    assert auth0.calls(Challenge) == 0


async def test_a_code_that_dies_while_auth0_wants_to_be_left_alone_gets_its_verdict_then(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, 3600)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.submit(flow, RIGHT_CODE)
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.later(flow, minutes=5)
    view = await stage.until(flow, lambda view: view.last_verdict is not None)
    assert view.last_verdict and view.last_verdict.verdict is Verdict.EXPIRED


async def test_the_phone_is_not_called_while_a_code_waits_for_its_check(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, 120)
    flow = await stage.enroll(policy=patient(voice_after_seconds=60))
    await stage.message(flow, 1)
    await stage.submit(flow, RIGHT_CODE)
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.later(flow, seconds=125)
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED
    assert auth0.calls(Associate) == 1


async def test_a_switch_that_could_not_be_delivered_leaves_the_channel_that_worked(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll(policy=patient(resend_after_seconds=(0,)))
    await stage.message(flow, 1)
    auth0.refuse(Associate, Refusal.UNDELIVERABLE)
    receipt = await stage.flows.switch_channel(flow, Channel.VOICE)
    assert (receipt.sent, receipt.channel) == (False, Channel.SMS)
    assert (await stage.flows.view(flow)).channel is Channel.SMS


async def test_a_list_auth0_puts_off_for_long_leaves_the_flow_open_to_a_cancel(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.refuse(ListPhones, Refusal.RATE_LIMITED, 3600)
    flow = await stage.challenge()
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.flows.cancel(flow)
    assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED


async def test_a_login_does_not_replace_the_token_that_a_proof_gave(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    auth0.refuse(Associate, Refusal.ALREADY_ENROLLED)
    auth0.refuse(Associate, Refusal.RATE_LIMITED, 1)
    flow = await stage.enroll(phone_number=OTHER_NUMBER, when_enrolled=WhenEnrolled.CHALLENGE_FIRST)
    await stage.message(flow, 1)
    await stage.check(flow, RIGHT_CODE)
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.renew(flow)
    await stage.later(flow, seconds=2)
    await stage.message(flow, 2)
    asked = auth0.last(Associate)
    assert isinstance(asked, Associate) and reveal(asked.token) == "an-access-token"
