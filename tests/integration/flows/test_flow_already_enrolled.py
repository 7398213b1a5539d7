"""A user who has a phone, and wants another."""

from pydantic import SecretStr

from phone_mfa.contracts import Channel, EnrollmentResult, Outcome, Phase, TokenSet, Verdict, WhenEnrolled, reveal
from phone_mfa.contracts.calls import Associate, Challenge, CheckCode, ListPhones, Refusal
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import ACCESS_TOKEN, NUMBER, OTHER_NUMBER, Stage


def a_user_with_a_phone(auth0: ScriptedAuth0, *, scope: str) -> None:
    auth0.list_phone(OTHER_NUMBER, active=True)
    auth0.refuse(Associate, Refusal.ALREADY_ENROLLED)
    auth0.tokens = TokenSet(access_token=SecretStr(ACCESS_TOKEN), expires_in=600, scope=scope)


async def test_by_default_the_flow_stops(stage: Stage, auth0: ScriptedAuth0) -> None:
    a_user_with_a_phone(auth0, scope="enroll")
    flow = await stage.enroll()
    result = await stage.flows.result(flow)
    assert (result.outcome, result.sends, auth0.calls(Challenge)) == (Outcome.ALREADY_ENROLLED, 0, 0)


async def test_a_flow_that_stops_tells_which_phone_the_user_has(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=False)
    a_user_with_a_phone(auth0, scope="enroll")
    flow = await stage.enroll()
    result = await stage.flows.result(flow)
    view = await stage.flows.view(flow)
    assert isinstance(result, EnrollmentResult)
    assert (result.outcome, result.enrolled_phone) == (Outcome.ALREADY_ENROLLED, "XXXXXXXX9876")
    assert (view.phone_number, view.enrolled_phone, view.phase) == ("XXXXXXXX0123", "XXXXXXXX9876", Phase.DONE)
    assert (auth0.calls(Associate), auth0.calls(ListPhones)) == (1, 1)


async def test_challenge_first_proves_the_phone_there_is_then_enrolls_the_new_one(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    a_user_with_a_phone(auth0, scope="openid enroll")
    flow = await stage.enroll(when_enrolled=WhenEnrolled.CHALLENGE_FIRST, channel=Channel.VOICE)
    view = await stage.message(flow, 1)
    assert (view.proving_current_phone, view.phone_number, view.channel) == (True, "XXXXXXXX9876", Channel.SMS)

    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    view = await stage.message(flow, 2)
    assert (view.proving_current_phone, view.phone_number, view.channel) == (False, "XXXXXXXX0123", Channel.VOICE)

    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    result = await stage.flows.result(flow)
    assert (result.outcome, result.phone_number, result.sends) == (Outcome.ENROLLED, "XXXXXXXX0123", 2)
    asked, checked = auth0.last(Associate), auth0.last(CheckCode)
    assert isinstance(asked, Associate) and isinstance(checked, CheckCode)
    assert reveal(asked.token) == reveal(checked.token) == ACCESS_TOKEN
    assert reveal(asked.phone_number) == NUMBER


async def test_without_scope_enroll_the_proved_user_stays_as_they_were(stage: Stage, auth0: ScriptedAuth0) -> None:
    a_user_with_a_phone(auth0, scope="openid")
    flow = await stage.enroll(when_enrolled=WhenEnrolled.CHALLENGE_FIRST)
    await stage.message(flow, 1)
    await stage.check(flow, RIGHT_CODE)
    result = await stage.flows.result(flow)
    assert result.outcome is Outcome.ALREADY_ENROLLED
    assert isinstance(result, EnrollmentResult)
    assert ("scope enroll" in result.note, result.enrolled_phone) == (True, "XXXXXXXX9876")
    assert auth0.calls(Associate) == 1


async def test_a_user_with_another_factor_but_no_phone_is_already_enrolled(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(Associate, Refusal.ALREADY_ENROLLED)
    flow = await stage.enroll(when_enrolled=WhenEnrolled.CHALLENGE_FIRST)
    result = await stage.flows.result(flow)
    assert (result.outcome, "no phone" in result.note) == (Outcome.ALREADY_ENROLLED, True)


async def test_a_number_changed_while_the_old_phone_is_proved_gets_the_code_afterwards(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    a_user_with_a_phone(auth0, scope="enroll")
    flow = await stage.enroll(when_enrolled=WhenEnrolled.CHALLENGE_FIRST)
    await stage.message(flow, 1)
    assert not (await stage.flows.change_number(flow, SecretStr("+15555550444"))).sent
    await stage.check(flow, RIGHT_CODE)
    assert (await stage.message(flow, 2)).phone_number == "XXXXXXXX0444"
    await stage.flows.cancel(flow)
    await stage.phase(flow, Phase.DONE)
