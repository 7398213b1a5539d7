"""Starting flows over HTTP, once however often it is asked."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from phone_mfa.client import Flows
from phone_mfa.contracts import Channel, Phase
from phone_mfa.contracts.calls import Associate, Challenge, Phone
from phone_mfa.encryption import new_recipient, public_of
from tests.integration.flows.script import RIGHT_CODE
from tests.integration.flows.stage import NUMBER, OTHER_NUMBER, Stage
from tests.integration.gateway.door import Door, opened, problem_in
from tests.keys import KEYS

NOWHERE_ON_ITS_CURVE = {"kty": "EC", "crv": "P-256", "x": 43 * "A", "y": 43 * "A"}


async def test_a_flow_is_started_with_its_view_and_a_token(stage: Stage, door: Door) -> None:
    answer = await door.enroll()

    started = answer.json()
    assert (answer.status_code, started["attached"]) == (201, False)
    assert answer.headers["location"] == f"/v1/flows/{started['flow_id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert started["view"]["kind"] == "enrollment"
    assert started["view"]["phone_number"] == "XXXXXXXX0123"
    assert datetime.fromisoformat(started["flow_token_expires_at"]) > datetime.now(UTC)


@pytest.mark.parametrize(
    "prefer",
    [
        ["wait=10"],
        ['respond-async;x=1, Wait="10"'],
        ["wait=99999"],
        ["wait=10, wait=0"],
        ['note="a, wait=0", wait=10'],
        ["respond-async", "wait=10"],
    ],
)
async def test_who_prefers_to_wait_is_answered_once_the_message_is_out(
    stage: Stage, door: Door, prefer: list[str]
) -> None:
    answer = await door.enroll(headers=[("Prefer", each) for each in prefer])

    assert (answer.status_code, answer.json()["view"]["phase"]) == (201, "waiting_for_code")
    assert answer.json()["view"]["message"] == 1
    assert answer.headers["preference-applied"] in ("wait=10", "wait=20")
    assert stage.auth0.calls(Associate) == 1


async def test_who_prefers_to_wait_is_answered_in_that_time_though_auth0_is_not(stage: Stage, door: Door) -> None:
    sending = stage.auth0.hold(Associate)

    answer = await door.enroll(headers={"Prefer": "wait=1"})

    assert (answer.status_code, answer.json()["view"]["phase"]) == (201, "sending_code")
    sending.release()
    await stage.message(answer.json()["flow_id"], 1)
    assert stage.auth0.calls(Associate) == 1


async def test_who_prefers_to_wait_is_answered_at_once_when_a_login_is_needed_first(stage: Stage, door: Door) -> None:
    answer = await door.enroll(mfa_token=None, headers={"Prefer": "wait=20"})

    assert (answer.status_code, answer.json()["view"]["phase"]) == (201, "waiting_for_token")


@pytest.mark.parametrize("prefer", ["wait", "wait=0", "wait=-1", "wait=soon", "wait=1e3", ";=,,"])
async def test_a_preference_that_makes_no_sense_is_left_alone(stage: Stage, door: Door, prefer: str) -> None:
    answer = await door.enroll(headers={"Prefer": prefer})

    assert answer.status_code == 201
    assert "preference-applied" not in answer.headers


async def test_a_running_flow_is_attached_to(stage: Stage, door: Door) -> None:
    first = await door.enroll(user="twice")
    second = await door.enroll(user="twice")

    assert (first.status_code, second.status_code, second.json()["attached"]) == (201, 200, True)
    assert first.json()["flow_id"] == second.json()["flow_id"]
    await stage.message(first.json()["flow_id"], 1)
    assert stage.auth0.calls(Associate) == 1


async def test_a_flow_is_attached_to_by_another_spelling_of_its_user_if_spellings_are_folded(
    stage: Stage, tmp_path: Path
) -> None:
    folding = Flows(stage.engine.client, tenant="tenant", keys=KEYS, task_queue=stage.task_queue, fold_users=True)
    async with opened(stage, tmp_path, folding) as folded:
        first = await folded.enroll(user="Ada@Example.com")
        second = await folded.enroll(user=" ada@example.com")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["flow_id"] == second.json()["flow_id"]


async def test_another_spelling_of_a_user_is_another_user_otherwise(door: Door) -> None:
    answers = [await door.enroll(user=user) for user in ("Bob@Example.com", "bob@example.com")]

    assert [answer.status_code for answer in answers] == [201, 201]


async def test_a_flow_is_started_while_no_worker_runs(vacant_stage: Stage, door: Door) -> None:
    answer = await door.enroll()

    assert (answer.status_code, answer.json()["view"]["phase"]) == (201, "sending_code")
    async with vacant_stage.worker():
        await vacant_stage.message(answer.json()["flow_id"], 1)


async def test_a_request_that_is_made_again_finds_its_flow_even_when_that_is_over(stage: Stage, door: Door) -> None:
    key = {"Idempotency-Key": "request-1"}
    first = (await door.enroll(user="again", headers=key)).json()
    await stage.message(first["flow_id"], 1)
    await stage.check(first["flow_id"], RIGHT_CODE)
    await stage.phase(first["flow_id"], Phase.DONE)

    again = await door.enroll(user="again", headers=key)
    anew = await door.enroll(user="again", headers={"Idempotency-Key": "request-2"})

    assert (again.status_code, again.json()["view"]["outcome"]) == (200, "enrolled")
    assert (anew.status_code, anew.json()["view"]["outcome"]) == (201, None)


async def test_a_number_is_read_in_its_region_and_as_people_write_it(stage: Stage, door: Door) -> None:
    answer = await door.enroll(phone_number="\u2068(555) 555-0123\u2069", region="us", headers={"Prefer": "wait=10"})

    assert (answer.status_code, answer.json()["view"]["phone_number"]) == (201, "XXXXXXXX0123")


async def test_a_request_that_is_made_again_may_write_the_number_in_another_way(stage: Stage, door: Door) -> None:
    key = {"Idempotency-Key": "spelled"}
    first = await door.enroll(user="spelled", phone_number="(555) 555-0123", region="US", headers=key)

    again = await door.enroll(user="spelled", phone_number=NUMBER, headers=key)

    assert (first.status_code, again.status_code) == (201, 200)


@pytest.mark.parametrize("change", [{"phone_number": OTHER_NUMBER}, {"user": "somebody-else"}])
async def test_an_idempotency_key_is_for_one_request(stage: Stage, door: Door, change: dict[str, str]) -> None:
    key = {"Idempotency-Key": f"request-{sorted(change)}"}
    request = {"user": f"one-{sorted(change)}", "phone_number": NUMBER}
    first = await door.enroll(headers=key, **request)

    other = await door.enroll(headers=key, **request | change)

    assert first.status_code == 201
    assert (other.status_code, problem_in(other)) == (422, "idempotency-key-reused")


async def test_a_request_that_is_refused_uses_no_key_up(stage: Stage, door: Door) -> None:
    key, user = {"Idempotency-Key": "corrected"}, "corrected"
    refused = await door.enroll(headers=key, user=user, recipient=NOWHERE_ON_ITS_CURVE)
    corrected = await door.enroll(headers=key, user=user, recipient=public_of(new_recipient()))

    assert (refused.status_code, corrected.status_code) == (422, 201)


async def test_a_request_that_is_made_many_times_at_once_starts_one_flow(stage: Stage, door: Door) -> None:
    key = {"Idempotency-Key": "all-at-once"}
    answers = await asyncio.gather(*(door.enroll(user="many", headers=key) for _ in range(10)))

    assert {answer.status_code for answer in answers} <= {200, 201}
    assert [answer.status_code for answer in answers].count(201) == 1
    assert len({answer.json()["flow_id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user": ""}, "user"),
        ({"user": 7}, "user"),
        ({"phone_number": "+1 (555) SECRET"}, "phone_number"),
        ({"phone_number": "(555) 555-0123"}, "phone_number"),
        ({"phone_number": "(555) 555-0123", "region": "SECRET"}, "region"),
        ({"channel": "pigeon"}, "channel"),
        ({"mfa_token": "with a space"}, "mfa_token"),
        ({"flow_seconds": 5}, "flow_seconds"),
        ({"policy": {"sends": 0}}, "policy.sends"),
        ({"recipient": NOWHERE_ON_ITS_CURVE}, "recipient"),
        ({"policy": "SECRET"}, "policy"),
    ],
)
async def test_what_does_not_fit_is_named_and_not_repeated(door: Door, body: dict[str, Any], field: str) -> None:
    answer = await door.enroll(**body)

    assert (answer.status_code, problem_in(answer), answer.json()["field"]) == (422, "bad-input", field)
    assert answer.json()["detail"].startswith(f"{field}: ")
    assert not [text for text in ("SECRET", "pigeon", "with a space", "555") if text in answer.text]


async def test_arrays_and_times_are_taken(door: Door) -> None:
    policy = {"resend_after_seconds": [20, 40], "voice_after_seconds": None}
    answer = await door.enroll(user="patient", policy=policy, mfa_token_issued_at="2026-01-31T12:00:00Z")

    assert answer.status_code == 201


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b"null", b'{"user": ', b"\xff", b'"text"'])
async def test_a_body_that_is_no_object_is_refused(door: Door, content: bytes) -> None:
    answer = await door.service.post("/v1/enrollments", content=content, headers={"Content-Type": "application/json"})

    assert (answer.status_code, problem_in(answer)) == (422, "bad-input")


@pytest.mark.parametrize("content", [b"[]", b"null", b"1", b'{"user": "u"', b"\xff\xfe", b"[" * 9999])
@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
async def test_what_is_no_object_is_told_what_to_send(door: Door, content: bytes, media_type: str) -> None:
    answer = await door.service.post("/v1/challenges", content=content, headers={"Content-Type": media_type})

    sentence = "The body must be a JSON object, sent with Content-Type: application/json."
    assert (answer.status_code, problem_in(answer), answer.json()["detail"]) == (422, "bad-input", sentence)


async def test_a_member_of_the_policy_that_is_not_known_is_refused_too(door: Door) -> None:
    answer = await door.enroll(policy={"SECRET": 1})

    assert (answer.status_code, answer.json()["detail"]) == (422, "policy has an unknown member.")


async def test_a_member_that_is_not_known_is_refused_without_being_repeated(door: Door) -> None:
    answer = await door.enroll(phone_nubmer_SECRET="x")

    assert (answer.status_code, problem_in(answer)) == (422, "bad-input")
    assert "SECRET" not in answer.text


async def test_a_number_that_gets_no_messages_is_refused_by_a_problem_of_its_own(door: Door) -> None:
    answer = await door.enroll(phone_number="+1 900 555 0190")

    assert (answer.status_code, problem_in(answer), answer.json()["field"]) == (
        422,
        "number-not-allowed",
        "phone_number",
    )
    assert "555" not in answer.text


async def test_whose_budgets_a_flow_uses_is_set_by_the_gateway_and_hashed(stage: Stage, door: Door) -> None:
    answer = await door.enroll(browser="SECRET")

    assert answer.status_code == 201
    await stage.message(answer.json()["flow_id"], 1)
    [sent] = stage.auth0.heard
    assert isinstance(sent, Associate)
    assert sent.origin.user and sent.origin.caller and sent.origin.browser
    assert (await door.enroll(origin={"user": "a" * 32})).json()["field"] == "origin"
    assert (await door.enroll(browser="x" * 513)).json()["field"] == "browser"


async def test_enrollments_and_challenges_of_a_user_in_any_spelling_have_one_budget(stage: Stage, door: Door) -> None:
    stage.auth0.phones_listed = (Phone(authenticator_id="sms|dev_1", channel=Channel.SMS, active=True),)
    for started in (await door.enroll(user="ada"), await door.challenge(user=" ADA")):
        await stage.message(started.json()["flow_id"], 1)

    sends = [sent for sent in stage.auth0.heard if isinstance(sent, Associate | Challenge)]
    assert sends[0].origin == sends[1].origin
