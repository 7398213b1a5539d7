"""Users and their methods through the Management API: what bodies and queries it takes, and what else they change."""

from typing import Any

import pytest

from emulator.tests.visitor import BAD_BEARER, PASSWORD, Visitor, refusal

CONNECTION = "Username-Password-Authentication"
NUMBER = "+15555550123"


def new_user(email: str = "ada@example.com", **more: object) -> dict[str, object]:
    return {"connection": CONNECTION, "email": email, "password": PASSWORD, **more}


async def created(visitor: Visitor, **more: object) -> dict[str, Any]:
    answer = await visitor.manage("POST", "users", new_user(**more))  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_user_made_here_logs_in_until_the_password_changes(visitor: Visitor) -> None:
    user_id = (await created(visitor))["user_id"]
    login = {"username": "ada@example.com", "password": PASSWORD}
    assert (await visitor.grant("password", **login)).json()["error"] == "mfa_required"
    for change in ({"password": "another"}, {"email": "bea@example.com"}):
        assert (await visitor.manage("PATCH", f"users/{user_id}", change)).status_code == 200
    assert (await visitor.grant("password", **login)).json()["error"] == "invalid_grant"
    other = {"username": "bea@example.com", "password": "another"}
    assert (await visitor.grant("password", **other)).json()["error"] == "mfa_required"
    await visitor.manage("PATCH", f"users/{user_id}", {"blocked": True})
    await visitor.switch(mfa_required=False)
    assert refusal(await visitor.grant("password", **other)) == (401, "unauthorized", "user is blocked")


async def test_a_deleted_user_leaves_no_token_behind(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    tokens = await visitor.pass_challenge(person, scope="openid offline_access")
    pending = await visitor.mfa_token(person)
    oob_code = (await visitor.challenge(pending)).json()["oob_code"]
    await visitor.manage("DELETE", f"users/{person.user_id}")
    assert refusal(await visitor.verify(pending, oob_code, await visitor.code(person.number)))[1] == "invalid_grant"
    assert refusal(await visitor.associate(pending, person.number)) == BAD_BEARER
    refreshed = await visitor.grant("refresh_token", refresh_token=tokens["refresh_token"])
    assert refusal(refreshed)[2] == "Unknown or invalid refresh token."
    assert (await visitor.login(person)).json()["error_description"] == "Wrong email or password."


async def test_logins_are_counted(visitor: Visitor) -> None:
    await visitor.switch(mfa_required=False)
    person = await visitor.person()
    await visitor.login(person)
    await visitor.login(person)
    user = (await visitor.manage("GET", f"users/{person.user_id}?fields=logins_count,last_login")).json()
    assert (list(user), user["logins_count"]) == (["last_login", "logins_count"], 2)


async def test_a_null_removes_a_member_and_metadata(visitor: Visitor) -> None:
    user = await created(visitor, name="Ada", user_metadata={"a": 1, "b": {"c": 2}})
    patch = {"name": None, "user_metadata": {"a": None, "b": {"d": 3}}}
    changed = (await visitor.manage("PATCH", f"users/{user['user_id']}", patch)).json()
    assert (changed["name"], changed["user_metadata"]) == ("ada@example.com", {"b": {"d": 3}})
    cleared = (await visitor.manage("PATCH", f"users/{user['user_id']}", {"user_metadata": {}})).json()
    assert cleared["user_metadata"] == {}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('email:"ada@example.com"', ["ada"]),
        ("email:ADA@example.com", ["ada"]),
        ("email:*@example.com", []),
        ("email:b*", ["bea"]),
        ("NOT email:b*", ["ada", "cyd"]),
        ("-email:b* blocked:true", ["cyd"]),
        ("blocked:true OR email:ada*", ["ada", "cyd"]),
        ("identities.provider:auth0 AND user_metadata.team:red", ["ada"]),
        ("_exists_:user_metadata", ["ada"]),
        ('name:"a \\"quoted\\" name"', ["cyd"]),
    ],
)
async def test_users_are_searched_by_terms(visitor: Visitor, query: str, found: list[str]) -> None:
    await created(visitor, user_metadata={"team": ["red", "blue"]})
    await created(visitor, email="bea@example.com")
    await created(visitor, email="cyd@example.com", blocked=True, name='a "quoted" name')
    answer = await visitor.http.get(
        "/api/v2/users",
        params={"q": query, "sort": "email:1"},
        headers={"Authorization": f"Bearer {await visitor.management_token()}"},
    )
    assert [user["email"].partition("@")[0] for user in answer.json()] == found


@pytest.mark.parametrize(
    "query",
    [
        *("page=-1", "page=x", "page=%C2%B2", "per_page=-1", "per_page=101", "page=9999999999999999999", "page="),
        *("include_totals=yes", "include_fields=1&fields=email", "sort=email", "sort=password:1", "sort=email:2"),
        *(
            "q=(email:a)",
            "q=created_at:[2020%20TO%20*]",
            "q=email:",
            "q=%22",
            "q=AND%20",
            "q=email",
            "q=" + "email:a%20" * 51,
        ),
    ],
)
async def test_a_query_that_cannot_be_answered_is_refused(visitor: Visitor, query: str) -> None:
    await visitor.person()
    answer = await visitor.manage("GET", f"users?{query}")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_query_string"), answer.text


async def test_users_beyond_a_thousand_cannot_be_paged(visitor: Visitor) -> None:
    assert (await visitor.manage("GET", "users?per_page=100&page=9")).json() == []
    answer = await visitor.manage("GET", "users?per_page=100&page=10")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_paging")


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no address"},
        {"email": None},
        {"password": ""},
        {"user_id": "a/b"},
        {"phone_number": "+0123"},
        {"user_metadata": []},
        {"app_metadata": {"a": [[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]}},
        {"color": "red"},
        {"blocked": "yes"},
    ],
)
async def test_what_makes_no_user_is_refused(visitor: Visitor, change: dict[str, object]) -> None:
    answer = await visitor.manage("POST", "users", new_user() | change)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body")


async def test_only_the_database_connection_has_users(visitor: Visitor) -> None:
    answer = await visitor.manage("POST", "users", new_user() | {"connection": "google-oauth2"})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "inexistent_connection")


@pytest.mark.parametrize(
    "body",
    [
        {"type": "passkey"},
        {"type": "webauthn-roaming", "public_key": "x"},
        {"type": "recovery-code"},
        {"type": "totp"},
        {"type": "totp", "totp_secret": "A" * 25},
        {"type": "totp", "totp_secret": "JBSWY3DPEHPK3PXP"},
        {"type": "totp", "totp_secret": "jbswy3dpehpk3pxpjbswy3dpehpk3pxp"},
        {"type": "email", "email": "none"},
        {"type": "phone"},
        {"type": "phone", "phone_number": NUMBER, "preferred_authentication_method": "fax"},
        {"type": "phone", "phone_number": NUMBER, "name": ""},
        {},
        [],
    ],
)
async def test_what_makes_no_method_is_refused(visitor: Visitor, body: object) -> None:
    path = f"users/{(await visitor.person()).user_id}/authentication-methods"
    for method, sent in (("POST", body), ("PUT", [body])):
        answer = await visitor.manage(method, path, sent)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body")


async def test_an_application_made_here_gives_its_codes(visitor: Visitor) -> None:
    person, secret = await visitor.person(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    path = f"users/{person.user_id}/authentication-methods"
    await visitor.manage("POST", path, {"type": "totp", "totp_secret": secret})
    listed = await visitor.authenticators(await visitor.mfa_token(person))
    assert [(entry["authenticator_type"], entry["active"]) for entry in listed] == [("otp", True)]


async def test_a_push_and_its_codes_are_linked(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll_push(person)
    listed = (await visitor.manage("GET", f"users/{person.user_id}/authentication-methods")).json()
    by_type = {one["type"]: one for one in listed}
    assert by_type["push"]["link_id"] == by_type["totp"]["id"]
    assert by_type["totp"]["link_id"] == by_type["push"]["id"]
    enrollments = (await visitor.manage("GET", f"users/{person.user_id}/enrollments")).json()
    assert [one["auth_method"] for one in enrollments] == ["guardian", "authenticator"]


async def test_only_a_phone_has_a_preferred_channel(visitor: Visitor) -> None:
    path = f"users/{(await visitor.person()).user_id}/authentication-methods"
    email = (await visitor.manage("POST", path, {"type": "email", "email": "a@example.com"})).json()["id"]
    answer = await visitor.manage("PATCH", f"{path}/{email}", {"preferred_authentication_method": "sms"})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body")


async def test_a_limit_on_management_calls_tells_how_much_is_left(visitor: Visitor) -> None:
    token = await visitor.management_token()
    await visitor.switch(management_rate_limit={"burst": 2, "per_seconds": 60})
    answers = [
        await visitor.http.get("/api/v2/clients", headers={"Authorization": f"Bearer {token}"}) for _ in range(3)
    ]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["x-ratelimit-limit"] for answer in answers} == {"2"}
    assert answers[-1].json() == {
        "statusCode": 429,
        "error": "Too Many Requests",
        "message": "Global limit has been reached",
        "errorCode": "too_many_requests",
    }
    assert (await visitor.grant("password", username="x", password="y")).status_code == 403
