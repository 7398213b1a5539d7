"""Section 5.2: what published SDKs send and expect on the wire."""

from functools import partial
from urllib.parse import quote

import httpx

from emulator.tests.facts.facts_row import CHALLENGED, MFA_REQUIRED, PHONE_ASSOCIATED, Answer, Fact, granted, mfa
from emulator.tests.facts.facts_stage import EMAIL, NUMBER, PHONE, REPORTS, Stage
from emulator.tests.visitor import CREDENTIALS, OOB, PASSWORD, bearer

_REALM = "http://auth0.com/oauth/grant-type/password-realm"
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_NO_CODES = {"recovery_codes": False}


async def login_with_nulls(stage: Stage) -> httpx.Response:
    """Log in as auth0-python does."""
    body = CREDENTIALS | {"grant_type": _REALM, "username": stage.person.email, "password": PASSWORD}
    nulls = {"realm": None, "scope": None, "audience": None}
    return await stage.http.post("/oauth/token", json={**body, **nulls})


async def associate_with_nulls(stage: Stage) -> httpx.Response:
    nulls: dict[str, object] = {"client_id": None, "client_secret": None, "email": None}
    return await stage.visitor.associate(stage.token, stage.person.number, "sms", **nulls)


async def list_with_content_type(stage: Stage) -> httpx.Response:
    """List as auth0-auth-js does."""
    return await stage.http.get("/mfa/authenticators", headers=bearer(stage.token) | _JSON)


async def delete_with_content_type(stage: Stage) -> httpx.Response:
    path = (await stage.ids())[0].replace("|", "%7C")
    headers = bearer(await stage.access()) | _JSON
    return await stage.http.delete(f"/mfa/authenticators/{path}", headers=headers)


async def challenge_without_header(stage: Stage) -> httpx.Response:
    answer = await stage.challenge()
    assert "authorization" not in answer.request.headers
    return answer


async def verify_in_a_form(stage: Stage, safe: str) -> httpx.Response:
    """Send the form with the asterisks of tokens raw or encoded."""
    oob_code, code = await stage.challenged()
    form = CREDENTIALS | {"grant_type": OOB, "mfa_token": stage.token, "oob_code": oob_code, "binding_code": code}
    body = "&".join(f"{name}={quote(value, safe=safe)}" for name, value in form.items())
    assert ("%2A" in body) is (safe == "")
    return await stage.http.post("/oauth/token", content=body, headers=_FORM)


async def associate(stage: Stage, channel: str, more: dict[str, str]) -> httpx.Response:
    return await stage.add(channel, **more)


async def issuer(stage: Stage) -> httpx.Response:
    document = (await stage.http.get("/.well-known/openid-configuration")).json()
    assert document["issuer"] == f"{stage.http.base_url}".rstrip("/") + "/"
    assert document["token_endpoint"] == f"{document['issuer']}oauth/token"
    return await stage.login()


FACTS = [
    Fact("5.2", "S", "members that are null are absent", login_with_nulls, MFA_REQUIRED),
    Fact("5.2", "S", "null client fields of an associate are absent", associate_with_nulls, mfa(PHONE_ASSOCIATED),
         switches=_NO_CODES),
    Fact("5.2", "S", "an associate needs no client fields", Stage.associate, mfa(PHONE_ASSOCIATED), switches=_NO_CODES),
    Fact("5.2", "S", "a list may have a content type and no body", list_with_content_type, mfa("[]")),
    Fact("5.2", "S", "a removal may have a content type and no body", delete_with_content_type, Answer(204, "", None),
         has=[PHONE]),
    Fact("5.2", "S", "a challenge has no Authorization header", challenge_without_header, mfa(CHALLENGED), has=[PHONE]),
    *(Fact("5.2", "S", f"the stars of tokens in a form may be {name}", partial(verify_in_a_form, safe=safe), granted(),
           has=[PHONE], login=REPORTS) for name, safe in (("raw", "*"), ("encoded", ""))),
    *(Fact("5.2", "S", f"an associate by {channel} says its oob_channel",
           partial(associate, channel=channel, more=more),
           mfa(PHONE_ASSOCIATED.replace("sms", channel)), switches=_NO_CODES)
      for channel, more in (("sms", {"phone_number": NUMBER}), ("voice", {"phone_number": NUMBER}),
                            ("email", {"email": EMAIL}))),
    Fact("5.2", "S", "discovery names as issuer the address called, with a slash", issuer, MFA_REQUIRED),
]  # fmt: skip
