"""Ordered faults: whether the call is processed, and what the caller sees on the wire."""

import time

import httpx
import pytest

from emulator.tests.visitor import WRONG_CODE, Visitor, bearer, refusal


async def test_a_dropped_response_is_of_work_that_was_really_done(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.fault("POST", "/mfa/associate", "drop_response")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        await visitor.associate(token, person.number)
    assert len(await visitor.messages(person.number)) == 1
    assert [entry["active"] for entry in await visitor.authenticators(token)] == [False, False, False]
    again = await visitor.associate(token, person.number)
    assert "recovery_codes" not in again.json()


async def test_a_dropped_exchange_enrolled_the_phone_all_the_same(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    await visitor.fault("POST", "/oauth/token", "drop_response")
    with pytest.raises(httpx.RemoteProtocolError):
        await visitor.verify(token, oob_code, await visitor.code(person.number))
    assert all(entry["active"] for entry in await visitor.authenticators(token))


async def test_a_reset_does_no_work_and_resets_the_connection(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.fault("POST", "/mfa/associate", "reset")
    with pytest.raises(httpx.ReadError) as broken:
        await visitor.associate(token, person.number)
    assert isinstance(_root(broken.value), ConnectionResetError)
    assert await visitor.messages(person.number) == []
    assert await visitor.authenticators(token) == []


async def test_a_status_answers_as_told_and_does_no_work(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    body, headers = {"error": "too_many_requests"}, {"Retry-After": "7", "Content-Type": "text/html"}
    await visitor.fault("POST", "/mfa/associate", "status", status=429, body=body, headers=headers)
    answer = await visitor.associate(token, person.number)
    assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (429, body, "7")
    assert answer.headers.get_list("content-type") == ["text/html"]
    assert await visitor.messages(person.number) == []


@pytest.mark.parametrize(("status", "body", "text"), [(204, {"a": 1}, ""), (503, None, ""), (502, "<html>", "<html>")])
async def test_a_status_may_have_any_body_its_number_allows(
    visitor: Visitor, status: int, body: object, text: str
) -> None:
    await visitor.fault("*", "/*", "status", status=status, body=body)
    answer = await visitor.http.get("/anything")
    assert (answer.status_code, answer.text) == (status, text)


async def test_a_delayed_call_is_done_after_the_wait(visitor: Visitor) -> None:
    await visitor.fault("GET", "/.well-known/jwks.json", "delay", seconds=0.2)
    started = time.monotonic()
    assert (await visitor.http.get("/.well-known/jwks.json")).status_code == 200
    assert time.monotonic() - started >= 0.2


async def test_a_delayed_call_is_done_even_when_the_caller_gave_up(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.fault("POST", "/mfa/associate", "delay", seconds=0.2)
    body = {"authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": person.number}
    with pytest.raises(httpx.ReadTimeout):
        await visitor.http.post("/mfa/associate", json=body, headers=bearer(token), timeout=0.05)
    # A second delayed call ends after the first one is processed.
    await visitor.fault("GET", "/.well-known/jwks.json", "delay", seconds=0.2)
    await visitor.http.get("/.well-known/jwks.json")
    assert len(await visitor.messages(person.number)) == 1


async def test_a_fault_strikes_as_often_as_told_and_only_what_matches(visitor: Visitor) -> None:
    await visitor.fault("get", "/.well-known/*", "status", status=500, times=2)
    assert (await visitor.http.get("/mfa/authenticators")).status_code == 401
    seen = [(await visitor.http.get("/.well-known/jwks.json")).status_code for _ in range(3)]
    assert seen == [500, 500, 200]


async def test_a_path_may_be_spelled_encoded_or_not(visitor: Visitor) -> None:
    await visitor.fault("DELETE", "/mfa/authenticators/sms%7Cdev_x", "status", status=500)
    assert (await visitor.http.delete("/mfa/authenticators/sms|dev_x")).status_code == 500


async def test_orders_can_be_taken_back_and_never_touch_the_control_plane(visitor: Visitor) -> None:
    await visitor.fault("*", "*", "reset", times=1000)
    assert await visitor.control("GET", "health") == {"status": "ok"}
    await visitor.control("DELETE", "faults")
    assert (await visitor.http.get("/.well-known/jwks.json")).status_code == 200


async def test_every_call_is_recorded_in_order_with_the_status_of_its_work(visitor: Visitor) -> None:
    await visitor.fault("POST", "/mfa/associate", "drop_response")
    await visitor.fault("POST", "/mfa/challenge", "reset")
    for path in ("/mfa/associate", "/mfa/challenge"):
        with pytest.raises(httpx.TransportError):
            await visitor.http.post(path, json={})
    await visitor.http.delete("/mfa/authenticators/sms%7Cx")
    assert await visitor.control("GET", "requests") == [
        {"method": "POST", "path": "/mfa/associate", "status": 401},
        {"method": "POST", "path": "/mfa/challenge", "status": None},
        {"method": "DELETE", "path": "/mfa/authenticators/sms|x", "status": 401},
    ]


async def test_a_dropped_challenge_exchange_leaves_the_code_spent(visitor: Visitor) -> None:
    await visitor.switch(mfa_token_single_use=False)
    person = await visitor.person()
    await visitor.enroll(person)
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.challenge(token)).json()["oob_code"]
    code = await visitor.code(person.number)
    await visitor.fault("POST", "/oauth/*", "drop_response")
    with pytest.raises(httpx.RemoteProtocolError):
        await visitor.verify(token, oob_code, code)
    assert refusal(await visitor.verify(token, oob_code, code)) == WRONG_CODE


def _root(error: BaseException) -> BaseException:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error
