"""A code was checked, and Auth0's answer was lost: was it right?"""

from phone_mfa.contracts import Outcome, Phase, Verdict
from phone_mfa.contracts.calls import Associate, Challenge, CheckCode, ListPhones, Refusal
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import NUMBER, Stage


async def test_a_phone_listed_as_active_is_enrolled_though_the_tokens_are_lost(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    auth0.list_phone(NUMBER, active=True)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    result = await stage.flows.result(flow)
    assert (result.outcome, auth0.calls(CheckCode)) == (Outcome.ENROLLED, 1)
    assert "lost" in result.note


async def test_a_phone_listed_as_pending_has_the_same_code_checked_once_more(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    auth0.list_phone(NUMBER, active=False)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    result = await stage.flows.result(flow)
    assert (result.outcome, auth0.calls(CheckCode)) == (Outcome.ENROLLED, 2)


async def test_a_list_the_used_up_token_cannot_see_is_made_up_for_with_a_fresh_one(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    auth0.refuse(ListPhones, Refusal.TOKEN_REFUSED)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.SUPERSEDED
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    auth0.refuse(Associate, Refusal.ALREADY_ENROLLED)
    auth0.list_phone(NUMBER, active=True)
    await stage.renew(flow)
    result = await stage.flows.result(flow)
    assert (result.outcome, result.sends) == (Outcome.ENROLLED, 1)


async def test_an_unreachable_list_leaves_the_code_to_be_checked_again(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    auth0.refuse(ListPhones, Refusal.NOT_REACHED)
    await stage.submit(flow, RIGHT_CODE)
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.later(flow, seconds=5)
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_a_challenge_checks_the_same_code_once_more(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    await stage.message(flow, 1)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert (await stage.flows.result(flow)).outcome is Outcome.VERIFIED
    assert (auth0.calls(CheckCode), auth0.calls(Challenge)) == (2, 1)


async def test_a_challenge_whose_second_check_says_wrong_sends_a_new_code_and_says_why(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    await stage.message(flow, 1)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    auth0.refuse(CheckCode, Refusal.CODE_WRONG)
    verdict = await stage.check(flow, RIGHT_CODE)
    assert (verdict.verdict, verdict.tries_left) == (Verdict.SUPERSEDED, 5)
    view = await stage.message(flow, 2)
    assert (view.note, view.wrong_codes) == ("Auth0's answer to a code was lost, so a new code is needed.", 0)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert auth0.calls(Challenge) == 2


async def test_a_check_lost_twice_sends_a_new_code(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    await stage.message(flow, 1)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.SUPERSEDED
    await stage.message(flow, 2)


async def test_a_challenge_whose_token_was_used_up_asks_for_a_login(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = await stage.challenge()
    await stage.message(flow, 1)
    auth0.refuse(CheckCode, Refusal.AMBIGUOUS)
    auth0.refuse(CheckCode, Refusal.TOKEN_REFUSED)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.SUPERSEDED
    await stage.phase(flow, Phase.WAITING_FOR_TOKEN)
    await stage.renew(flow)
    await stage.message(flow, 2)
