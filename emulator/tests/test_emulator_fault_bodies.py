"""Faults in response bodies of processed calls."""

import time

import httpx
import pytest

from emulator.tests.visitor import Visitor


async def test_a_slow_body_takes_its_time_and_is_whole(visitor: Visitor) -> None:
    whole = (await visitor.http.get("/.well-known/jwks.json")).content
    await visitor.fault("GET", "/.well-known/jwks.json", "slow_body", seconds=0.3)
    started = time.monotonic()
    answer = await visitor.http.get("/.well-known/jwks.json")
    assert time.monotonic() - started >= 0.3
    assert (answer.status_code, answer.content) == (200, whole)
    assert int(answer.headers["content-length"]) == len(whole)


async def test_a_slow_body_comes_in_pieces(visitor: Visitor) -> None:
    await visitor.fault("GET", "/.well-known/jwks.json", "slow_body", seconds=5)
    async with visitor.http.stream("GET", "/.well-known/jwks.json") as answer:
        first = await anext(answer.aiter_raw())
    assert 0 < len(first) < int(answer.headers["content-length"])


async def test_the_head_of_a_slow_body_does_not_wait_and_the_work_is_done(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.fault("POST", "/mfa/associate", "slow_body", seconds=600)
    body = {"authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": person.number}
    headers = {"Authorization": f"Bearer {token}"}
    async with visitor.http.stream("POST", "/mfa/associate", json=body, headers=headers) as answer:
        assert answer.status_code == 200
        assert len(await visitor.messages(person.number)) == 1


async def test_a_garbage_body_is_no_json_under_the_head_of_work_that_was_done(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.fault("POST", "/mfa/associate", "garbage_body")
    answer = await visitor.associate(token, person.number)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert int(answer.headers["content-length"]) == len(answer.content) > 0
    with pytest.raises(ValueError, match="codec can't decode"):
        answer.content.decode()
    assert len(await visitor.messages(person.number)) == 1


async def test_a_truncated_body_ends_before_its_length(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.fault("POST", "/mfa/associate", "truncated_body")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        await visitor.associate(token, person.number)
    assert len(await visitor.messages(person.number)) == 1
    assert await visitor.control("GET", "requests") == [
        {"method": "POST", "path": "/oauth/token", "status": 403},
        {"method": "POST", "path": "/mfa/associate", "status": 200},
    ]


@pytest.mark.parametrize("kind", ["slow_body", "garbage_body", "truncated_body"])
async def test_an_answer_without_a_body_is_left_without_one(visitor: Visitor, kind: str) -> None:
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number)
    token = (await visitor.login(person, audience=visitor.mfa_audience)).json()["access_token"]
    (entry, *_) = await visitor.authenticators(token)
    await visitor.fault("DELETE", "/mfa/*", kind, seconds=0)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=visitor.http.base_url, trust_env=False
    ) as http:  # a connection may close late
        answer = await http.delete(f"/mfa/authenticators/{entry['id']}", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await visitor.control("GET", "health")) == {"status": "ok"}
