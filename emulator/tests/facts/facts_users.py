"""Users in the Management API, as the cassettes of go-auth0 v1.45.0 recorded them (`TestUserManager`)."""

from collections.abc import Mapping

import httpx

from emulator.tests.facts.facts_row import UTF8, Answer, Fact
from emulator.tests.facts.facts_stage import Stage

_NOW = "2027-01-15T08:00:00.000Z"
_CONNECTION = "Username-Password-Authentication"
_CHUCK = {
    "connection": _CONNECTION,
    "email": "chuck@example.com",
    "username": "chuck",
    "password": "I have a password and its a secret",
}
_RICH = _CHUCK | {
    "email": "chuck878@example.com",
    "given_name": "Chuck",
    "family_name": "Sanchez",
    "username": "test-user636",
    "nickname": "Chucky",
    "user_metadata": {"favourite_attack": "roundhouse_kick"},
    "verify_email": False,
    "app_metadata": {"facts": ["count_to_infinity_twice"]},
    "picture": "https://example-picture-url.jpg",
    "blocked": False,
    "email_verified": True,
}
_IDENTITY = f'"identities":[{{"connection":"{_CONNECTION}","user_id":"<HEX a>","provider":"auth0","isSocial":false}}]'
_PLAIN_SHOWN = (
    f'{{"created_at":"{_NOW}","email":"chuck@example.com","email_verified":false,{_IDENTITY},'
    '"name":"chuck@example.com","nickname":"chuck","picture":"https://s.gravatar.com/avatar/'
    "0b79e7da7bc7877560620cf8f2cc93ae?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fch.png"
    f'","updated_at":"{_NOW}","user_id":"auth0|<HEX a>","username":"chuck"}}'
)
_RICH_SHOWN = (
    f'{{"blocked":false,"created_at":"{_NOW}","email":"chuck878@example.com","email_verified":true,'
    f'"family_name":"Sanchez","given_name":"Chuck",{_IDENTITY},"name":"chuck878@example.com","nickname":"Chucky",'
    f'"picture":"https://example-picture-url.jpg","updated_at":"{_NOW}","user_id":"auth0|<HEX a>",'
    '"user_metadata":{"favourite_attack":"roundhouse_kick"},"username":"test-user636",'
    '"app_metadata":{"facts":["count_to_infinity_twice"]}}'
)
_PATCHED = _RICH_SHOWN.replace(
    '"username":"test-user636",', f'"username":"test-user636","last_password_reset":"{_NOW}",'
).replace("twice\"]}", "twice\"],\"foo\":\"bar\"}")  # fmt: skip
_INEXISTENT = (
    '{"statusCode":404,"error":"Not Found","message":"The user does not exist.","errorCode":"inexistent_user"}'
)
_SCOPE = (
    '{"statusCode":403,"error":"Forbidden","message":"Insufficient scope, expected any of: create:users",'
    '"errorCode":"insufficient_scope"}'
)


async def created(stage: Stage, user: Mapping[str, object] = _RICH) -> httpx.Response:
    return await stage.visitor.manage("POST", "users", user)


async def path_of(stage: Stage) -> str:
    return f"users/{(await created(stage)).json()['user_id']}"


async def shown(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("GET", await path_of(stage))


async def patched(stage: Stage) -> httpx.Response:
    body = {"connection": _CONNECTION, "password": "I don't need one", "app_metadata": {"foo": "bar"}}
    return await stage.visitor.manage("PATCH", await path_of(stage), body)


async def deleted(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("DELETE", await path_of(stage))


async def deleted_twice(stage: Stage) -> httpx.Response:
    path = await path_of(stage)
    await stage.visitor.manage("DELETE", path)
    return await stage.visitor.manage("DELETE", path)


async def shown_after_deletion(stage: Stage) -> httpx.Response:
    path = await path_of(stage)
    await stage.visitor.manage("DELETE", path)
    return await stage.visitor.manage("GET", path)


async def by_email(stage: Stage) -> httpx.Response:
    await created(stage)
    return await stage.visitor.manage("GET", "users-by-email?email=chuck878%40example.com")


async def searched(stage: Stage) -> httpx.Response:
    await created(stage)
    query = "include_totals=true&per_page=50&q=username%3A%22test-user636%22&search_engine=v3"
    return await stage.visitor.manage("GET", f"users?{query}")


async def enrollments(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("GET", f"{await path_of(stage)}/enrollments")


async def without_the_scope(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("POST", "users", _CHUCK, scope="read:users")


_PAGE = f'{{"start":0,"limit":50,"length":1,"users":[{_RICH_SHOWN}],"total":1}}'

FACTS = [
    Fact("2.10", "R", "a created user has a name, nickname and picture", lambda stage: created(stage, _CHUCK),
         Answer(201, _PLAIN_SHOWN, UTF8)),
    Fact("2.10", "R", "a created user is answered as given", created, Answer(201, _RICH_SHOWN, UTF8)),
    Fact("2.10", "R", "a user is shown the same", shown, Answer(200, _RICH_SHOWN, UTF8)),
    Fact("2.10", "R", "a change merges metadata and tells of the new password", patched, Answer(200, _PATCHED, UTF8)),
    Fact("2.10", "R", "a user is deleted", deleted, Answer(204, "", UTF8)),
    Fact("2.10", "R", "a deleted user can be deleted again", deleted_twice, Answer(204, "", UTF8)),
    Fact("2.10", "R", "a deleted user does not exist", shown_after_deletion, Answer(404, _INEXISTENT, UTF8)),
    Fact("2.10", "R", "users are found by address", by_email, Answer(200, f"[{_RICH_SHOWN}]", UTF8)),
    Fact("2.10", "R", "users are searched with totals", searched, Answer(200, _PAGE, UTF8)),
    Fact("2.10", "R", "a user without factors has no enrollments", enrollments, Answer(200, "[]", UTF8)),
    Fact("2.10", "D", "a token needs the scope of the call", without_the_scope, Answer(403, _SCOPE, UTF8)),
]  # fmt: skip
