"""The Management API: its values govern the MFA API."""

import pytest

from emulator.tests.visitor import OOB, Visitor, bearer, refusal


async def test_an_application_shows_and_changes_its_grants(visitor: Visitor) -> None:
    shown = await visitor.manage("GET", "clients/emulator-client")
    assert shown.headers["content-type"] == "application/json; charset=utf-8"
    assert OOB in shown.json()["grant_types"]
    changed = await visitor.manage("PATCH", "clients/emulator-client", {"grant_types": ["password"]})
    assert changed.json()["grant_types"] == ["password"]
    assert (await visitor.control("GET", "tenant"))["mfa_grant"] is False
    token = await visitor.mfa_token(await visitor.person())
    assert refusal(await visitor.challenge(token))[:2] == (403, "unauthorized_client")


async def test_an_application_shows_and_changes_where_it_may_be_returned_to(visitor: Visitor) -> None:
    urls: dict[str, object] = {
        "callbacks": ["https://app.example.com/callback", "com.example.app:/callback"],
        "allowed_logout_urls": ["https://app.example.com"],
        "allowed_origins": ["https://*.example.com"],
        "web_origins": ["https://app.example.com:8443"],
        "app_type": "spa",
        "is_first_party": False,
    }
    made = await visitor.manage("POST", "clients", {"name": "App", **urls})
    assert made.status_code == 201
    path = f"clients/{made.json()['client_id']}"
    assert urls.items() <= (await visitor.manage("GET", path)).json().items()
    changed = await visitor.manage("PATCH", path, {"callbacks": [], "is_first_party": True})
    assert (changed.json()["callbacks"], changed.json()["is_first_party"]) == ([], True)
    assert changed.json()["web_origins"] == urls["web_origins"]


@pytest.mark.parametrize(
    ("member", "url"),
    [
        ("callbacks", "app.example.com"),
        ("callbacks", "javascript:alert(1)"),
        ("callbacks", "https://app.example.com/#here"),
        ("callbacks", 'https://app.example.com/"><b>'),
        ("allowed_logout_urls", "DATA:text/html,x"),
        ("web_origins", "https://app.example.com/path"),
        ("allowed_origins", "example.com"),
    ],
)
async def test_a_url_that_no_redirect_can_lead_to_is_refused(visitor: Visitor, member: str, url: str) -> None:
    for answer in (
        await visitor.manage("PATCH", "clients/emulator-client", {member: [url]}),
        await visitor.http.post("/_control/clients", json={"client_id": "emulator-client", member: [url]}),
    ):
        assert (answer.status_code, f"{member}.0: " in answer.text) == (400, True), answer.text


async def test_applications_are_listed_with_the_members_asked_for(visitor: Visitor) -> None:
    listed = await visitor.manage("GET", "clients?fields=client_id,grant_types&include_fields=true")
    assert [list(client) for client in listed.json()] == [["tenant", "client_id", "grant_types"]] * 3
    assert [client["client_id"] for client in listed.json()] == [
        "emulator-client",
        "management-client",
        "spa-client",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("is_first_party=false", []),
        ("is_global=true", []),
        ("app_type=spa,native", ["spa-client"]),
        ("app_type=regular_web,spa&is_first_party=true", ["emulator-client", "spa-client"]),
    ],
)
async def test_applications_are_listed_by_kind(visitor: Visitor, query: str, found: list[str]) -> None:
    listed = (await visitor.manage("GET", f"clients?include_totals=true&{query}")).json()
    assert ([client["client_id"] for client in listed["clients"]], listed["total"]) == (found, len(found))
    refused = await visitor.manage("GET", "clients?is_first_party=1")
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "invalid_query_string")


async def test_checkpoints_lead_through_the_applications(visitor: Visitor) -> None:
    first = (await visitor.manage("GET", "clients?take=2&fields=name")).json()
    assert [list(client) for client in first["clients"]] == [["tenant", "name"]] * 2
    rest = (await visitor.manage("GET", f"clients?take=2&from={first['next']}")).json()
    assert [client["client_id"] for client in rest["clients"]] == ["spa-client"]
    assert list(rest) == ["clients"]
    astray = await visitor.manage("GET", "clients?from=nobody")
    assert (astray.status_code, astray.json()["errorCode"]) == (400, "invalid_query_string")


async def test_the_phone_factor_is_called_sms_and_governs_association(visitor: Visitor) -> None:
    factors = (await visitor.manage("GET", "guardian/factors")).json()
    assert {"name": "sms", "enabled": True, "trial_expired": False} in factors
    assert {"name": "duo", "enabled": False, "trial_expired": False} in factors
    assert (await visitor.manage("PUT", "guardian/factors/sms", {"enabled": False})).json() == {"enabled": False}
    person = await visitor.person()
    refused = await visitor.associate(await visitor.mfa_token(person), person.number)
    assert refusal(refused)[:2] == (403, "access_denied")


async def test_message_types_are_the_channels(visitor: Visitor) -> None:
    path = "guardian/factors/phone/message-types"
    assert (await visitor.manage("GET", path)).json() == {"message_types": ["sms", "voice"]}
    changed = await visitor.manage("PUT", path, {"message_types": ["voice"]})
    assert changed.json() == {"message_types": ["voice"]}
    assert (await visitor.control("GET", "tenant"))["channels"] == ["voice"]


async def test_only_confirmed_methods_of_a_user_are_shown_and_twins_are_one(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number)
    path = f"users/{person.user_id}/authentication-methods"
    assert (await visitor.manage("GET", path)).json() == []
    await visitor.enroll(person)
    device = (await visitor.authenticators(token))[-1]["id"].removeprefix("voice|")
    recovery, phone = (await visitor.manage("GET", path)).json()
    created, enrolled, used = (phone.pop(name) for name in ("created_at", "enrolled_at", "last_auth_at"))
    assert created <= enrolled == used
    assert phone == {
        "id": f"phone|{device}",
        "type": "phone",
        "confirmed": True,
        "phone_number": "XXXXXXXX" + person.number[-4:],
        "preferred_authentication_method": "sms",
        "authentication_methods": [
            {"id": f"sms|{device}", "type": "sms"},
            {"id": f"voice|{device}", "type": "voice"},
        ],
    }
    assert recovery["type"] == "recovery-code"


async def test_a_regenerated_recovery_code_replaces_the_old_one(visitor: Visitor) -> None:
    person = await visitor.person()
    (old,) = await visitor.enroll(person)
    answer = await visitor.manage("POST", f"users/{person.user_id}/recovery-code-regeneration")
    new = answer.json()["recovery_code"]
    token = await visitor.mfa_token(person)
    grant = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
    assert (await visitor.grant(grant, mfa_token=token, recovery_code=old)).status_code == 403
    assert (await visitor.grant(grant, mfa_token=token, recovery_code=new)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "clients/unknown", None, 404, "inexistent_client"),
        ("GET", "users/unknown/authentication-methods", None, 404, "inexistent_user"),
        ("PATCH", "clients/emulator-client", {"grant_types": "password"}, 400, "invalid_body"),
        ("PATCH", "clients/emulator-client", {"color": "red"}, 400, "invalid_body"),
        ("PATCH", "clients/emulator-client", {"name": "<b>"}, 400, "invalid_body"),
        ("PATCH", "clients/emulator-client", {}, 400, "invalid_body"),
        ("PATCH", "attack-protection/brute-force-protection", {"shields": ["admin_notification"]}, 400, "invalid_body"),
        ("PATCH", "attack-protection/brute-force-protection", {"allowlist": ["nowhere"]}, 400, "invalid_body"),
        (
            "PATCH",
            "attack-protection/suspicious-ip-throttling",
            {"shields": ["user_notification"]},
            400,
            "invalid_body",
        ),
        ("PUT", "guardian/factors/sms", {"enabled": "yes"}, 400, "invalid_body"),
        ("PUT", "guardian/factors/duo", {"enabled": True}, 400, "invalid_body"),
        ("PUT", "guardian/factors/phone", {"enabled": True}, 400, "invalid_uri"),
        ("PUT", "guardian/factors/phone/message-types", {"message_types": ["fax"]}, 400, "invalid_body"),
        ("PUT", "guardian/factors/phone/templates", {"enrollment_message": "{{code}}"}, 400, "invalid_body"),
        ("POST", "guardian/factors", {}, 405, "method_not_allowed"),
    ],
)
async def test_refusals_are_in_the_shape_of_the_management_api(
    visitor: Visitor, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = await visitor.manage(method, path, body)
    assert (answer.status_code, answer.json()["statusCode"], answer.json()["errorCode"]) == (status, status, code)
    assert list(answer.json()) == ["statusCode", "error", "message", "errorCode"]


async def test_a_refusal_names_the_member_as_the_caller_does(visitor: Visitor) -> None:
    for path in ("brute-force-protection", "suspicious-ip-throttling", "breached-password-detection"):
        answer = await visitor.manage("PATCH", f"attack-protection/{path}", {"shields": ["x"]})
        assert answer.json()["message"].startswith("shields.0: ")


async def test_a_token_needs_the_scope_of_the_call(visitor: Visitor) -> None:
    answer = await visitor.manage("GET", "clients", scope="read:users read:secrets")
    assert answer.json() == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "Insufficient scope, expected any of: read:clients",
        "errorCode": "insufficient_scope",
    }


async def test_a_foreign_or_old_token_is_unauthorized(visitor: Visitor) -> None:
    await visitor.switch(mfa_required=False)
    person = await visitor.person()
    audience = visitor.mfa_audience.replace("/mfa/", "/api/v2/")
    users_token = (await visitor.login(person, audience=audience, scope="read:clients")).json()["access_token"]
    token = await visitor.management_token()
    await visitor.advance(86_401)
    expected = {
        "not.a.token": "Invalid token",
        users_token: "Invalid token",
        token: "Expired token received for JSON Web Token validation",
    }
    for bad, message in expected.items():
        answer = await visitor.http.get("/api/v2/clients", headers=bearer(bad))
        body = {"statusCode": 401, "error": "Unauthorized", "message": message, "attributes": {"error": message}}
        assert (answer.status_code, answer.json()) == (401, body)


@pytest.mark.parametrize("header", ["Bearer garbage", "Bearer", "Basic YTpi", "Bearer Fe26.2*a*b"])
async def test_what_is_no_jwt_is_a_bad_request(visitor: Visitor, header: str) -> None:
    answer = await visitor.http.get("/api/v2/clients", headers={"Authorization": header})
    message = "Bad HTTP authentication header format"
    assert answer.json() == {"statusCode": 400, "error": "Bad Request", "message": message, "errorCode": "Bearer"}


async def test_only_the_management_api_can_be_asked_for_and_only_by_who_may(visitor: Visitor) -> None:
    manager = {"client_id": "management-client", "client_secret": "management-secret"}
    asked = manager | {"grant_type": "client_credentials", "audience": "https://api.example.com"}
    foreign = await visitor.http.post("/oauth/token", json=asked)
    assert refusal(foreign)[2] == "Service not enabled within domain: https://api.example.com"
    await visitor.control("POST", "clients", {"client_id": "public", "grant_types": ["client_credentials"]})
    audience = visitor.mfa_audience.replace("/mfa/", "/api/v2/")
    unauthorized = await visitor.http.post("/oauth/token", json=asked | {"client_id": "public", "audience": audience})
    assert refusal(unauthorized)[:2] == (403, "access_denied")


async def test_a_phone_made_here_makes_the_recovery_code_work(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, "+15555559999")
    body = {"type": "phone", "phone_number": person.number}
    assert (await visitor.manage("POST", f"users/{person.user_id}/authentication-methods", body)).status_code == 201
    active = {entry["id"].partition("|")[0]: entry["active"] for entry in await visitor.authenticators(token)}
    assert active["recovery-code"]


@pytest.mark.parametrize("number", ["+0000000", "+01234567", "15555550123", "+1555555012345678", "+15555550123\n"])
async def test_what_is_no_phone_number_is_stored_nowhere(visitor: Visitor, number: str) -> None:
    person = await visitor.person()
    body = {"type": "phone", "phone_number": number}
    answer = await visitor.manage("POST", f"users/{person.user_id}/authentication-methods", body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body")
    user = {"email": person.email, "password": "pw", "authenticators": [body]}
    assert (await visitor.http.post("/_control/users", json=user)).status_code == 400
    assert (await visitor.associate(await visitor.mfa_token(person), number)).status_code == 400
