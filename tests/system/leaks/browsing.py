"""What is played over HTTP: a service starts flows with its API key, and browsers take part with their flow tokens."""

import asyncio
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import httpx

from emulator.tests.visitor import Person, other_than
from phone_mfa.contracts import Action, Phase
from tests.system.leaks.gateway import Browser
from tests.system.leaks.logins import at_login_pages, browser, code_in
from tests.system.leaks.play import Play
from tests.system.leaks.stack import RETURN_ORIGIN

SOON = {"resend_after_seconds": [5, 600]}
"""One resend soon, since the gateway has a clock of its own for which no time is skipped, and none after it."""


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
        await play.allowed(browser.flow, Action.RESEND)
        assert (await browser.post("/resend")).is_success
        await play.message(browser.flow, 2)
        assert (await browser.post("/resend")).status_code == HTTPStatus.TOO_MANY_REQUESTS
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


async def over_http_invited_by_a_link_with_another_login_in_between(play: Play) -> str:
    person, gateway = await play.people.person(), play.gateway
    state = gateway.made_up("state of an app")
    request = {"user": person.user_id, "phone_number": person.number, "invite": True, "policy": SOON}
    request |= request_of_return(state) | {"login_hint": person.email}
    started = (await gateway.serve("POST", "/v1/enrollments", json=request)).raise_for_status().json()
    address = f"/v1/flows/{started['flow_id']}"
    assert (await gateway.serve("DELETE", f"{address}/invitation")).is_success
    link = gateway.link(
        (await gateway.serve("POST", f"{address}/invitation", json=request_of_return(state))).json()["url"]
    )
    for old in (started["link"]["url"], f"{started['link']['url']}x"):
        assert (await gateway.ask("POST", "/v1/logins", {}, json={"invitation": gateway.link(old)})).is_error

    begun = await gateway.ask("POST", "/v1/logins", {}, json={"invitation": link})
    browser = await logs_in(play, person, begun)
    await play.message(browser.flow, 1)
    begun = await browser.post("/login")
    browser = await logs_in(play, person, begun)
    await play.right_code(browser.flow, person.number)
    await _all_is_fetched(play, browser)
    return browser.flow


def request_of_return(state: str) -> dict[str, str]:
    return {"return_to": f"{RETURN_ORIGIN}/done", "return_state": state}


async def logs_in(play: Play, person: Person, begun: httpx.Response) -> Browser:
    """At the tenant's pages, and back at the gateway. The callback is made twice, and once with another's code."""
    url, name, cookie = begun.raise_for_status().json()["url"], *next(iter(begun.cookies.items()))
    play.gateway.http.cookies.clear()  # it is sent when it is meant to be
    play.gateway.secrets.token("login cookie", cookie.split(".")[3])
    async with browser() as http:
        page = await at_login_pages(play, person, http, url)
    query = code_in(play, page)
    headers = {"Cookie": f"{name}={cookie}"}
    await play.gateway.ask("GET", f"/login/callback?{query}", {})
    await play.gateway.ask("GET", f"/login/callback?{query.replace('code=', 'code=not')}", headers)
    answer = await play.gateway.ask("GET", f"/login/callback?{query}", headers)
    told = parse_qs(urlsplit(answer.headers["location"]).fragment)
    assert "token" in told, told
    [token] = told["token"]
    return play.gateway.browser(play.gateway.flow_of(token), token)


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
