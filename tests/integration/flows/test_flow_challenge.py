"""A challenge of a phone that is enrolled."""

import pytest
from pydantic import SecretStr

from phone_mfa.client import Flows, RefusedMessageError
from phone_mfa.contracts import ChallengeResult, Channel, Outcome, Phase, RecoveryCode, Verdict, reveal
from phone_mfa.contracts.calls import Associate, Challenge, CheckCode, CheckRecoveryCode, ListPhones, Refusal
from tests.integration.flows.script import NEW_RECOVERY_CODE, RIGHT_CODE, RIGHT_RECOVERY_CODE, ScriptedAuth0
from tests.integration.flows.stage import NUMBER, Stage, patient


def recovery(text: str) -> RecoveryCode:
    return RecoveryCode(recovery_code=SecretStr(text))


async def test_a_right_code_verifies_the_user(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    view = await stage.message(flow, 1)
    assert (view.channel, view.phone_number) == (Channel.SMS, "XXXXXXXX0123")
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    result = await stage.flows.result(flow)
    assert result.outcome is Outcome.VERIFIED
    assert isinstance(result, ChallengeResult)
    assert result.tokens and reveal(result.tokens.access_token) == "an-access-token"
    assert auth0.calls(Associate) == 0


async def test_a_user_without_an_active_phone_is_not_enrolled(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=False)
    flow = await stage.challenge()
    assert (await stage.flows.result(flow)).outcome is Outcome.NOT_ENROLLED
    assert auth0.calls(Challenge) == 0


async def test_the_phone_asked_for_is_challenged_on_the_channel_asked_for(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True, channels=(Channel.SMS, Channel.VOICE))
    flow = await stage.challenge(channel=Channel.VOICE, authenticator_id="sms|dev_0123")
    assert (await stage.message(flow, 1)).channel is Channel.VOICE
    asked = auth0.last(Challenge)
    assert isinstance(asked, Challenge) and asked.authenticator_id == "voice|dev_0123"


async def test_a_phone_not_listed_is_not_enrolled(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge(authenticator_id="sms|dev_of_somebody_else")
    assert (await stage.flows.result(flow)).outcome is Outcome.NOT_ENROLLED


async def test_a_challenge_can_be_switched_to_the_phones_other_channel(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True, channels=(Channel.SMS, Channel.VOICE))
    flow = await stage.challenge()
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)
    receipt = await stage.flows.switch_channel(flow, Channel.VOICE)
    assert (receipt.sent, receipt.channel, auth0.calls(Challenge)) == (True, Channel.VOICE, 2)


async def test_a_channel_the_phone_lacks_leaves_the_one_it_has(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)
    assert not (await stage.flows.switch_channel(flow, Channel.VOICE)).sent
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_challenge_whose_answer_was_lost_is_sent_once_more(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    auth0.refuse(Challenge, Refusal.AMBIGUOUS)
    flow = await stage.challenge()
    await stage.message(flow, 2)
    assert auth0.calls(Challenge) == 2


async def test_a_phone_removed_in_between_is_looked_for_again(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    auth0.refuse(Challenge, Refusal.AUTHENTICATOR_GONE)
    flow = await stage.challenge()
    await stage.phase(flow, Phase.COOLING_DOWN)
    auth0.phones_listed = ()
    await stage.later(flow, seconds=2)
    assert (await stage.flows.result(flow)).outcome is Outcome.NOT_ENROLLED
    assert auth0.calls(ListPhones) == 2


async def test_a_recovery_code_finishes_a_challenge_and_is_replaced(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    await stage.message(flow, 1)
    verdict = await stage.flows.check_recovery_code(flow, recovery(RIGHT_RECOVERY_CODE.lower()))
    result = await stage.flows.result(flow)
    assert (verdict.verdict, result.outcome) == (Verdict.ACCEPTED, Outcome.VERIFIED)
    assert result.recovery_code and reveal(result.recovery_code) == NEW_RECOVERY_CODE
    assert auth0.calls(CheckCode) == 0


async def test_a_wrong_recovery_code_costs_a_try_and_the_phone_still_works(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge(policy=patient(wrong_codes=2))
    await stage.message(flow, 1)
    wrong = await stage.flows.check_recovery_code(flow, recovery("W" * 24))
    assert (wrong.verdict, wrong.tries_left) == (Verdict.WRONG, 1)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_malformed_recovery_code_is_refused(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    await stage.message(flow, 1)
    with pytest.raises(RefusedMessageError, match="recovery_code must be 24 letters and digits"):
        await stage.flows.check_recovery_code(flow, recovery("SHORT"))
    assert auth0.calls(CheckRecoveryCode) == 0


async def test_challenges_and_enrollments_of_a_user_are_different_flows(stage: Stage) -> None:
    flows: Flows = stage.flows
    assert flows.flow_id("enroll", "ada") != flows.flow_id("challenge", "ada")
    assert flows.flow_id("enroll", "ada") != flows.flow_id("enroll", "bob")


async def test_a_wrong_code_ends_a_challenge_when_its_tries_are_used_up(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge(policy=patient(wrong_codes=1))
    await stage.message(flow, 1)
    assert (await stage.check(flow, "000001")).verdict is Verdict.LOCKED_OUT
    assert (await stage.flows.result(flow)).outcome is Outcome.LOCKED_OUT
