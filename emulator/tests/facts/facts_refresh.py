"""Refresh tokens: what an exchange answers, rotation with detection of reuse, lifetimes, revocation.

The reference has little on them; the source of the other rows is Auth0's documentation.
"""

from collections.abc import Mapping

import httpx

from emulator.tests.facts.facts_row import PLAIN, Answer, Fact, Grade, Scene, granted, refusal, unsettled
from emulator.tests.facts.facts_stage import Stage
from emulator.tests.visitor import CREDENTIALS

_OFF = {"mfa_required": False}
_ROTATION = "docs, configure refresh token rotation"
_EXPIRATION = "docs, configure refresh token expiration"
_REVOCATION = "docs, revoke a refresh token"
_SCOPE = "openid profile email offline_access"
_ROTATING = {"rotation_type": "rotating", "expiration_type": "expiring"}
_EXPIRING: dict[str, object] = {"rotation_type": "non-rotating", "expiration_type": "expiring"}
_SHORT = _EXPIRING | {"token_lifetime": 1000, "idle_token_lifetime": 100}
_UNKNOWN = refusal(403, "invalid_grant", "Unknown or invalid refresh token.")


def _again(scope: str) -> Answer:
    return granted(scope, before='"refresh_token":"<REFRESH>","id_token":"<JWT>",')


async def exchange(stage: Stage, token: str, **more: str) -> httpx.Response:
    return await stage.visitor.grant("refresh_token", refresh_token=token, **more)


async def logged_in(stage: Stage, **rules: object) -> str:
    """Give the application rules and log in. Returns the refresh token."""
    if rules:
        await stage.visitor.control("POST", "clients", {"client_id": "emulator-client", "refresh_token": rules})
    return str((await stage.login(scope=_SCOPE)).json()["refresh_token"])


async def next_of(stage: Stage, token: str) -> str:
    answer = await exchange(stage, token)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["refresh_token"])


async def exchanged(stage: Stage) -> httpx.Response:
    return await exchange(stage, await logged_in(stage))


async def exchanged_for_less(stage: Stage) -> httpx.Response:
    return await exchange(stage, await logged_in(stage), scope="openid profile offline_access")


async def exchanged_for_more(stage: Stage) -> httpx.Response:
    return await exchange(stage, await logged_in(stage), scope="openid profile phone read:reports")


async def replaced(stage: Stage) -> httpx.Response:
    first = await logged_in(stage, **_ROTATING)
    second = await next_of(stage, first)
    assert second != first
    return await exchange(stage, second)


async def reused(stage: Stage) -> httpx.Response:
    first = await logged_in(stage, **_ROTATING)
    await next_of(stage, first)
    return await exchange(stage, first)


async def after_a_reuse(stage: Stage) -> httpx.Response:
    first = await logged_in(stage, **_ROTATING)
    newest = await next_of(stage, await next_of(stage, first))
    await exchange(stage, first)
    return await exchange(stage, newest)


def in_leeway(seconds: float) -> Scene:
    async def scene(stage: Stage) -> httpx.Response:
        first = await logged_in(stage, **_ROTATING, leeway=10)
        await next_of(stage, first)
        await stage.visitor.advance(seconds)
        return await exchange(stage, first)

    return scene


async def second_to_last(stage: Stage) -> httpx.Response:
    first = await logged_in(stage, **_ROTATING, leeway=10)
    await next_of(stage, await next_of(stage, first))
    return await exchange(stage, first)


def later(rules: Mapping[str, object], seconds: float, every: float | None = None) -> Scene:
    """Exchange after some seconds, and in between `every` so many."""

    async def scene(stage: Stage) -> httpx.Response:
        token, passed = await logged_in(stage, **rules), 0.0
        while every and passed + every < seconds:
            passed += every
            await stage.visitor.advance(every)
            token = await next_of(stage, token)
        await stage.visitor.advance(seconds - passed)
        return await exchange(stage, token)

    return scene


async def revoke(stage: Stage, **body: str) -> httpx.Response:
    return await stage.http.post("/oauth/revoke", json=CREDENTIALS | body)


async def revoked(stage: Stage) -> httpx.Response:
    return await revoke(stage, token=await logged_in(stage))


async def exchanged_after_revocation(stage: Stage) -> httpx.Response:
    token = await logged_in(stage)
    await revoke(stage, token=token)
    return await exchange(stage, token)


async def unknown_revoked(stage: Stage) -> httpx.Response:
    return await revoke(stage, token="v1.unknown")


async def nothing_revoked(stage: Stage) -> httpx.Response:
    return await revoke(stage)


async def other_exchanged_after_revocation(stage: Stage) -> httpx.Response:
    one, other = await logged_in(stage), await logged_in(stage)
    await revoke(stage, token=one)
    return await exchange(stage, other)


async def foreign_revoked(stage: Stage) -> httpx.Response:
    token = await logged_in(stage)
    other = {"client_id": "other", "client_secret": "secret"}
    await stage.visitor.control("POST", "clients", other)
    return await stage.http.post("/oauth/revoke", json=other | {"token": token})


async def revoked_by_a_stranger(stage: Stage) -> httpx.Response:
    return await revoke(stage, token="x", client_secret="wrong")


_REVOKED = Answer(200, "", PLAIN)
_BARE = granted(_SCOPE, before='"id_token":"<JWT>",')


def _fact(section: str, grade: Grade, sentence: str, scene: Scene, answer: Answer, **switches: object) -> Fact:
    return Fact(section, grade, sentence, scene, answer, switches=_OFF | switches, login=None)


FACTS = [
    _fact("Addendum 3", "D", "an exchange answers with a refresh_token again, and all scopes", exchanged,
          _again(_SCOPE)),
    _fact("Addendum 3", "U", "or without one that does not rotate, as a switch says", exchanged, _BARE,
          refresh_token_in_answers="rotating"),
    _fact("docs, refresh access token", "D", "an exchange may ask for fewer scopes", exchanged_for_less,
          _again("openid profile offline_access")),
    _fact("docs, refresh access token", "D", "but gets no others", exchanged_for_more, _again("openid profile")),
    _fact(_ROTATION, "D", "an exchange replaces a rotating token", replaced, _again(_SCOPE)),
    _fact(_ROTATION, "D", "a replaced token cannot be exchanged", reused, _UNKNOWN),
    _fact(_ROTATION, "D", "its reuse revokes the whole family", after_a_reuse, _UNKNOWN),
    _fact(_ROTATION, "D", "within the leeway a replaced token can be exchanged", in_leeway(9), _again(_SCOPE)),
    _fact(_ROTATION, "D", "after the leeway it cannot", in_leeway(10), _UNKNOWN),
    _fact(_ROTATION, "D", "only the newest of the replaced tokens has a leeway", second_to_last, _UNKNOWN),
    _fact(_ROTATION, "D", "a family lives for 30 days", later(_ROTATING, 2_591_999, 864_000), _again(_SCOPE)),
    _fact(_ROTATION, "D", "rotation does not extend this", later(_ROTATING, 2_592_000, 864_000), _UNKNOWN),
    _fact(_EXPIRATION, "D", "a token without rules never expires", later({}, 86_400 * 800), _again(_SCOPE)),
    _fact(_EXPIRATION, "D", "a token expires after its lifetime",
          later(_EXPIRING | {"token_lifetime": 100, "idle_token_lifetime": 100}, 100), _UNKNOWN),
    _fact(_EXPIRATION, "D", "a token that is not used expires earlier",
later(_SHORT, 100), _UNKNOWN),
    _fact(_EXPIRATION, "D", "each exchange renews this time",
          later(_SHORT, 400, 99), _again(_SCOPE)),
    _fact(_EXPIRATION, "D", "but not beyond the lifetime",
          later(_SHORT, 1000, 99), _UNKNOWN),
    _fact(_EXPIRATION, "D", "a lifetime may be infinite",
          later(_EXPIRING | {"infinite_token_lifetime": True, "infinite_idle_token_lifetime": True}, 86_400 * 800),
          _again(_SCOPE)),
    _fact(_REVOCATION, "R", "a revocation is answered with an empty body", revoked, _REVOKED),
    _fact(_REVOCATION, "D", "a revoked token cannot be exchanged", exchanged_after_revocation, _UNKNOWN),
    _fact(_REVOCATION, "D", "an unknown token counts as revoked", unknown_revoked, _REVOKED),
    _fact(_REVOCATION, "D", "other tokens of the same grant stay", other_exchanged_after_revocation, _again(_SCOPE)),
    _fact(_REVOCATION, "D", "unless revocation deletes grants", other_exchanged_after_revocation, _UNKNOWN,
          revocation_deletes_grant=True),
    _fact(_REVOCATION, "L", "a revocation names its token", nothing_revoked,
          refusal(400, "invalid_request", "Missing required parameter: token")),
    _fact(_REVOCATION, "U", "the application authenticates first", revoked_by_a_stranger,
          refusal(401, "access_denied", "Unauthorized")),
    *unsettled("foreign_refresh_token", _REVOCATION, "a token of another application is not revoked", foreign_revoked,
               refusal(400, "invalid_request", "token not issued to this client"), switches=_OFF, logged_in=False),
]  # fmt: skip
