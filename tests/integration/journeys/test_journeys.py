"""Whole flows against the pretend tenant: the phone in the hand decides what is typed."""

import httpx
import pytest
from pydantic import SecretStr

from emulator.tests.visitor import Person, other_than
from phone_mfa.auth0 import Auth0, ClientSecret
from phone_mfa.client import FailedFlowError
from phone_mfa.contracts import Channel, Outcome, Phase, RecoveryCode, Verdict, WhenEnrolled, reveal
from tests.integration.flows.stage import patient
from tests.integration.journeys.conftest import Journey

MANAGE = "openid enroll read:authenticators remove:authenticators"


async def enrolled(journey: Journey, channel: Channel = Channel.SMS) -> tuple[Person, str]:
    """A person whose phone a flow enrolled, and their recovery code."""
    person = await journey.visitor.person()
    flow = await journey.enroll(
        token=await journey.visitor.mfa_token(person), phone_number=person.number, channel=channel
    )
    await journey.message(flow, 1)
    verdict = await journey.check(flow, await journey.visitor.code(person.number))
    result = await journey.flows.result(flow)
    assert (verdict.verdict, result.outcome) == (Verdict.ACCEPTED, Outcome.ENROLLED)
    assert result.recovery_code
    return person, reveal(result.recovery_code)


@pytest.mark.parametrize("channel", list(Channel))
async def test_a_phone_is_enrolled_and_later_challenged(journey: Journey, channel: Channel) -> None:
    visitor = journey.visitor
    person, _ = await enrolled(journey, channel=channel)
    flow = await journey.challenge(token=await visitor.mfa_token(person), channel=channel)
    await journey.message(flow, 1)
    code = await visitor.code(person.number)
    assert (await journey.check(flow, other_than(code))).verdict is Verdict.WRONG
    assert (await journey.check(flow, code)).verdict is Verdict.ACCEPTED
    result = await journey.flows.result(flow)
    assert (result.outcome, result.channel, result.wrong_codes) == (Outcome.VERIFIED, channel, 1)
    assert [message["channel"] for message in await visitor.messages(person.number)] == [channel, channel]


async def test_a_recovery_code_from_the_enrollment_finishes_a_challenge_once(journey: Journey) -> None:
    person, code = await enrolled(journey)
    for expected in (Verdict.ACCEPTED, Verdict.WRONG):
        flow = await journey.challenge(token=await journey.visitor.mfa_token(person))
        await journey.message(flow, 1)
        verdict = await journey.flows.check_recovery_code(flow, RecoveryCode(recovery_code=SecretStr(code)))
        assert verdict.verdict is expected


async def test_an_enrolled_user_adds_a_phone_by_proving_the_one_there_is(journey: Journey) -> None:
    visitor = journey.visitor
    person, _ = await enrolled(journey)
    token = await visitor.mfa_token(person, audience=visitor.mfa_audience, scope=MANAGE)
    other = (await visitor.person()).number
    flow = await journey.enroll(token=token, phone_number=other, when_enrolled=WhenEnrolled.CHALLENGE_FIRST)
    assert (await journey.message(flow, 1)).proving_current_phone
    assert (await journey.check(flow, await visitor.code(person.number))).verdict is Verdict.ACCEPTED
    await journey.message(flow, 2)
    assert (await journey.check(flow, await visitor.code(other))).verdict is Verdict.ACCEPTED
    assert (await journey.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_cancelling_removes_the_pending_phone_at_the_tenant(journey: Journey) -> None:
    visitor = journey.visitor
    person, _ = await enrolled(journey)
    token = (await visitor.pass_challenge(person, audience=visitor.mfa_audience, scope=MANAGE))["access_token"]
    other = (await visitor.person()).number
    flow = await journey.enroll(token=token, phone_number=other)
    await journey.message(flow, 1)
    before = await visitor.entries(token, other)
    await journey.flows.cancel(flow)
    assert (await journey.flows.result(flow)).outcome is Outcome.CANCELLED
    after = await visitor.entries(token, other)
    assert (bool(before), after) == (True, [])


@pytest.mark.parametrize("how", ["by a resend", "by a switch of the channel"])
async def test_situation_8_the_twins_of_an_enrolled_phone_are_gone_at_the_tenant_and_the_phone_stays(
    journey: Journey, how: str
) -> None:
    visitor = journey.visitor
    person, _ = await enrolled(journey)
    token = (await visitor.pass_challenge(person, audience=visitor.mfa_audience, scope=MANAGE))["access_token"]
    other = (await visitor.person()).number
    flow = await journey.enroll(token=token, phone_number=other, policy=patient(resend_after_seconds=(0,)))
    await journey.message(flow, 1)
    if how == "by a resend":
        assert (await journey.flows.resend(flow)).sent
    else:
        assert (await journey.flows.switch_channel(flow, Channel.VOICE)).sent
    before, first = await visitor.entries(token, other), await visitor.entries(token, person.number)
    assert (await journey.check(flow, await visitor.code(other))).verdict is Verdict.ACCEPTED

    result, after = await journey.flows.result(flow), await visitor.entries(token, other)

    assert len(before) >= 2 and not any(entry["active"] for entry in before)
    assert after and all(entry["active"] for entry in after)
    assert await visitor.entries(token, person.number) == first != []
    assert (result.outcome, result.cleanup) == (Outcome.ENROLLED, "")


async def test_situation_8_twins_that_a_login_cannot_remove_are_still_there_and_said_to_be(journey: Journey) -> None:
    visitor = journey.visitor
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    flow = await journey.enroll(token=token, phone_number=person.number, policy=patient(resend_after_seconds=(0,)))
    await journey.message(flow, 1)
    assert (await journey.flows.resend(flow)).sent
    assert (await journey.check(flow, await visitor.code(person.number))).verdict is Verdict.ACCEPTED

    result, left = (
        await journey.flows.result(flow),
        await visitor.entries(await visitor.mfa_token(person), person.number),
    )

    assert "may be left at Auth0" in result.cleanup
    assert {entry["active"] for entry in left} == {True, False}


async def test_an_associate_that_auth0_did_but_did_not_answer_is_followed_by_exactly_one_more(
    journey: Journey,
) -> None:
    visitor = journey.visitor
    person = await visitor.person()
    await visitor.fault("POST", "/mfa/associate", "drop_response")
    flow = await journey.enroll(token=await visitor.mfa_token(person), phone_number=person.number)
    await journey.message(flow, 2)
    lost, found = await visitor.messages(person.number)
    assert (await journey.check(flow, lost["code"])).verdict is Verdict.WRONG
    assert (await journey.check(flow, found["code"])).verdict is Verdict.ACCEPTED
    result = await journey.flows.result(flow)
    assert (result.outcome, result.recovery_code, result.sends) == (Outcome.ENROLLED, None, 2)
    assert "recovery code may have been lost" in result.note
    assert await journey.scheduled(flow, "associate_phone") == 2


async def test_a_check_that_auth0_did_but_did_not_answer_still_enrolls(journey: Journey) -> None:
    visitor = journey.visitor
    person = await visitor.person()
    flow = await journey.enroll(token=await visitor.mfa_token(person), phone_number=person.number)
    await journey.message(flow, 1)
    await visitor.fault("POST", "/oauth/token", "drop_response")
    assert (await journey.check(flow, await visitor.code(person.number))).verdict is Verdict.ACCEPTED
    result = await journey.flows.result(flow)
    assert (result.outcome, "its list shows the phone" in result.note) == (Outcome.ENROLLED, True)


async def test_a_check_that_never_arrived_is_made_again(journey: Journey) -> None:
    visitor = journey.visitor
    person = await visitor.person()
    flow = await journey.enroll(token=await visitor.mfa_token(person), phone_number=person.number)
    await journey.message(flow, 1)
    await visitor.fault("POST", "/oauth/token", "reset")
    assert (await journey.check(flow, await visitor.code(person.number))).verdict is Verdict.ACCEPTED
    result = await journey.flows.result(flow)
    assert (result.outcome, result.note) == (Outcome.ENROLLED, "")


async def test_a_challenge_check_whose_answer_was_lost_leads_to_a_new_login(journey: Journey) -> None:
    visitor = journey.visitor
    person, _ = await enrolled(journey)
    flow = await journey.challenge(token=await visitor.mfa_token(person))
    await journey.message(flow, 1)
    await visitor.fault("POST", "/oauth/token", "drop_response")
    assert (await journey.check(flow, await visitor.code(person.number))).verdict is Verdict.SUPERSEDED
    await journey.phase(flow, Phase.WAITING_FOR_TOKEN)
    await journey.renew(flow, await visitor.mfa_token(person))
    await journey.message(flow, 2)
    assert (await journey.check(flow, await visitor.code(person.number))).verdict is Verdict.ACCEPTED


async def test_a_rate_limit_is_waited_out_for_as_long_as_it_says(journey: Journey) -> None:
    visitor = journey.visitor
    person = await visitor.person()
    await visitor.fault(
        "POST",
        "/mfa/associate",
        "status",
        status=429,
        headers={"Retry-After": "90"},
        body={"error": "too_many_requests", "error_description": "Global limit has been reached"},
    )
    flow = await journey.enroll(token=await visitor.mfa_token(person), phone_number=person.number)
    view = await journey.phase(flow, Phase.COOLING_DOWN)
    assert view.retry_at and 80 < (view.retry_at - await journey.now(flow)).total_seconds() <= 90
    await journey.later(flow, seconds=91)
    await journey.message(flow, 1)
    assert len(await visitor.messages(person.number)) == 1


async def test_a_list_that_is_rate_limited_is_asked_again_by_the_engine(journey: Journey) -> None:
    visitor = journey.visitor
    person, _ = await enrolled(journey)
    body = {"error": "too_many_requests", "error_description": "Global limit has been reached"}
    headers = {"Retry-After": "5"}
    await visitor.fault("GET", "/mfa/authenticators", "status", status=429, headers=headers, body=body)
    flow = await journey.challenge(token=await visitor.mfa_token(person))
    await journey.phase(flow, Phase.SENDING_CODE)
    await journey.later(flow, seconds=6)
    await journey.message(flow, 1)
    assert await journey.scheduled(flow, "list_phones") == 1


async def test_budgets_spent_at_the_tenant_cool_the_flow_down(journey: Journey) -> None:
    visitor = journey.visitor
    person = await visitor.person()
    await visitor.switch(sends={"burst": 1, "per_seconds": 3600})
    flow = await journey.enroll(token=await visitor.mfa_token(person), phone_number=person.number)
    await journey.message(flow, 1)
    await journey.later(flow, seconds=31)
    receipt = await journey.flows.resend(flow)
    assert (receipt.sent, receipt.sends_left) == (False, 4)
    assert (await journey.check(flow, await visitor.code(person.number))).verdict is Verdict.ACCEPTED


async def test_client_credentials_auth0_rejects_fail_the_flow_and_say_so(
    vacant_journey: Journey, http: httpx.AsyncClient, address: str
) -> None:
    journey, visitor = vacant_journey, vacant_journey.visitor
    wrong = Auth0(http, base_url=address, credentials=ClientSecret("emulator-client", SecretStr("not-the-secret")))
    async with journey.worker():
        person, _ = await enrolled(journey)
    async with journey.worker(wrong):
        flow = await journey.challenge(token=await visitor.mfa_token(person))
        with pytest.raises(FailedFlowError, match="does not accept the credentials of our application"):
            await journey.flows.result(flow)


async def test_a_grant_that_is_off_fails_the_flow_and_says_so(journey: Journey) -> None:
    visitor = journey.visitor
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.switch(mfa_grant=False)
    flow = await journey.enroll(token=token, phone_number=person.number)
    with pytest.raises(FailedFlowError, match="lacks the grant"):
        await journey.flows.result(flow)


async def test_a_provider_that_cannot_deliver_ends_the_flow(journey: Journey) -> None:
    visitor = journey.visitor
    person = await visitor.person()
    await visitor.message_fault("refuse", times=None)
    flow = await journey.enroll(token=await visitor.mfa_token(person), phone_number=person.number)
    assert (await journey.flows.result(flow)).outcome is Outcome.UNDELIVERABLE


async def test_a_tenant_that_is_down_is_waited_for(vacant_journey: Journey, http: httpx.AsyncClient) -> None:
    journey, visitor = vacant_journey, vacant_journey.visitor
    person = await visitor.person()
    credentials = ClientSecret("emulator-client", SecretStr("emulator-secret"))
    nobody_listens = Auth0(http, base_url="http://127.0.0.1:9", credentials=credentials)
    async with journey.worker(nobody_listens):
        flow = await journey.enroll(token=await visitor.mfa_token(person), phone_number=person.number)
        view = await journey.phase(flow, Phase.COOLING_DOWN)
        assert (view.sends_left, view.message) == (5, 0)
    async with journey.worker():
        await journey.later(flow, seconds=10)
        assert (await journey.message(flow, 1)).sends_left == 4
