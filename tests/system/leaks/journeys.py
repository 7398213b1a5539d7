"""What is played: flows to every outcome, and what goes wrong on their way."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from pydantic import SecretStr

from emulator.tests.visitor import other_than
from phone_mfa.client import FailedFlowError
from phone_mfa.client.replacement import replace_flow
from phone_mfa.client.workflow_client import WorkflowClient
from phone_mfa.contracts import Channel, FlowPolicy, Outcome, Phase, ProvideMfaToken, RecoveryCode, WhenEnrolled, masked
from tests.system.leaks.browsing import (
    over_http_a_challenge_by_recovery_code,
    over_http_after_a_wrong_code_a_resend_and_another_number,
    over_http_asked_twice_with_a_token_that_comes_later_and_a_call,
    over_http_invited_by_a_link_with_another_login_in_between,
)
from tests.system.leaks.hostile import a_flow_that_hears_nonsense
from tests.system.leaks.hostile_http import over_http_by_a_browser_that_sends_nonsense
from tests.system.leaks.play import MANAGE, Play
from tests.system.leaks.stack import DISTRUSTED

FAILED: Final = "failed"
"""How a flow ended that has no outcome, since somebody must act."""

LIMITED: Final = {"error": "too_many_requests", "error_description": "Global limit has been reached"}


async def by_sms_with_a_wrong_code_first(play: Play) -> str:
    person = await play.people.person()
    flow = await play.enrolls(person)
    await play.message(flow, 1)
    code = await play.people.code(person.number)
    await play.check(flow, other_than(code))
    await play.check(flow, f" {code[:3]}-{code[3:]} ", submission_id="one")
    return flow


async def by_voice_with_a_code_by_signal_to_a_recipient(play: Play) -> str:
    person = await play.people.person()
    flow = await play.enrolls(person, channel=Channel.VOICE, recipient=play.recipient.key)
    await play.message(flow, 1)
    await play.submit(flow, await play.people.code(person.number))
    return flow


async def after_a_resend_a_call_and_another_number(play: Play) -> str:
    person = await play.people.person()
    flow = await play.enrolls(person, policy=FlowPolicy(resend_after_seconds=(120, 40)))
    await play.message(flow, 1)
    await play.flows.resend(flow)  # too early
    await play.later(flow, seconds=121)
    await play.flows.resend(flow)
    await play.later(flow, seconds=41)
    await play.flows.switch_channel(flow, Channel.VOICE)
    number = play.people.number()
    await play.flows.change_number(flow, SecretStr(number))
    await play.right_code(flow, number, message=4)
    return flow


async def with_a_token_that_comes_later_and_is_renewed(play: Play) -> str:
    person = await play.people.person()
    flow = await play.enroll(token=None, user=person.email, phone_number=person.number)
    await play.phase(flow, Phase.WAITING_FOR_TOKEN)
    token = await play.people.mfa_token(person)
    await play.flows.provide_token(flow, ProvideMfaToken(mfa_token=SecretStr(token)))
    await play.message(flow, 1)
    await play.renew(flow, await play.people.mfa_token(person))
    await play.right_code(flow, person.number)
    return flow


async def of_somebody_who_logs_in_after_another_start(play: Play) -> str:
    person = await play.people.person()
    await play.enroll(token=None, user=person.email, phone_number=play.people.number())
    flow = await play.enrolls(person)  # replaces it
    await play.right_code(flow, person.number)
    return flow


async def replaced_by_another_start(play: Play) -> str:
    flow = await play.enrolls(await play.people.person())
    await play.message(flow, 1)
    run = WorkflowClient(play.flows.client).in_run(await play.flows.newest_run(flow))
    await replace_flow(run, flow, play.clock())
    return flow


async def a_challenge_with_tokens_in_its_result(play: Play) -> str:
    person, _ = await play.enrolled()
    token = await play.people.mfa_token(person, scope="openid offline_access")
    flow = await play.challenge(token=token, user=person.email)
    await play.right_code(flow, person.number)
    return flow


async def a_challenge_to_a_recipient(play: Play) -> str:
    person, _ = await play.enrolled()
    flow = await play.challenges(person, recipient=play.recipient.key)
    await play.right_code(flow, person.number)
    return flow


async def a_challenge_by_recovery_code(play: Play) -> str:
    person, code = await play.enrolled()
    flow = await play.challenges(person)
    await play.message(flow, 1)
    for typed in (code[::-1], code):
        await play.flows.check_recovery_code(flow, RecoveryCode(recovery_code=SecretStr(typed)))
    return flow


async def of_somebody_enrolled_already(play: Play) -> str:
    person, _ = await play.enrolled()
    return await play.enrolls(person, phone_number=play.people.number())


async def of_somebody_who_proves_the_phone_there_is(play: Play) -> str:
    person, _ = await play.enrolled()
    other, token = play.people.number(), await play.people.mfa_token(person, audience=_mfa(play), scope=MANAGE)
    flow = await play.enrolls(person, token=token, phone_number=other, when_enrolled=WhenEnrolled.CHALLENGE_FIRST)
    await play.right_code(flow, person.number)
    await play.right_code(flow, other, message=2)
    return flow


async def a_challenge_of_somebody_without_a_phone(play: Play) -> str:
    return await play.challenges(await play.people.person())


async def whose_time_is_over(play: Play) -> str:
    flow = await play.enrolls(await play.people.person(), flow_seconds=60)
    await play.message(flow, 1)
    await play.later(flow, seconds=61)
    return flow


async def cancelled_with_a_reason(play: Play) -> str:
    flow = await play.enrolls(await play.people.person())
    await play.message(flow, 1)
    await play.flows.cancel(flow, "the user left")
    return flow


async def cancelled_by_the_engine(play: Play) -> str:
    flow = await play.enrolls(await play.people.person())
    await play.message(flow, 1)
    await play.handle(flow).cancel()
    return flow


async def with_too_many_wrong_codes(play: Play) -> str:
    person = await play.people.person()
    flow = await play.enrolls(person, policy=FlowPolicy(wrong_codes=2))
    await play.message(flow, 1)
    wrong = other_than(await play.people.code(person.number))
    await play.check(flow, wrong)
    await play.check(flow, other_than(wrong))
    return flow


async def to_a_number_nothing_reaches(play: Play) -> str:
    person = await play.people.person()
    await play.people.message_fault("refuse", to=person.number, times=None)
    return await play.enrolls(person)


async def by_a_worker_that_auth0_does_not_accept(play: Play) -> str:
    person = await play.people.person()
    flow = await play.on(DISTRUSTED).enrolls(person)
    await play.message(flow, 1)
    await play.submit(flow, await play.people.code(person.number))
    return flow


async def refused_in_words_that_repeat_everything(play: Play) -> str:
    person = await play.people.person()
    token = await play.people.mfa_token(person)
    said = {"error": f"no_{person.number}", "error_description": f"{person.email}: {person.number} {token}"}
    await _fault(play, "/mfa/associate", "status", phone_number=person.number, status=400, body=said)
    return await play.enrolls(person, token=token)


async def broken_off_in_words_that_repeat_everything(play: Play) -> str:
    person = await play.people.person()
    token = await play.people.mfa_token(person)
    said = f"cannot send to {person.number} with {token}"
    await _fault(play, "/mfa/associate", "status", phone_number=person.number, status=500, body=said)
    flow = await play.enrolls(person, token=token)
    await play.right_code(flow, person.number, message=2)
    return flow


async def whose_send_was_not_answered(play: Play) -> str:
    person = await play.people.person()
    await _fault(play, "/mfa/associate", "drop_response", phone_number=person.number)
    flow = await play.enrolls(person)
    await play.right_code(flow, person.number, message=2)
    return flow


async def whose_send_was_answered_with_garbage(play: Play) -> str:
    person = await play.people.person()
    await _fault(play, "/mfa/associate", "garbage_body", phone_number=person.number)
    flow = await play.enrolls(person)
    await play.right_code(flow, person.number, message=2)
    return flow


async def whose_check_was_answered_by_half(play: Play) -> str:
    person = await play.people.person()
    token = await play.people.mfa_token(person)
    flow = await play.enrolls(person, token=token)
    await play.message(flow, 1)
    await _fault(play, "/oauth/token", "truncated_body", mfa_token=token)
    await play.check(flow, await play.people.code(person.number))
    return flow


async def held_back_by_a_rate_limit(play: Play) -> str:
    person = await play.people.person()
    limit = {"status": 429, "headers": {"Retry-After": "90"}, "body": LIMITED}
    await _fault(play, "/mfa/associate", "status", limit, phone_number=person.number)
    flow = await play.enrolls(person)
    await play.phase(flow, Phase.COOLING_DOWN)
    await play.later(flow, seconds=91)
    await play.right_code(flow, person.number)
    return flow


async def a_challenge_whose_look_the_engine_repeats(play: Play) -> str:
    person, _ = await play.enrolled()
    token = await play.people.mfa_token(person)
    limit = {"status": 429, "headers": {"Retry-After": "1"}, "body": LIMITED}
    await _fault_of_list(play, token, **limit)
    flow = await play.challenge(token=token, user=person.email)
    await play.right_code(flow, person.number)
    return flow


async def cancelled_while_the_tenant_lists_what_cannot_be(play: Play) -> str:
    """The id that is listed stands in no address: the activity raises what nobody foresaw."""
    person = await play.people.person()
    token = (await play.people.login(person, audience=_mfa(play), scope=MANAGE)).json()["access_token"]
    flow = await play.enrolls(person, token=token)
    await play.message(flow, 1)
    phone = {"id": "..", "authenticator_type": "oob", "oob_channel": "sms", "active": False}
    await _fault_of_list(play, token, status=200, body=[phone | {"name": masked(person.number)}], times=2)
    await play.flows.cancel(flow)
    return flow


def _mfa(play: Play) -> str:
    return play.people.mfa_audience


async def _fault(play: Play, path: str, kind: str, how: Mapping[str, object] = {}, /, **match: object) -> None:
    details = {name: match.pop(name) for name in ("status", "body") if name in match}
    await play.people.fault("POST", path, kind, match=match, **details, **how)


async def _fault_of_list(play: Play, token: str, **how: object) -> None:
    headers = {"authorization": f"Bearer {token}"}
    await play.people.fault("GET", "/mfa/authenticators", "status", match_headers=headers, **how)


Journey = Callable[[Play], Awaitable[str]]

JOURNEYS: Final[Mapping[Journey, Outcome | str]] = MappingProxyType(
    {
        by_sms_with_a_wrong_code_first: Outcome.ENROLLED,
        by_voice_with_a_code_by_signal_to_a_recipient: Outcome.ENROLLED,
        after_a_resend_a_call_and_another_number: Outcome.ENROLLED,
        with_a_token_that_comes_later_and_is_renewed: Outcome.ENROLLED,
        of_somebody_who_logs_in_after_another_start: Outcome.ENROLLED,
        replaced_by_another_start: Outcome.SUPERSEDED,
        a_challenge_with_tokens_in_its_result: Outcome.VERIFIED,
        a_challenge_to_a_recipient: Outcome.VERIFIED,
        a_challenge_by_recovery_code: Outcome.VERIFIED,
        of_somebody_enrolled_already: Outcome.ALREADY_ENROLLED,
        of_somebody_who_proves_the_phone_there_is: Outcome.ENROLLED,
        a_challenge_of_somebody_without_a_phone: Outcome.NOT_ENROLLED,
        whose_time_is_over: Outcome.EXPIRED,
        cancelled_with_a_reason: Outcome.CANCELLED,
        cancelled_by_the_engine: Outcome.CANCELLED,
        with_too_many_wrong_codes: Outcome.LOCKED_OUT,
        to_a_number_nothing_reaches: Outcome.UNDELIVERABLE,
        by_a_worker_that_auth0_does_not_accept: FAILED,
        refused_in_words_that_repeat_everything: FAILED,
        broken_off_in_words_that_repeat_everything: Outcome.ENROLLED,
        whose_send_was_not_answered: Outcome.ENROLLED,
        whose_send_was_answered_with_garbage: Outcome.ENROLLED,
        whose_check_was_answered_by_half: Outcome.ENROLLED,
        held_back_by_a_rate_limit: Outcome.ENROLLED,
        a_challenge_whose_look_the_engine_repeats: Outcome.VERIFIED,
        cancelled_while_the_tenant_lists_what_cannot_be: Outcome.CANCELLED,
        a_flow_that_hears_nonsense: Outcome.ENROLLED,
        over_http_after_a_wrong_code_a_resend_and_another_number: Outcome.ENROLLED,
        over_http_a_challenge_by_recovery_code: Outcome.VERIFIED,
        over_http_asked_twice_with_a_token_that_comes_later_and_a_call: Outcome.CANCELLED,
        over_http_invited_by_a_link_with_another_login_in_between: Outcome.ENROLLED,
        over_http_by_a_browser_that_sends_nonsense: Outcome.ENROLLED,
    }
)
"""Each journey and how it must end."""


async def played(play: Play, journey: Journey) -> Outcome | str:
    """How a journey ended."""
    flow = await journey(play)
    try:
        return (await play.flows.result(flow)).outcome
    except FailedFlowError:
        return FAILED
