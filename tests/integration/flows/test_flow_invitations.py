"""A user who is invited: signs in by a link, and the token of that sign-in enrolls the phone."""

import pytest

from phone_mfa.client import RefusedMessageError
from phone_mfa.contracts import Action, EnrollmentResult, Outcome, Phase, Verdict, WaitReason, WhenEnrolled, reveal
from phone_mfa.contracts.calls import Associate, ListPhones, Refusal
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import ACCESS_TOKEN, NUMBER, OTHER_NUMBER, Stage


async def test_nothing_is_sent_before_the_user_signs_in_and_the_token_of_the_sign_in_enrolls(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll(token=None, invited=True)
    view = await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    assert view.wait and view.wait.reason is WaitReason.NOT_SIGNED_IN
    assert (view.invitation, Action.REVOKE_INVITATION in view.allowed_actions) == (1, True)
    assert not auth0.heard

    await stage.renew(flow, ACCESS_TOKEN)
    await stage.message(flow, 1)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED

    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED
    asked = auth0.last(Associate)
    assert isinstance(asked, Associate) and reveal(asked.token) == ACCESS_TOKEN


async def test_a_user_who_has_a_phone_gets_no_message(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(OTHER_NUMBER, active=True)
    flow = await stage.enroll(token=None, invited=True)
    await stage.renew(flow, ACCESS_TOKEN)

    result = await stage.flows.result(flow)

    assert isinstance(result, EnrollmentResult)
    assert (result.outcome, result.enrolled_phone) == (Outcome.ALREADY_ENROLLED, "XXXXXXXX9876")
    assert auth0.calls(Associate) == 0


async def test_a_phone_that_was_never_confirmed_is_no_phone(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=False)
    flow = await stage.enroll(token=None, invited=True)
    await stage.renew(flow, ACCESS_TOKEN)
    await stage.message(flow, 1)


async def test_a_further_phone_is_enrolled_if_that_is_wanted_since_the_sign_in_proved_the_first(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.list_phone(OTHER_NUMBER, active=True)
    flow = await stage.enroll(token=None, invited=True, when_enrolled=WhenEnrolled.CHALLENGE_FIRST)
    await stage.renew(flow, ACCESS_TOKEN)

    await stage.message(flow, 1)

    assert (auth0.calls(Associate), auth0.calls(ListPhones)) == (1, 0)


async def test_the_phones_are_listed_again_until_auth0_tells_them(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(ListPhones, Refusal.RATE_LIMITED, 5)
    flow = await stage.enroll(token=None, invited=True)
    await stage.renew(flow, ACCESS_TOKEN)
    await stage.phase(flow, Phase.COOLING_DOWN)

    await stage.later(flow, seconds=6)

    await stage.message(flow, 1)
    assert auth0.calls(ListPhones) == 2


async def test_phones_are_listed_once_in_a_flow(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(token=None, invited=True)
    await stage.renew(flow, ACCESS_TOKEN)
    await stage.message(flow, 1)
    await stage.later(flow, seconds=31)

    await stage.flows.resend(flow)

    await stage.message(flow, 2)
    assert auth0.calls(ListPhones) == 1


async def test_revoking_the_links_shows_in_the_view_and_costs_nothing_else(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(token=None, invited=True)

    assert await stage.flows.revoke_invitation(flow) is Phase.WAITING_FOR_TOKEN

    assert (await stage.until(flow, lambda view: view.invitation == 2)).phase is Phase.WAITING_FOR_TOKEN
    assert not auth0.heard


async def test_a_flow_without_an_invitation_has_no_links_to_revoke(stage: Stage) -> None:
    flow = await stage.enroll()

    with pytest.raises(RefusedMessageError, match="not invited"):
        await stage.flows.revoke_invitation(flow)
