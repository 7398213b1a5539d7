"""What nobody should send to the gateway: what has the wrong shape, and secrets where none belongs."""

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

from emulator.tests.visitor import bearer
from gateway.middleware import MAX_BODY_BYTES
from gateway.schemas import ChallengeRequest, EnrollmentRequest
from phone_mfa.api_keys import KeyList
from tests.system.leaks.browsing import enrolling
from tests.system.leaks.gateway import Browser, Gateway
from tests.system.leaks.play import Play


async def over_http_by_a_browser_that_sends_nonsense(play: Play) -> str:
    """The flow goes on."""
    person = await play.people.person()
    browser, made_up = await enrolling(play, person), play.gateway.made_up
    code = await play.people.code(person.number)
    for part, nonsense in (
        ("/binding-code", {"code": f"{code} x {code}"}),
        ("/binding-code", {"code": int(code)}),
        ("/binding-code", {"code": {code: browser.token}}),
        ("/binding-code", {"code": made_up("malformed code")}),
        ("/binding-code", {"code": code, made_up("unknown member"): made_up("unknown member")}),
        ("/binding-code", {"code": code, "submission_id": [made_up("submission id")]}),
        ("/binding-code", {"code": code, "message": made_up("malformed code")}),
        ("/phone-number", {"phone_number": f"{person.number}{made_up('malformed number')}"}),
        ("/phone-number", {"phone_number": int(person.number)}),
        ("/phone-number", {"phone_number": person.number, person.number: code}),
        ("/channel", {"channel": f"{person.number} {code}"}),
        ("/recovery-code-check", {"recovery_code": f"{code} {browser.token}"}),
        (f"/{browser.token}", {}),
    ):
        assert (await browser.post(part, **nonsense)).is_error
    await _secrets_are_misplaced(play.gateway, browser, code)
    assert (await browser.post("/binding-code", code=code)).is_success
    return browser.flow


async def _secrets_are_misplaced(gateway: Gateway, browser: Browser, code: str) -> None:
    for path in _addresses(gateway, browser, code):
        for headers in ({}, bearer(browser.token), bearer(gateway.api_key)):
            await gateway.ask("GET", path, headers)
    for headers in _headers(gateway, browser):
        assert (await gateway.ask("GET", browser.address, headers)).status_code == 401
    for name in ("If-None-Match", "Prefer", "Origin", "Cookie", "X-Request-Id"):
        await gateway.ask("GET", browser.address, bearer(browser.token) | {name: gateway.made_up("misplaced")})
    await gateway.ask(gateway.made_up("misplaced"), browser.address, bearer(browser.token))


def _addresses(gateway: Gateway, browser: Browser, code: str) -> Iterator[str]:
    for secret in (browser.token, gateway.api_key, gateway.made_up("misplaced")):
        yield f"/{secret}"
        yield f"/enroll%23token={secret}"
        yield f"/v1/flows/{secret}"
        yield f"/v1/flows/{secret}/result"
        yield f"/assets/{secret}"
        yield f"/assets/texts/{secret}.json"
        for name in ("phase", "cursor", "limit", secret):
            yield f"/v1/flows?{name}={secret}"
        yield f"{browser.address}?token={secret}&code={code}"


def _headers(gateway: Gateway, browser: Browser) -> Iterator[dict[str, str]]:
    _, unknown = KeyList().with_new("nobody")
    gateway.secrets.token("API key", unknown)
    for secret in (browser.token, gateway.api_key):
        yield {"Authorization": secret}
        yield {"Authorization": f"Basic {base64.b64encode(f'service:{secret}'.encode()).decode()}"}
        yield {"X-Api-Key": secret}
        yield {"Cookie": f"token={secret}"}
        yield bearer(f"{secret} {secret}")
        yield bearer(f"{secret[:-1]}~")
    yield bearer(unknown)
    yield bearer(gateway.made_up("misplaced"))


async def starts_that_do_not_fit(play: Play) -> None:
    """They are refused for the first thing that is wrong, and all for a member that is unknown."""
    person, gateway = await play.people.person(), play.gateway
    fits = {"user": person.email, "mfa_token": await play.people.mfa_token(person)}
    for kind, request, more in (
        ("enrollments", EnrollmentRequest, {"phone_number": person.number}),
        ("challenges", ChallengeRequest, {}),
    ):
        for name in request.model_fields:
            for wrong in _wrong(gateway):
                unknown = {gateway.made_up("unknown member"): gateway.made_up("unknown member")}
                await _refused(gateway, kind, json=fits | more | unknown | {name: wrong})
        for content in (gateway.made_up("misplaced"), f'{{"user": "{person.email}'):
            await _refused(gateway, kind, content=content)
        await _refused(gateway, kind, json=fits | {"user": gateway.made_up("misplaced") * MAX_BODY_BYTES})
        key = f"{gateway.made_up('idempotency key')} {person.number}"
        await _refused(gateway, kind, json=fits | more, headers={"Idempotency-Key": key})


def _wrong(gateway: Gateway) -> Iterator[Any]:
    made_up = gateway.made_up("misplaced")
    yield from (made_up, [made_up], {made_up: made_up}, f"{made_up} {made_up}")


async def _refused(gateway: Gateway, kind: str, **request: Any) -> None:
    assert (await gateway.serve("POST", f"/v1/{kind}", **request)).is_client_error


async def something_that_is_no_http(play: Play) -> None:
    """A secret in the place of a header, and of everything."""
    gateway, url = play.gateway, play.gateway.http.base_url
    for said in (f"GET / HTTP/1.1\r\n{gateway.made_up('misplaced')}\r\n\r\n", f"{gateway.api_key}\r\n\r\n"):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(said.encode())
        answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 400")
        gateway.answers.append(("no HTTP", answer))
