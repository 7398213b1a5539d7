"""What is played over HTTP: a service starts flows with its API key, and browsers take part with their flow tokens."""

import asyncio
from http import HTTPStatus

from emulator.tests.visitor import Person, other_than
from phone_mfa.contracts import Action, Phase
from tests.system.leaks.gateway import Browser
from tests.system.leaks.play import Play

SOON = {"resend_after_seconds": [10]}
"""The gateway has a clock of its own, so that time cannot be moved for it."""


async def enrolling(play: Play, person: Person) -> Browser:
    """A browser in the enrollment of a person, whose first message was sent."""
    token = await play.people.mfa_token(person)
    request = {"user": person.email, "phone_number": person.number, "mfa_token": token, "policy": SOON}
    browser = await play.gateway.start("enrollments", play.gateway.made_up("idempotency key"), **request)
    await play.message(browser.flow, 1)
    return browser


async def over_http_after_a_wrong_code_a_resend_and_another_number(play: Play) -> str:
    person = await play.people.person()
    browser = await enrolling(play, person)
    async with asyncio.TaskGroup() as listening:
        events = listening.create_task(browser.get("/events"))
        await browser.post("/binding-code", code=other_than(await play.people.code(person.number)))
        assert (await browser.post("/resend")).status_code == HTTPStatus.TOO_MANY_REQUESTS
        await play.allowed(browser.flow, Action.RESEND)
        assert (await browser.post("/resend")).is_success
        number = play.people.number()
        assert (await browser.post("/phone-number", phone_number=number)).is_success
        await play.message(browser.flow, 3)
        await _code_is_taken(play, browser, await play.people.code(number))
    assert "event: end" in events.result().text
    await _all_is_fetched(play, browser)
    return browser.flow


async def _code_is_taken(play: Play, browser: Browser, code: str) -> None:
    submission = play.gateway.made_up("submission id")
    for _ in range(2):  # made again, it is the same one
        verdict = await browser.post("/binding-code", code=f" {code[:3]}-{code[3:]} ", submission_id=submission)
        assert verdict.is_success


async def _all_is_fetched(play: Play, browser: Browser) -> None:
    assert (await browser.post("/binding-code", code="no longer")).is_error
    for part in ("", "/recovery-code", "/events"):
        assert (await browser.get(part)).is_success
    assert (await browser.get("/result")).status_code == HTTPStatus.FORBIDDEN
    assert (await play.gateway.serve("GET", f"{browser.address}/result")).json()["recovery_code"]
    assert (await play.gateway.serve("GET", "/v1/flows")).json()["flows"]


async def over_http_a_challenge_by_recovery_code(play: Play) -> str:
    person, code = await play.enrolled()
    request = {"user": person.email, "mfa_token": await play.people.mfa_token(person)}
    browser = await play.gateway.start("challenges", play.gateway.made_up("idempotency key"), **request)
    await play.message(browser.flow, 1)
    for typed in (code[::-1], code):
        assert (await browser.post("/recovery-code-check", recovery_code=typed)).is_success
    assert (await play.gateway.serve("GET", f"{browser.address}/result")).json()["tokens"]
    return browser.flow


async def over_http_asked_twice_with_a_token_that_comes_later_and_a_call(play: Play) -> str:
    person, key = await play.people.person(), play.gateway.made_up("idempotency key")
    request = {"user": person.email, "phone_number": person.number, "policy": SOON}
    flow = (await play.gateway.start("enrollments", key, **request)).flow
    browser = await play.gateway.start("enrollments", key, **request)
    other = request | {"phone_number": play.people.number()}
    reused = await play.gateway.serve("POST", "/v1/enrollments", json=other, headers={"Idempotency-Key": key})
    assert (browser.flow, reused.status_code) == (flow, HTTPStatus.UNPROCESSABLE_ENTITY)
    await play.phase(flow, Phase.WAITING_FOR_TOKEN)
    token = {"mfa_token": await play.people.mfa_token(person)}
    of_run = f"run_id={(await browser.get()).json()['run_id']}"
    assert (await play.gateway.serve("POST", f"{browser.address}/mfa-token?{of_run}", json=token)).is_success
    await play.message(flow, 1)
    await play.allowed(flow, Action.SWITCH_CHANNEL)
    browser = await play.gateway.renewed(flow)
    assert (await browser.post("/channel", channel="voice")).is_success
    await browser.leave()
    return flow
