"""Scopes that a token answer tells, and what `/userinfo` tells about a user (docs and recordings besides section 2.8).

A token for the MFA API is none for `/userinfo`, or is, by a setting: the reference says nothing on it.
"""

import httpx
import jwt

from emulator.tests.facts.facts_row import PLAIN, UTF8, Answer, Fact, granted, refusal, tokens, unsettled
from emulator.tests.facts.facts_stage import PHONE, REPORTS, Stage
from emulator.tests.visitor import bearer

_OFF: dict[str, object] = {"mfa_required": False}
_DOCS = "docs, get user info"
_ACCESS_TOKENS = "docs, access tokens"
_API = REPORTS["audience"]
_KNOWN = {"apis": [{"identifier": _API, "scopes": ["read:reports"]}]}
_EMAIL = '"email":"user@example.com","email_verified":false'
_PICTURE = "https://s.gravatar.com/avatar/b58996c504c5638798eb6b511e6f49af?s=480&r=pg"
_PICTURE += "&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fus.png"
_PROFILE = f'"nickname":"user","name":"user@example.com","picture":"{_PICTURE}","updated_at":"2027-01-15T08:00:00.000Z"'
_SUB = '"sub":"auth0|<HEX>"'
_INVALID = refusal(401, "invalid_token", "The access token is invalid or has expired",
                   www_authenticate='Bearer error="invalid_token"')  # fmt: skip


async def token_of(stage: Stage, **login: str) -> str:
    return str((await stage.login(**login)).json()["access_token"])


async def asked(stage: Stage, scope: str, **login: str) -> httpx.Response:
    return await with_token(stage, await token_of(stage, scope=scope, **login))


async def with_token(stage: Stage, token: str) -> httpx.Response:
    return await stage.http.get("/userinfo", headers=bearer(token))


async def posted(stage: Stage) -> httpx.Response:
    return await stage.http.post("/userinfo", headers=bearer(await token_of(stage, scope="openid email")))


def grant_told(answer: httpx.Response) -> httpx.Response:
    told = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    shown = {name: told[name] for name in ("gty",) if name in told}
    return httpx.Response(answer.status_code, json=shown, request=answer.request)


async def granted_by_password(stage: Stage) -> httpx.Response:
    return grant_told(await stage.login(scope="openid"))


async def granted_by_refresh(stage: Stage) -> httpx.Response:
    first = (await stage.login(scope="offline_access")).json()["refresh_token"]
    return grant_told(await stage.visitor.grant("refresh_token", refresh_token=first))


async def granted_by_mfa(stage: Stage) -> httpx.Response:
    return grant_told(await stage.pass_challenge())


async def posted_in_a_form(stage: Stage) -> httpx.Response:
    return await stage.http.post("/userinfo", data={"access_token": await token_of(stage, scope="openid email")})


async def with_names_and_a_number(stage: Stage) -> httpx.Response:
    names = {"given_name": "Ada", "family_name": "King", "name": "Ada King", "phone_number": "+15555550100"}
    path = f"users/{stage.person.user_id.replace('|', '%7C')}"
    changed = await stage.visitor.manage("PATCH", path, names | {"phone_verified": True})
    assert changed.status_code == 200, changed.text
    return await asked(stage, "openid profile phone")


async def by_id_token(stage: Stage) -> httpx.Response:
    return await with_token(stage, (await stage.login(scope="openid")).json()["id_token"])


async def expired(stage: Stage) -> httpx.Response:
    token = await token_of(stage, scope="openid")
    await stage.visitor.advance(86_400)
    return await with_token(stage, token)


async def of_nobody(stage: Stage) -> httpx.Response:
    token = await token_of(stage, scope="openid")
    await stage.visitor.manage("DELETE", f"users/{stage.person.user_id.replace('|', '%7C')}")
    return await with_token(stage, token)


async def with_mfa_audience(stage: Stage) -> httpx.Response:
    return await asked(stage, "openid enroll", audience=stage.visitor.mfa_audience)


async def managed(stage: Stage) -> httpx.Response:
    return await with_token(stage, await stage.visitor.management_token())


async def listed_by_both(stage: Stage) -> httpx.Response:
    """List authenticators by a token that is for the MFA API and for `/userinfo`."""
    token = await token_of(stage, scope="openid read:authenticators", audience=stage.visitor.mfa_audience)
    audiences = jwt.decode(token, options={"verify_signature": False})["aud"]
    assert audiences == [stage.visitor.mfa_audience, stage.visitor.mfa_audience.replace("/mfa/", "/userinfo")]
    return await stage.listed(token)


def _told(*claims: str) -> Answer:
    return Answer(200, "{" + ",".join([_SUB, *claims]) + "}", UTF8)


FACTS = [
    Fact("Addendum 2", "T", "an undefined scope is not granted, and an empty one told", lambda stage: stage.login(
        scope="extra-scope"), granted(""), switches=_OFF),
    Fact("Addendum 2", "U", "or none, where the switch says so", lambda stage: stage.login(scope="extra-scope"),
         tokens('{"access_token":"<JWT>","expires_in":86400,"token_type":"Bearer"}'),
         switches=_OFF | {"scope_in_answers": "nonempty"}),
    *(Fact("docs, access token profiles", "D", f"the access token of {grant} tells its grant", scene,
           Answer(200, f'{{"gty":"{grant}"}}', PLAIN), switches=_OFF)
      for grant, scene in (("password", granted_by_password), ("refresh_token", granted_by_refresh))),
    Fact("docs, access token profiles", "D", "that of an MFA grant does not", granted_by_mfa, Answer(200, "{}", PLAIN),
         has=[PHONE]),
    Fact("Addendum 2", "I", "scopes of OpenID are granted beside it", lambda stage: stage.login(
        scope="openid extra-scope email"), granted("openid email", before='"id_token":"<JWT>",'), switches=_OFF),
    Fact("Addendum 2", "U", "an API without known scopes defines those it is asked for", lambda stage: stage.login(
        **REPORTS), granted(), switches=_OFF),
    Fact("Addendum 2", "I", "an API defines its scopes", lambda stage: stage.login(
        scope="read:reports write:reports", audience=_API), granted(), switches=_OFF | _KNOWN),
    Fact("docs, password grant", "D", "a login without a scope gets all of them", lambda stage: stage.login(
        audience=_API), granted("openid profile email address phone read:reports", before='"id_token":"<JWT>",'),
        switches=_OFF | _KNOWN),
    Fact("docs, APIs", "D", "it may forbid refresh tokens", lambda stage: stage.login(
        scope="read:reports offline_access", audience=_API), granted(),
        switches=_OFF | {"apis": [{"identifier": _API, "scopes": ["read:reports"], "allow_offline_access": False}]}),
    Fact("Addendum 2", "U", "a switch leaves out scopes that were asked for", lambda stage: stage.login(**REPORTS),
         tokens('{"access_token":"<JWT>","expires_in":86400,"token_type":"Bearer"}'),
         switches=_OFF | {"scope_in_answers": "changed"}),
    Fact("Addendum 2", "U", "but tells others", lambda stage: stage.login(scope="offline_access extra-scope"),
         granted("offline_access", before='"refresh_token":"<REFRESH>",'),
         switches=_OFF | {"scope_in_answers": "changed"}),
    Fact(_DOCS, "R", "profile and email are told in this order", lambda stage: asked(stage, "openid profile email"),
         _told(_PROFILE, _EMAIL), switches=_OFF, login=None),
    Fact(_DOCS, "D", "openid alone tells who", lambda stage: asked(stage, "openid"), _told(), switches=_OFF),
    Fact(_DOCS, "D", "names and a number are told if there are any", with_names_and_a_number,
         _told('"given_name":"Ada","family_name":"King","nickname":"user","name":"Ada King"', f'"picture":"{_PICTURE}"',
               '"updated_at":"2027-01-15T08:00:00.000Z"',
               '"phone_number":"+15555550100","phone_number_verified":true'), switches=_OFF),
    Fact(_DOCS, "D", "a post is answered alike", posted, _told(_EMAIL), switches=_OFF),
    Fact("RFC 6750 2.2", "D", "a form may carry the token", posted_in_a_form, _told(_EMAIL), switches=_OFF),
    Fact(_ACCESS_TOKENS, "D", "with openid, a token for an API is one for userinfo", lambda stage: asked(
        stage, "openid email", audience=_API), _told(_EMAIL), switches=_OFF),
    Fact(_ACCESS_TOKENS, "D", "without, it is not", lambda stage: asked(stage, "email", audience=_API), _INVALID,
         switches=_OFF),
    Fact(_ACCESS_TOKENS, "U", "a token for the MFA API is not", with_mfa_audience, _INVALID, switches=_OFF),
    Fact(_ACCESS_TOKENS, "U", "unless a switch says so", with_mfa_audience, _told(),
         switches=_OFF | {"userinfo_with_mfa_audience": True}),
    Fact(_ACCESS_TOKENS, "U", "and then it still lists authenticators", listed_by_both, Answer(200, "[]", UTF8),
         switches=_OFF | {"userinfo_with_mfa_audience": True}),
    Fact(_DOCS, "D", "an id token is no access token", by_id_token, _INVALID, switches=_OFF),
    Fact(_DOCS, "D", "a machine's token has no user", managed, _INVALID, switches=_OFF),
    Fact(_DOCS, "D", "nor has one of a deleted user", of_nobody, _INVALID, switches=_OFF),
    Fact(_DOCS, "D", "an expired token tells nothing", expired, _INVALID, switches=_OFF),
    *unsettled("invalid_userinfo_token", _DOCS, "a garbage token is refused", lambda stage: with_token(stage, "x.y.z"),
               _INVALID, grade="D"),
    *unsettled("userinfo_without_token", _DOCS, "a token is needed", lambda stage: stage.http.get("/userinfo"),
               refusal(401, "invalid_request", "Missing access token", www_authenticate="Bearer")),
    Fact(_DOCS, "D", "openid is needed", lambda stage: asked(stage, "email"),
         Answer(403, '{"error":"insufficient_scope","error_description":"Insufficient scope, expected any of: openid"}',
                PLAIN, {"www-authenticate": 'Bearer error="insufficient_scope", scope="openid"'}), switches=_OFF),
]  # fmt: skip
