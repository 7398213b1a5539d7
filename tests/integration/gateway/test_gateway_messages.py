"""What people and services say to a flow over HTTP, and the one clear answer to each."""

import asyncio
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.problems import KINDS
from gateway.status_codes import OUTCOMES, PROBLEMS, VERDICTS, WITHHELD
from phone_mfa.client import errors
from phone_mfa.contracts import CancelFlow, Outcome, Phase, Verdict, Withheld, names
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal
from tests.integration.flows.script import FIRST_RECOVERY_CODE, RIGHT_CODE, RIGHT_RECOVERY_CODE, ScriptedAuth0
from tests.integration.flows.stage import NUMBER, OTHER_NUMBER, Stage
from tests.integration.gateway.door import Door, problem_in


async def test_each_code_gets_one_clear_verdict(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    async def typed(code: str) -> dict[str, Any]:
        answer = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json={"code": code})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        return dict(answer.json())

    wrong, right = await typed("000000"), await typed("314 159")

    assert (wrong["verdict"], wrong["tries_left"]) == ("wrong", 4)
    assert right["verdict"] == "accepted"


async def test_a_code_is_taken_as_it_was_pasted(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    pasted = {"code": f"\u2068{RIGHT_CODE[:3]}\u2014{RIGHT_CODE[3:]}\u2069"}

    answer = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json=pasted)

    assert answer.json()["verdict"] == "accepted"


async def test_a_code_that_is_too_long_is_refused_before_it_is_stored(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    long = {"code": "1" * 65}

    for headers in (browser, browser | {"Prefer": "respond-async"}):
        answer = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=headers, json=long)
        assert (answer.status_code, problem_in(answer), answer.json()["field"]) == (422, "bad-input", "code")
    assert (await stage.flows.view(flow)).malformed_code_at is None


async def test_a_submission_that_is_made_again_gets_the_same_verdict(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    code = {"code": "000000", "submission_id": "once"}

    first, again = [
        await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json=code) for _ in range(2)
    ]

    assert first.json() == again.json()
    assert stage.auth0.calls(CheckCode) == 1


async def test_the_gateway_fills_in_itself_when_a_message_was_sent(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    body = {"code": RIGHT_CODE, "sent_at": "2026-01-01T00:00:00Z"}

    answer = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json=body)

    assert (answer.status_code, problem_in(answer), answer.json()["field"]) == (422, "bad-input", "sent_at")
    assert answer.json()["detail"] == "sent_at: the gateway sets this field; omit it."


async def test_who_prefers_not_to_wait_does_not(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    headers = browser | {"Prefer": "respond-async, wait=10"}

    answer = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=headers, json={"code": RIGHT_CODE})

    assert (answer.status_code, answer.json()) == (202, {"accepted": True})
    assert answer.headers["preference-applied"] == "respond-async"
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


@pytest.mark.parametrize("name", ["", "with a space", "x" * 256, "\ud800"])
async def test_a_submission_id_that_is_none_costs_no_try(stage: Stage, door: Door, name: str) -> None:
    flow, browser = await door.enrolling()
    body = json.dumps({"code": "000000", "submission_id": name})
    headers = browser | {"Content-Type": "application/json"}

    answer = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=headers, content=body)

    assert (answer.status_code, problem_in(answer), answer.json()["field"]) == (422, "bad-input", "submission_id")
    assert stage.auth0.calls(CheckCode) == 0


@pytest.mark.parametrize("prefer", ["not-respond-async", "handling=respond-async", 'note="a respond-async"'])
async def test_only_who_prefers_not_to_wait_does_not(stage: Stage, door: Door, prefer: str) -> None:
    flow, browser = await door.enrolling()
    headers = browser | {"Prefer": prefer}

    answer = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=headers, json={"code": RIGHT_CODE})

    assert (answer.status_code, answer.json()["verdict"]) == (200, "accepted")


async def test_a_malformed_code_costs_no_try(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    for headers in (browser, browser | {"Prefer": "respond-async"}):
        answer = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=headers, json={"code": "12345"})
        assert (answer.status_code, problem_in(answer)) == (422, "bad-input")
        assert answer.json()["detail"] == "code must be 6 digits."
    assert (await stage.flows.view(flow)).tries_left == 5


async def test_a_resend_that_is_too_early_says_when(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    answer = await door.anybody.post(f"/v1/flows/{flow}/resend", headers=browser)

    assert (answer.status_code, problem_in(answer)) == (429, "too-early")
    allowed_at = datetime.fromisoformat(answer.json()["retry_at"])
    assert allowed_at == (await stage.flows.view(flow)).resend_allowed_at
    wait = (allowed_at - datetime.now(UTC)).total_seconds()
    assert wait <= int(answer.headers["retry-after"]) <= 31


async def test_a_resend_in_time_answers_with_the_view(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    await stage.later(flow, seconds=31)

    answer = await door.anybody.post(f"/v1/flows/{flow}/resend", headers=browser)

    assert (answer.status_code, answer.json()["message"]) == (200, 2)


async def test_a_call_may_be_asked_for_instead(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    await stage.later(flow, seconds=31)

    answer = await door.anybody.post(f"/v1/flows/{flow}/channel", headers=browser, json={"channel": "voice"})

    assert (answer.status_code, answer.json()["channel"]) == (200, "voice")


async def test_a_channel_that_the_tenant_does_not_have_is_not_possible(
    stage: Stage, auth0: ScriptedAuth0, door: Door
) -> None:
    flow, browser = await door.enrolling()
    await stage.later(flow, seconds=31)
    auth0.refuse(Associate, Refusal.CHANNEL_DISABLED)

    answer = await door.anybody.post(f"/v1/flows/{flow}/channel", headers=browser, json={"channel": "voice"})

    assert (answer.status_code, problem_in(answer)) == (409, "not-possible")
    assert "voice" in answer.json()["detail"]


async def test_a_message_that_auth0_holds_back_is_promised(stage: Stage, auth0: ScriptedAuth0, door: Door) -> None:
    flow, browser = await door.enrolling()
    await stage.later(flow, seconds=31)
    auth0.refuse(Associate, Refusal.RATE_LIMITED, 60)

    answer = await door.anybody.post(f"/v1/flows/{flow}/resend", headers=browser)

    assert (answer.status_code, answer.json()["message"]) == (202, 1)


async def test_no_message_is_left_at_the_end_of_the_budget(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling(policy={"sends": 1})

    answer = await door.anybody.post(f"/v1/flows/{flow}/resend", headers=browser)

    assert (answer.status_code, problem_in(answer)) == (409, "no-message-left")


@pytest.mark.parametrize(
    "number", [{"phone_number": "+15555559876"}, {"phone_number": "(555) 555\u20139876", "region": "US"}]
)
async def test_another_number_may_be_given(stage: Stage, door: Door, number: dict[str, str]) -> None:
    flow, browser = await door.enrolling()

    answer = await door.anybody.post(f"/v1/flows/{flow}/phone-number", headers=browser, json=number)

    assert (answer.status_code, answer.json()["phone_number"]) == (200, "XXXXXXXX9876")


async def test_a_number_that_gets_no_messages_changes_nothing(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    answer = await door.anybody.post(
        f"/v1/flows/{flow}/phone-number", headers=browser, json={"phone_number": "+1 900 555 0190"}
    )

    assert (answer.status_code, problem_in(answer)) == (422, "number-not-allowed")
    assert (await stage.flows.view(flow)).phone_number == "XXXXXXXX0123"


async def test_a_text_that_may_be_another_number_changes_nothing(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    answer = await door.anybody.post(
        f"/v1/flows/{flow}/phone-number", headers=browser, json={"phone_number": "+15555559876 / +15555559877"}
    )

    assert (answer.status_code, problem_in(answer), answer.json()["field"]) == (422, "bad-input", "phone_number")
    assert answer.json()["detail"] == "phone_number: must be one number, not several."
    assert (await stage.flows.view(flow)).phone_number == "XXXXXXXX0123"


async def test_a_service_gives_a_fresh_token(stage: Stage, door: Door) -> None:
    started = (await door.enroll(mfa_token=None)).json()
    await stage.phase(started["flow_id"], Phase.WAITING_FOR_TOKEN)

    call = f"/v1/flows/{started['flow_id']}/mfa-token"
    without_run = await door.service.post(call, json={"mfa_token": "Fe26.2*fresh"})
    answer = await door.service.post(call, params={"run_id": started["run_id"]}, json={"mfa_token": "Fe26.2*fresh"})

    assert (without_run.status_code, without_run.json()["field"]) == (422, "run_id")
    assert answer.status_code == 200
    await stage.message(started["flow_id"], 1)


async def test_what_a_service_asks_of_one_run_reaches_no_other(stage: Stage, door: Door) -> None:
    first = (await door.enroll(user="ada", mfa_token=None)).json()
    await door.service.delete(f"/v1/flows/{first['flow_id']}")
    await stage.phase(first["flow_id"], Phase.DONE)
    second = (await door.enroll(user="ada", mfa_token=None, phone_number=OTHER_NUMBER)).json()
    assert (first["flow_id"], first["run_id"] != second["run_id"]) == (second["flow_id"], True)

    of_first = {"run_id": first["run_id"]}
    flow = f"/v1/flows/{first['flow_id']}"
    login = {"mfa_token": "Fe26.2*fresh"}
    assert problem_in(await door.service.post(f"{flow}/mfa-token", params=of_first, json=login)) == "flow-over"
    assert (await door.service.get(f"{flow}/result", params=of_first)).json()["outcome"] == "cancelled"
    assert (await door.service.get(flow, params=of_first)).json()["run_id"] == first["run_id"]
    assert problem_in(await door.service.get(flow, params={"run_id": str(uuid.uuid4())})) == "unknown-flow"
    assert (await door.service.get(flow, params={"run_id": "newest"})).json()["field"] == "run_id"
    browser = {"Authorization": f"Bearer {second['flow_token']}"}
    assert problem_in(await door.anybody.get(flow, params=of_first, headers=browser)) == "unknown-flow"


async def test_a_challenge_is_finished_with_the_recovery_code(stage: Stage, auth0: ScriptedAuth0, door: Door) -> None:
    auth0.list_phone(NUMBER, active=True)
    flow = (await door.challenge()).json()["flow_id"]
    await stage.message(flow, 1)

    answer = await door.service.post(
        f"/v1/flows/{flow}/recovery-code-check", json={"recovery_code": RIGHT_RECOVERY_CODE}
    )

    assert (answer.status_code, answer.json()["verdict"]) == (200, "accepted")


async def test_a_flow_that_is_cancelled_twice_is_cancelled(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    first = await door.anybody.delete(f"/v1/flows/{flow}", headers=browser)
    await stage.flows.result(flow)
    again = await door.anybody.delete(f"/v1/flows/{flow}", headers=browser)
    others, _ = await door.enrolling()
    await stage.check(others, RIGHT_CODE)
    await stage.flows.result(others)
    too_late = await door.service.delete(f"/v1/flows/{others}")

    assert (first.status_code, again.status_code, again.json()) == (202, 202, {"accepted": True})
    assert (too_late.status_code, problem_in(too_late)) == (409, "flow-over")


async def test_there_is_no_recovery_code_to_show_when_no_phone_was_verified(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    await door.service.delete(f"/v1/flows/{flow}")
    await stage.flows.result(flow)

    answer = await door.anybody.get(f"/v1/flows/{flow}/recovery-code", headers=browser)

    assert (answer.status_code, problem_in(answer)) == (404, "no-recovery-code")


async def test_a_cancelled_flow_takes_no_more(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()

    cancelled = await door.anybody.delete(f"/v1/flows/{flow}", headers=browser)
    await stage.flows.result(flow)
    late = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json={"code": RIGHT_CODE})

    assert cancelled.status_code == 202
    assert (late.status_code, problem_in(late)) == (409, "flow-over")
    assert (await door.service.get(f"/v1/flows/{flow}/result")).json()["outcome"] == "cancelled"


async def test_the_result_is_there_when_the_flow_is_over(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    early = await door.service.get(f"/v1/flows/{flow}/result")
    early_code = await door.anybody.get(f"/v1/flows/{flow}/recovery-code", headers=browser)
    await stage.check(flow, RIGHT_CODE)
    await stage.flows.result(flow)

    late = await door.service.get(f"/v1/flows/{flow}/result")
    code = await door.anybody.get(f"/v1/flows/{flow}/recovery-code", headers=browser)

    assert problem_in(early) == problem_in(early_code) == "flow-running"
    assert (late.status_code, late.json()["outcome"], late.headers["cache-control"]) == (200, "enrolled", "no-store")
    assert (code.status_code, code.json()) == (200, {"recovery_code": FIRST_RECOVERY_CODE})


async def test_there_is_no_recovery_code_for_a_further_phone(stage: Stage, door: Door) -> None:
    await stage.message(await stage.enroll(), 1)  # which the recovery code came with
    flow, browser = await door.enrolling()
    await stage.check(flow, RIGHT_CODE)
    await stage.flows.result(flow)

    answer = await door.anybody.get(f"/v1/flows/{flow}/recovery-code", headers=browser)

    assert problem_in(answer) == "no-recovery-code"


async def test_a_flow_that_failed_says_so(stage: Stage, auth0: ScriptedAuth0, door: Door) -> None:
    auth0.refuse(Associate, Refusal.CHANNEL_DISABLED)
    flow = (await door.enroll()).json()["flow_id"]

    async def failed() -> bool:
        return problem_in(await door.service.get(f"/v1/flows/{flow}/result")) == "flow-failed"

    await stage.eventually(failed)


async def test_many_codes_at_once_get_a_verdict_each(stage: Stage, door: Door) -> None:
    flow, browser = await door.enrolling()
    codes = ["000000", "000001", RIGHT_CODE, "314 159"]

    answers = await asyncio.gather(
        *(door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json={"code": code}) for code in codes)
    )

    assert {answer.status_code for answer in answers} == {200}
    assert "accepted" in {answer.json()["verdict"] for answer in answers}


def every(kind: type[Exception]) -> set[type[Exception]]:
    return {kind, *(sub for child in kind.__subclasses__() for sub in every(child))}


def test_every_error_of_the_client_has_its_problem() -> None:
    assert set(PROBLEMS) == every(errors.FlowsError) - {errors.FlowsError}
    assert set(PROBLEMS.values()) <= set(KINDS)


def test_every_reason_to_send_nothing_has_its_answer() -> None:
    assert set(WITHHELD) == set(Withheld)
    assert {problem for problem in WITHHELD.values() if problem} <= set(KINDS)


def test_every_outcome_and_every_verdict_has_its_status() -> None:
    assert set(OUTCOMES) == set(Outcome)
    assert set(VERDICTS) == set(Verdict)


async def begin(door: Door, outcome: Outcome) -> str:
    """A flow that ends so, or is about to."""
    stage, auth0 = door.stage, door.stage.auth0
    match outcome:
        case Outcome.ALREADY_ENROLLED | Outcome.UNDELIVERABLE:
            auth0.refuse(Associate, Refusal(outcome.value))
            return str((await door.enroll()).json()["flow_id"])
        case Outcome.NOT_ENROLLED:
            return str((await door.challenge()).json()["flow_id"])
        case Outcome.VERIFIED:
            auth0.list_phone(NUMBER, active=True)
            flow = str((await door.challenge()).json()["flow_id"])
            await stage.message(flow, 1)
        case _:
            flow, _ = await door.enrolling(policy={"wrong_codes": 1}, flow_seconds=120)
    match outcome:
        case Outcome.CANCELLED:
            await door.service.delete(f"/v1/flows/{flow}")
        case Outcome.SUPERSEDED:
            await stage.handle(flow).signal(names.CANCEL_FLOW, CancelFlow(superseded=True))
        case Outcome.EXPIRED:
            await stage.later(flow, seconds=121)
        case Outcome.LOCKED_OUT:
            await stage.check(flow, "000000")
        case _:
            await stage.check(flow, RIGHT_CODE)
    return flow


@pytest.mark.parametrize("outcome", Outcome)
async def test_every_outcome_is_a_result_and_no_error(stage: Stage, door: Door, outcome: Outcome) -> None:
    flow = await begin(door, outcome)
    await stage.flows.result(flow)

    answer = await door.service.get(f"/v1/flows/{flow}/result")

    assert (answer.status_code, answer.json()["outcome"]) == (OUTCOMES[outcome], outcome)


def test_waiting_helps_where_a_problem_says_so() -> None:
    waiting = {name for name, kind in KINDS.items() if kind.status in (429, 503)}

    assert {name for name in KINDS if KINDS[name].retry_after} == {
        name for name in waiting if KINDS[name].status == 503
    }
