"""Rotation, reuse and revocation of refresh tokens: rules of an application, log events, what survives a restart."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from auth0_mfa_emulator.state import Emulator
from auth0_mfa_emulator.tenant import refresh_tokens
from auth0_mfa_emulator.tenant.sessions import Login
from emulator.tests.visitor import PASSWORD, Person, Visitor, refusal

SCOPE = "openid offline_access"
ROTATING = {"rotation_type": "rotating", "expiration_type": "expiring"}
NON_ROTATING = {"rotation_type": "non-rotating", "expiration_type": "non-expiring"}
UNKNOWN = (403, "invalid_grant", "Unknown or invalid refresh token.")


@pytest.fixture
async def person(visitor: Visitor) -> Person:
    await visitor.switch(mfa_required=False)
    return await visitor.person()


async def rules(visitor: Visitor, **rules: object) -> None:
    await visitor.control("POST", "clients", {"client_id": "emulator-client", "refresh_token": rules})


async def logged_in(visitor: Visitor, person: Person, **more: str) -> str:
    return str((await visitor.login(person, scope=SCOPE, **more)).json()["refresh_token"])


async def exchange(visitor: Visitor, token: str, **more: str) -> httpx.Response:
    return await visitor.grant("refresh_token", refresh_token=token, **more)


async def next_of(visitor: Visitor, token: str, **more: str) -> str:
    answer = await exchange(visitor, token, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["refresh_token"])


async def test_the_log_tells_a_reused_token_from_an_unknown_one(visitor: Visitor, person: Person) -> None:
    await rules(visitor, **ROTATING)
    first = await logged_in(visitor, person)
    second = await next_of(visitor, first)
    assert refusal(await exchange(visitor, first)) == UNKNOWN
    assert refusal(await exchange(visitor, second)) == UNKNOWN
    assert await visitor.events(person) == ["sepft", "sertft", "ferrt"]
    kinds = [line["type"] for line in (await visitor.http.get("/_control/logs")).json()]
    assert kinds == ["sepft", "sertft", "ferrt", "fertft"]


async def test_a_reuse_leaves_other_logins_alone(visitor: Visitor, person: Person) -> None:
    await rules(visitor, **ROTATING)
    first, other = await logged_in(visitor, person), await logged_in(visitor, person)
    await next_of(visitor, first)
    await exchange(visitor, first)
    assert (await exchange(visitor, other)).status_code == 200


async def test_each_retry_within_the_leeway_has_a_token_of_its_own(visitor: Visitor, person: Person) -> None:
    await rules(visitor, **ROTATING, leeway=30)
    first = await logged_in(visitor, person)
    successors = [await next_of(visitor, first) for _ in range(3)]
    assert len({first, *successors}) == 4
    third = await next_of(visitor, successors[0])
    assert refusal(await exchange(visitor, first)) == UNKNOWN  # the second to last
    assert refusal(await exchange(visitor, third)) == UNKNOWN


async def test_a_lost_answer_costs_the_login_where_there_is_no_leeway(visitor: Visitor, person: Person) -> None:
    await rules(visitor, **ROTATING)
    first = await logged_in(visitor, person)
    await visitor.fault("POST", "/oauth/token", "drop_response")
    with pytest.raises(httpx.RemoteProtocolError):
        await exchange(visitor, first)
    assert refusal(await exchange(visitor, first)) == UNKNOWN


async def test_an_exchange_that_needs_mfa_does_not_use_the_token_up(visitor: Visitor, person: Person) -> None:
    await rules(visitor, **ROTATING)
    first = await logged_in(visitor, person)
    await visitor.switch(mfa_required=True)
    for _ in range(2):
        assert (await exchange(visitor, first)).json()["error"] == "mfa_required"
    await visitor.switch(mfa_required=False)
    await next_of(visitor, first)


async def test_an_exchange_for_another_audience_keeps_the_scopes_of_the_login(visitor: Visitor, person: Person) -> None:
    await rules(visitor, **ROTATING)
    second = await next_of(
        visitor, await logged_in(visitor, person), audience=visitor.mfa_audience, scope="enroll offline_access"
    )
    assert (await exchange(visitor, second)).json()["scope"] == SCOPE


async def test_enabling_rotation_replaces_the_tokens_of_the_grant(visitor: Visitor, person: Person) -> None:
    one, other, elsewhere = (
        await logged_in(visitor, person),
        await logged_in(visitor, person),
        await logged_in(visitor, person, audience="https://api.example.com"),
    )
    await rules(visitor, **ROTATING)
    rotating = await next_of(visitor, one)
    assert [refusal(await exchange(visitor, token)) for token in (one, other)] == [UNKNOWN] * 2
    assert await next_of(visitor, rotating) not in (one, rotating)
    assert (await exchange(visitor, elsewhere)).status_code == 200


async def test_disabling_rotation_revokes_the_family(visitor: Visitor, person: Person) -> None:
    await rules(visitor, **ROTATING)
    first = await logged_in(visitor, person)
    second = await next_of(visitor, first)
    await rules(visitor, **NON_ROTATING)
    stays = await next_of(visitor, second)
    assert await next_of(visitor, stays) == stays
    assert [refusal(await exchange(visitor, token)) for token in (first, second)] == [UNKNOWN] * 2


async def test_a_lifetime_set_later_begins_with_the_next_exchange(visitor: Visitor, person: Person) -> None:
    token = await logged_in(visitor, person)
    short = {"token_lifetime": 50, "infinite_idle_token_lifetime": True}
    await rules(visitor, rotation_type="non-rotating", expiration_type="expiring", **short)
    await visitor.advance(500)
    assert await next_of(visitor, token) == token
    await visitor.advance(49)
    assert await next_of(visitor, token) == token
    await visitor.advance(1)
    assert refusal(await exchange(visitor, token)) == UNKNOWN


async def test_a_page_rotates_its_tokens_without_being_told_to(visitor: Visitor) -> None:
    shown = (await visitor.manage("GET", "clients/spa-client")).json()["refresh_token"]
    assert shown == {
        "rotation_type": "rotating",
        "expiration_type": "expiring",
        "leeway": 0,
        "token_lifetime": 2_592_000,
        "infinite_token_lifetime": False,
        "idle_token_lifetime": 2_592_000,
        "infinite_idle_token_lifetime": False,
    }


async def test_the_management_api_changes_the_rules(visitor: Visitor) -> None:
    given: dict[str, Any] = {**ROTATING, "leeway": 3, "token_lifetime": 2_592_000}
    patched = await visitor.manage("PATCH", "clients/emulator-client", {"refresh_token": given})
    assert patched.json()["refresh_token"] == given | {
        "infinite_token_lifetime": False,
        "idle_token_lifetime": 2_592_000,
        "infinite_idle_token_lifetime": False,
    }
    created = await visitor.manage("POST", "clients", {"name": "Page", "app_type": "spa", "refresh_token": given})
    assert created.json()["refresh_token"]["leeway"] == 3


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"rotation_type": "sometimes"}, "refresh_token.rotation_type"),
        ({"leeway": -1}, "refresh_token.leeway"),
        ({"token_lifetime": "2592000"}, "refresh_token.token_lifetime"),
        ({"token_lifetime": 31_557_601}, "refresh_token.token_lifetime"),
        ({"token_lifetime": 10, "idle_token_lifetime": 11}, "idle_token_lifetime must not exceed token_lifetime"),
        ({"expiration_type": "non-expiring"}, "expiration_type must be expiring if rotation_type is rotating"),
        ({"policies": []}, "refresh_token.policies"),
    ],
)
async def test_rules_that_contradict_themselves_are_refused(
    visitor: Visitor, wrong: dict[str, object], named: str
) -> None:
    body = {"refresh_token": ROTATING | wrong}
    refused = await visitor.manage("PATCH", "clients/emulator-client", body)
    assert (refused.status_code, named in refused.json()["message"]) == (400, True), refused.text
    refused = await visitor.http.post("/_control/clients", json={"client_id": "c"} | body)
    assert (refused.status_code, named in refused.json()["error"]) == (400, True), refused.text


async def test_a_revocation_is_logged_and_concerns_one_application(visitor: Visitor, person: Person) -> None:
    other = {"client_id": "other", "client_secret": "secret"}
    await visitor.control("POST", "clients", other)
    own = await logged_in(visitor, person)
    login = other | {"grant_type": "password", "username": person.email, "password": PASSWORD, "scope": SCOPE}
    others = (await visitor.http.post("/oauth/token", data=login)).json()["refresh_token"]
    await visitor.switch(revocation_deletes_grant=True)
    answer = await visitor.http.post(
        "/oauth/revoke", data=other | {"token": others, "token_type_hint": "refresh_token"}
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await visitor.events(person))[-1] == "srrt"
    assert await next_of(visitor, own) == own


def test_a_replaced_token_is_recognized_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state"
    emulator = Emulator()
    emulator.keep_in(state)
    page = emulator.tenant.clients["spa-client"]
    login = Login("auth0|x", page.client_id, "http://localhost/", None, SCOPE, for_mfa=False)
    first = refresh_tokens.remember(emulator.tenant, page, login, with_mfa=True)
    emulator.save()
    known = refresh_tokens.usable(emulator.tenant, page, first)
    assert known
    second = refresh_tokens.exchanged(emulator.tenant, page, first, known)
    emulator.save()
    assert emulator.store
    emulator.store.close()

    again = Emulator()
    again.keep_in(state)
    assert refresh_tokens.usable(again.tenant, page, first) is None
    assert [event.type for event in again.tenant.log.events.values()] == ["ferrt"]
    assert second not in again.tenant.refresh_tokens
    assert again.store
    again.store.close()


async def test_the_rules_of_an_application_are_listed_by_the_control_plane(visitor: Visitor) -> None:
    rules = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 3}
    await visitor.control("POST", "clients", {"client_id": "ruled", "refresh_token": rules})
    [ruled] = [one for one in await visitor.control("GET", "clients") if one["client_id"] == "ruled"]
    assert rules.items() <= ruled["refresh_token"].items()
