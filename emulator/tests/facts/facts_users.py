"""Users in the Management API, as the cassettes of go-auth0 v1.45.0 recorded them (`TestUserManager`), and its tokens.

How it refuses calls is from auth0-drupal issue 130, Auth0.Android sample issue 70, auth0-reset-tenant issue 31,
node-auth0 issues 139, 292 and 787, auth0.net issue 979 and terraform-provider-auth0 issue 951. Emptied metadata are
from the cassette `TestAccUser` of terraform-provider-auth0, what does not exist from `TestAnomaly/CheckIP` of go-auth0.
What is documented is from the OpenAPI description of the API (docs-v2, commit 7025885d), addresses in lower case are
from `user-profile-structure.mdx`.
"""

from collections.abc import Mapping

import httpx

from emulator.tests.facts.facts_row import NO_STORE, PLAIN, UTF8, Answer, Fact, refusal
from emulator.tests.facts.facts_stage import Stage
from emulator.tests.facts.facts_template import START

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

_EXISTS = '{"statusCode":409,"error":"Conflict","message":"The user already exists.","errorCode":"auth0_idp_error"}'
_TAKEN = (
    '{"statusCode":400,"error":"Bad Request","message":"The specified new email already exists",'
    '"errorCode":"auth0_idp_error"}'
)
_BEYOND = (
    '{"statusCode":400,"error":"Bad Request","message":"You can only page through the first 1000 records. '
    'See https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation","errorCode":"invalid_paging"}'
)
_ONE_AT_A_TIME = (
    '{"statusCode":400,"error":"Bad Request","message":"Cannot update password and email simultaneously",'
    '"errorCode":"invalid_body"}'
)
_NOT_FOUND = '{"statusCode":404,"error":"Not Found","message":"Not Found"}'
_NO_TOKEN = '{"statusCode":401,"error":"Unauthorized","message":"Missing authentication"}'
_NO_JWT = (
    '{"statusCode":400,"error":"Bad Request","message":"Bad HTTP authentication header format","errorCode":"Bearer"}'
)
_TOO_MANY = (
    '{"statusCode":429,"error":"Too Many Requests","message":"Global limit has been reached",'
    '"errorCode":"too_many_requests"}'
)
_MACHINE = '{"access_token":"<JWT>","scope":"read:users","expires_in":86400,"token_type":"Bearer"}'


def _unauthorized(message: str) -> Answer:
    body = f'{{"statusCode":401,"error":"Unauthorized","message":"{message}","attributes":{{"error":"{message}"}}}}'
    return Answer(401, body, UTF8)


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


async def by_email_in_capitals(stage: Stage) -> httpx.Response:
    await created(stage)
    return await stage.visitor.manage("GET", "users-by-email?email=Chuck878%40example.com")


async def changed(stage: Stage, **members: object) -> httpx.Response:
    return await stage.visitor.manage("PATCH", await path_of(stage), members)


async def counted(stage: Stage) -> httpx.Response:
    await created(stage)
    return await stage.visitor.manage("GET", "users?per_page=0&include_totals=true&q=username%3Atest-user636")


async def emptied(stage: Stage) -> httpx.Response:
    answer = await changed(stage, user_metadata={}, app_metadata={})
    return await stage.visitor.manage("GET", f"users/{answer.json()['user_id']}?fields=user_metadata,app_metadata")


async def enrollments(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("GET", f"{await path_of(stage)}/enrollments")


async def without_the_scope(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("POST", "users", _CHUCK, scope="read:users")


async def created_twice(stage: Stage) -> httpx.Response:
    await created(stage)
    return await created(stage)


async def with_header(stage: Stage, **headers: str) -> httpx.Response:
    return await stage.http.get("/api/v2/users", headers=headers)


async def with_a_forged_token(stage: Stage) -> httpx.Response:
    head, body, _ = (await stage.visitor.management_token()).split(".")
    return await with_header(stage, authorization=f"Bearer {head}.{body}.{'A' * 342}")


async def with_an_old_token(stage: Stage) -> httpx.Response:
    token = await stage.visitor.management_token()
    await stage.visitor.advance(86_400)
    return await with_header(stage, authorization=f"Bearer {token}")


async def with_an_mfa_token(stage: Stage) -> httpx.Response:
    return await with_header(stage, authorization=f"Bearer {await stage.access()}")


async def machine_of_another_api(stage: Stage) -> httpx.Response:
    manager = {"client_id": "management-client", "client_secret": "management-secret"}
    body = manager | {"grant_type": "client_credentials", "audience": "https://sample.api.com"}
    return await stage.http.post("/oauth/token", json=body)


async def machine(stage: Stage) -> httpx.Response:
    manager = {"client_id": "management-client", "client_secret": "management-secret", "scope": "read:users"}
    audience = stage.visitor.mfa_audience.replace("/mfa/", "/api/v2/")
    return await stage.http.post(
        "/oauth/token", json=manager | {"grant_type": "client_credentials", "audience": audience}
    )


def _limit(remaining: int) -> dict[str, str | None]:
    limit = {"x-ratelimit-limit": "1", "x-ratelimit-remaining": str(remaining)}
    return {**limit, "x-ratelimit-reset": str(START + 60)}


async def over_the_limit(stage: Stage) -> httpx.Response:
    await stage.visitor.manage("GET", "users-by-email?email=a%40example.com")
    return await stage.visitor.manage("GET", "users-by-email?email=a%40example.com")


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
    Fact("2.10", "D", "users are found by address only in the same case", by_email_in_capitals,
         Answer(200, "[]", UTF8)),
    Fact("2.10", "D", "an address is stored in lower case", lambda stage: created(
        stage, _CHUCK | {"email": "Chuck@Example.com"}), Answer(201, _PLAIN_SHOWN, UTF8)),
    Fact("2.10", "D", "a page of no users tells how many there are", counted,
         Answer(200, '{"start":0,"limit":0,"length":0,"users":[],"total":1}', UTF8)),
    Fact("2.10", "T", "users beyond the first thousand cannot be paged",
         lambda stage: stage.visitor.manage("GET", "users?page=20&per_page=50"), Answer(400, _BEYOND, UTF8)),
    Fact("2.10", "R", "emptied user metadata are shown, emptied app metadata are not", emptied,
         Answer(200, '{"user_metadata":{}}', UTF8)),
    Fact("2.10", "T", "an address that another user has cannot be taken",
         lambda stage: changed(stage, email=stage.person.email), Answer(400, _TAKEN, UTF8)),
    Fact("2.10", "D", "a password and an address cannot be changed together",
         lambda stage: changed(stage, password="another", email="new@example.com"), Answer(400, _ONE_AT_A_TIME, UTF8)),
    Fact("2.10", "T", "a token for an API that does not exist is denied", machine_of_another_api,
         refusal(403, "access_denied", "Service not enabled within domain: https://sample.api.com")),
    Fact("2.10", "D", "a token needs the scope of the call", without_the_scope, Answer(403, _SCOPE, UTF8)),
    Fact("2.10", "D", "a token is had by client credentials", machine, Answer(200, _MACHINE, PLAIN, NO_STORE)),
    Fact("2.10", "T", "a user cannot be created twice", created_twice, Answer(409, _EXISTS, UTF8)),
    Fact("2.10", "T", "a call without a token is refused", with_header, Answer(401, _NO_TOKEN, UTF8)),
    Fact("2.10", "T", "a token that is no JWT is a bad request",
         lambda stage: with_header(stage, authorization="Bearer garbage"), Answer(400, _NO_JWT, UTF8)),
    Fact("2.10", "T", "a token that nobody signed is refused twice in words",
         lambda stage: with_header(stage, authorization="Bearer a.b.c"), _unauthorized("Invalid token")),
    Fact("2.10", "D", "a token that another key signed is refused for its signature", with_a_forged_token,
         _unauthorized("Invalid signature received for JSON Web Token validation")),
    Fact("2.10", "T", "a token of another API is refused", with_an_mfa_token,
         _unauthorized("Bad audience: <ISSUER>mfa/")),
    Fact("2.10", "R", "what does not exist is not found in as few words",
         lambda stage: stage.visitor.manage("GET", "anomaly/blocks/ips/1.1.1.1"), Answer(404, _NOT_FOUND, UTF8)),
    Fact("2.10", "T", "an expired token is refused", with_an_old_token,
         _unauthorized("Expired token received for JSON Web Token validation")),
    Fact("3.5", "D", "a limit of the Management API is told on success",
         lambda stage: stage.visitor.manage("GET", "users-by-email?email=a%40example.com"),
         Answer(200, "[]", UTF8, _limit(0)), switches={"management_rate_limit": {"burst": 1, "per_seconds": 60}}),
    Fact("3.5", "T", "a call over the limit of the Management API is refused", over_the_limit,
         Answer(429, _TOO_MANY, UTF8, _limit(0)), switches={"management_rate_limit": {"burst": 1, "per_seconds": 60}}),
]  # fmt: skip
