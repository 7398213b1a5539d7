"""Journeys of auth0-server-python: `python -m emulator.tests.sdk.server_python JOURNEY DOMAIN` prints a JSON report.

The SDK speaks HTTPS only and reads the trusted CA from SSL_CERT_FILE.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

import httpx
import pyotp
from auth0_server_python.auth_types import LogoutOptions  # type: ignore[import-untyped]

from emulator.tests.sdk.application import Application, Report, refused
from emulator.tests.visitor import PASSWORD, Visitor, other_than


async def a_phone(app: Application, channel: str) -> Report:
    person = await app.visitor.person()
    token = await app.token(person)
    report: Report = {"number": person.number, "nothing": await app.listed(token)}
    report["enrolled"] = await app.enroll(token, channel, phone_number=person.number)
    report["pending"] = await app.listed(token)
    proof, code = {"oob_code": report["enrolled"]["oob_code"]}, await app.visitor.code(person.number)
    report["wrong"] = await refused(app.verify(token, **proof, binding_code=other_than(code)))
    report["tokens"] = await app.verify(token, **proof, binding_code=code)
    token = await app.token(person)
    report["confirmed"] = await app.listed(token)
    report["again"] = await refused(app.enroll(token, channel, phone_number=person.number))
    report["messages"] = []
    for listed in report["confirmed"][:2]:
        token = await app.token(person)
        challenged = await app.challenge(token, channel, authenticator_id=listed["id"])
        message = (await app.visitor.messages(person.number))[-1]
        report["messages"].append(message["channel"])
        proof = {"oob_code": challenged.pop("oob_code"), "binding_code": message["code"]}
        report["challenged"], report["tokens_again"] = challenged, await app.verify(token, **proof)
    return report


async def sms(app: Application) -> Report:
    return await a_phone(app, "sms")


async def voice(app: Application) -> Report:
    return await a_phone(app, "voice")


async def recovery(app: Application) -> Report:
    person = await app.visitor.person()
    old = (await app.phone(person))["recovery_codes"][0]
    tokens = await app.verify(await app.token(person), recovery_code=old)
    token = await app.token(person)
    dead = await refused(app.verify(token, recovery_code=old))
    return {
        "old": old,
        "tokens": tokens,
        "dead": dead,
        "next": await app.verify(token, recovery_code=tokens["recovery_code"]),
    }


async def otp(app: Application) -> Report:
    person = await app.visitor.person()
    token = await app.token(person)
    report: Report = {"enrolled": await app.enroll(token, "otp")}
    application = pyotp.TOTP(report["enrolled"]["secret"])
    code = application.at(await app.visitor.now())
    report["wrong"] = await refused(app.verify(token, otp=other_than(code)))
    report["tokens"] = await app.verify(token, otp=code)
    await app.visitor.advance(application.interval)
    token = await app.token(person)
    report["confirmed"] = await app.listed(token)
    report["challenged"] = await app.challenge(token, "otp", authenticator_id=report["confirmed"][0]["id"])
    report["tokens_again"] = await app.verify(token, otp=application.at(await app.visitor.now()))
    return report


async def email(app: Application) -> Report:
    person = await app.visitor.person()
    token = await app.token(person)
    report: Report = {"enrolled": await app.enroll(token, "email", email=person.email)}
    proof, code = {"oob_code": report["enrolled"]["oob_code"]}, await app.visitor.code(person.email)
    report["wrong"] = await refused(app.verify(token, **proof, binding_code=other_than(code)))
    report["tokens"] = await app.verify(token, **proof, binding_code=code)
    # An e-mail address is a factor only in addition to others: the phone makes the user challengeable.
    await app.phone(person)
    token = await app.token(person)
    report["confirmed"] = await app.listed(token)
    address = next(one["id"] for one in report["confirmed"] if one["id"].startswith("email|"))
    challenged = await app.challenge(token, "email", authenticator_id=address)
    proof = {"oob_code": challenged.pop("oob_code"), "binding_code": await app.visitor.code(person.email)}
    report["challenged"], report["tokens_again"] = challenged, await app.verify(token, **proof)
    return report


async def push(app: Application) -> Report:
    person = await app.visitor.person()
    token = await app.token(person)
    report: Report = {"enrolled": await app.enroll(token, "auth0")}
    proof = {"oob_code": report["enrolled"]["oob_code"]}
    report["pending"] = await refused(app.verify(token, **proof))
    await app.visitor.answer_push(person, "approve")
    report["tokens"] = await app.verify(token, **proof)
    token = await app.token(person)
    report["confirmed"] = await app.listed(token)
    proof = {"oob_code": (await app.challenge(token, "auth0"))["oob_code"]}
    await app.visitor.answer_push(person, "deny")
    report["denied"] = await refused(app.verify(token, **proof))
    report["challenged"] = await app.challenge(token, "auth0")
    await app.visitor.answer_push(person, "approve")
    report["tokens_again"] = await app.verify(token, oob_code=report["challenged"].pop("oob_code"))
    return report


async def step_up(app: Application) -> Report:
    """A session whose refresh token is used after the tenant starts to require MFA."""
    person = await app.visitor.person()
    await app.phone(person)
    await app.visitor.switch(mfa_required=False)
    login = (await app.visitor.login(person, scope="openid offline_access")).json()
    session = {"refresh_token": login["refresh_token"], "internal": {"sid": "1", "created_at": 0}}
    await app.sessions.set("_a0_session", session | {"domain": app.domain})
    await app.visitor.switch(mfa_required=True)
    wanted = {"audience": "https://api.example.com", "scope": "openid"}
    try:
        await app.server.get_access_token(**wanted)
    except Exception as error:
        report: Report = {"raised": type(error).__name__, "message": str(error)}
        token = error.mfa_token  # type: ignore[attr-defined]
    challenged = await app.challenge(token, "sms")
    code = await app.visitor.code(person.number)
    report["tokens"] = await app.verify(token, oob_code=challenged["oob_code"], binding_code=code, persist=True)
    report["held"] = await app.server.get_access_token(**wanted)
    return report


async def first_session(app: Application) -> Report:
    """Create a session from the tokens: the SDK verifies the id token with discovery and the key set."""
    person = await app.visitor.person()
    await app.phone(person)
    token = await app.token(person, "openid email")
    challenged = await app.challenge(token, "sms")
    code = await app.visitor.code(person.number)
    await app.verify(token, oob_code=challenged["oob_code"], binding_code=code, persist=True)
    user = await app.server.get_user()
    return {"user": user if isinstance(user, dict) else user.model_dump(), "email": person.email, "id": person.user_id}


async def redirect(app: Application) -> Report:
    """Log in on the hosted pages with MFA, and log out."""
    person = await app.visitor.person()
    await app.phone(person)
    http, url = app.visitor.http, await app.server.start_interactive_login()
    page = (await http.get(url)).headers["location"]
    challenge = (await http.post(page, data={"username": person.email, "password": PASSWORD})).headers["location"]
    done = (await http.post(challenge, data={"code": await app.visitor.code(person.number)})).headers["location"]
    session = await app.server.complete_interactive_login(done)
    user = session["state_data"]["user"]
    left = await http.get(await app.server.logout(LogoutOptions(return_to="http://localhost:8000")))
    return {
        "user": user if isinstance(user, dict) else user.model_dump(),
        "id": person.user_id,
        "page": page.partition("?")[0],
        "challenge": challenge.partition("?")[0],
        "left": left.headers["location"],
    }


async def chained(app: Application) -> Report:
    """A verification whose response, forced on the tenant, requires one more factor."""
    person = await app.visitor.person()
    await app.phone(person)
    second = await app.visitor.mfa_token(person)
    body = {"error": "mfa_required", "error_description": "One more.", "mfa_token": second}
    await app.visitor.fault("POST", "/oauth/token", "status", status=403, body=body)
    try:
        await app.verify(app.sealed("Fe26.2*first"), otp="123456")
    except Exception as error:
        report: Report = {"raised": type(error).__name__, "message": str(error)}
        token = error.mfa_token  # type: ignore[attr-defined]
    report["listed"] = await app.listed(token)
    return report


async def refusals(app: Application) -> Report:
    person, garbage = await app.visitor.person(), app.sealed("garbage")
    token = await app.token(person)
    await app.visitor.fault("GET", "/mfa/authenticators", "status", status=502, body="<html>")
    return {
        "bad_gateway": await refused(app.listed(token)),
        "garbage_list": await refused(app.listed(garbage)),
        "garbage_enroll": await refused(app.enroll(garbage, "sms", phone_number=person.number)),
        "garbage_challenge": await refused(app.challenge(garbage, "sms")),
        "garbage_verify": await refused(app.verify(garbage, oob_code="x", binding_code="123456")),
        "not_sealed": await refused(app.listed("Fe26.2*raw")),
        "bad_number": await refused(app.enroll(token, "sms", phone_number="5550100")),
        "nothing_enrolled": await refused(app.challenge(token, "sms")),
    }


JOURNEYS: dict[str, Callable[[Application], Awaitable[Report]]] = {
    made.__name__: made
    for made in (sms, voice, otp, email, push, recovery, step_up, first_session, redirect, chained, refusals)
}


async def main(journey: str, domain: str) -> None:
    async with httpx.AsyncClient(base_url=f"https://{domain}") as http:
        report = await JOURNEYS[journey](Application(domain, Visitor(http)))
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
