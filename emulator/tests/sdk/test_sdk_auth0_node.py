"""The Management API clients and the AuthenticationClient of `auth0` for Node, as published, do their journeys."""

from datetime import datetime
from typing import Any

import jwt
import pytest

from emulator.tests.sdk import javascript
from emulator.tests.secured import Secured

pytestmark = javascript.NEEDS_NODE
V4, V5, NEWEST = "auth0-v4", "auth0-v5", "auth0"
CONNECTION = "Username-Password-Authentication"


@pytest.fixture(params=[V4, V5, NEWEST])
def sdk(request: pytest.FixtureRequest) -> str:
    """The package, by its name in `package.json`."""
    return str(request.param)


def journey(name: str, emulator: Secured, sdk: str) -> Any:
    return javascript.journey("management_v4.mjs" if sdk == V4 else "management.mjs", name, emulator, sdk)


def refusal(told: dict[str, Any]) -> tuple[str, int, str | None]:
    return told["raised"], told["statusCode"], told.get("errorCode")


def of(sdk: str, error: str) -> str:
    """The type of an exception; version 4 has one for all."""
    return "ManagementApiError" if sdk == V4 else error


def test_auth0_node_creates_finds_changes_and_deletes_a_user(fresh: Secured, sdk: str) -> None:
    told = journey("users", fresh, sdk)
    user = told["shown"]
    assert (user["email"], user["given_name"], user["nickname"]) == ("chuck334@example.com", "Chuck", "chuck334")
    assert (user["user_metadata"], user["app_metadata"]) == ({"a": 1}, {"plan": "free"})
    assert (user["identities"][0]["connection"], user["identities"][0]["provider"]) == (CONNECTION, "auth0")
    assert told["byEmail"] == told["found"] == [told["id"]]
    assert told["missed"] == []
    assert refusal(told["twice"]) == (of(sdk, "ConflictError"), 409, "auth0_idp_error")
    assert (told["changed"]["email"], told["changed"]["user_metadata"]) == ("chuck@example.org", {"a": 1, "b": 2})
    assert "app_metadata" not in told["changed"]
    assert refusal(told["gone"]) == (of(sdk, "NotFoundError"), 404, "inexistent_user")


def test_auth0_node_pages_through_users_to_their_end(fresh: Secured, sdk: str) -> None:
    told = journey("pages", fresh, sdk)
    assert len(told["made"]) == 5
    assert told["listed"] == told["made"]


def test_auth0_node_creates_lists_replaces_and_deletes_methods(fresh: Secured, sdk: str) -> None:
    told = journey("methods", fresh, sdk)
    email, phone, app = told["created"]
    assert told["nothing"] == told["left"] == []
    assert (email["email"], phone["phone_number"]) == ("chuc****@exam*******", "XXXXXXXXX8750")
    assert [(one["id"], one["confirmed"]) for one in told["listed"]] == [
        (email["id"], True),
        (app["id"], True),
        (phone["id"], True),
    ]
    assert all(datetime.fromisoformat(one["created_at"]).tzinfo for one in told["listed"])
    counted = told["counted"]
    assert counted.pop("authenticators") == told["listed"]
    assert counted == {"total": 3, "start": 0, "limit": 50}
    assert (told["renamed"]["id"], told["renamed"]["name"]) == (email["id"], "Mail")
    assert told["shown"]["preferred_authentication_method"] == "voice"
    assert [(one["name"], one["phone_number"]) for one in told["replaced"]] == [("Mine", "+442071838750")]
    assert refusal(told["unknown"]) == (of(sdk, "NotFoundError"), 404, None)


def test_auth0_node_sees_what_a_user_enrolled_and_makes_a_ticket(fresh: Secured, sdk: str) -> None:
    told = journey("enrollments", fresh, sdk)
    enrolled = told["enrolled"]
    assert (enrolled["status"], enrolled["auth_method"], enrolled["phone_number"]) == (
        "confirmed",
        "sms",
        "XXXXXXXX0100",
    )
    assert told["shown"] == {name: value for name, value in enrolled.items() if name not in ("type", "auth_method")}
    assert refusal(told["gone"]) == (of(sdk, "ManagementError"), 404, "enrollment_not_found")
    assert (told["left"], len(told["recoveryCode"])) == ([], 24)
    ticket, (mail,) = told["ticket"], told["mail"]
    assert ticket["ticket_url"] == f"https://{fresh.domain}/mfa/enrollment?ticket={ticket['ticket_id']}"
    assert ticket["ticket_url"] in mail["text"]


def test_auth0_node_reads_and_changes_the_tenants_mfa(fresh: Secured, sdk: str) -> None:
    told = journey("factors", fresh, sdk)
    assert {one["name"] for one in told["listed"] if not one["enabled"]} == {
        *("duo", "webauthn-roaming", "webauthn-platform")
    }
    assert told["disabled"] == {"enabled": False}
    assert (told["channels"], told["oneChannel"]) == ({"message_types": ["sms", "voice"]}, {"message_types": ["sms"]})
    assert told["provider"] == told["selected"] == {"provider": "auth0"}
    assert told["templates"]["verification_message"].startswith("{{code}}")
    assert told["changed"] == {"enrollment_message": "{{code}}!", "verification_message": "{{code}}"}
    assert told["policies"] == [["all-applications"], []]
    tenant = told["tenant"]
    assert (tenant["otp_factor"], tenant["channels"], tenant["mfa_required"]) == (False, ["sms"], False)
    assert tenant["phone_templates"] == told["changed"]


def test_auth0_node_reads_and_changes_attack_protection(fresh: Secured, sdk: str) -> None:
    told = journey("protection", fresh, sdk)
    assert [one["max_attempts"] for one in told["bruteForce"]] == [10, 3]
    assert [one["shields"] for one in told["breached"]] == [[], ["block"]]
    assert [one["allowlist"] for one in told["suspicious"]] == [[], ["127.0.0.1"]]


@pytest.mark.parametrize("package", [V5, NEWEST])
def test_auth0_node_chooses_growing_waits(fresh: Secured, package: str) -> None:
    """Version 4 does not know phone-provider protection."""
    assert journey("phoneProtection", fresh, package)["types"] == ["default", "exponential", "exponential"]


def test_auth0_node_registers_an_application_that_may_manage(fresh: Secured, sdk: str) -> None:
    told = journey("applications", fresh, sdk)
    client_id = told["created"]["client_id"]
    assert told["created"]["client_secret"]
    assert told["granted"] == ["management-client", client_id]
    assert told["narrowed"]["scope"] == ["read:users"]
    assert told["renamed"]["name"] == "Pipeline 2"
    assert told["shown"] == {"name": "Pipeline 2", "client_id": client_id}
    assert client_id not in told["left"]


def test_auth0_node_pulls_the_log_of_a_failed_message(fresh: Secured, sdk: str) -> None:
    told = journey("logs", fresh, sdk)
    oldest_first = ["mfar", "gd_send_sms_failure", "gd_start_enroll"]
    assert [kind for kind in reversed(told["byPage"]) if kind != "seccft"] == oldest_first
    assert told["ofUser"] == oldest_first[::-1]
    first, following = told["checkpoints"]
    assert [*first, *following] == told["byPage"][::-1]
    failure = told["failure"]
    assert (failure["user_id"], failure["description"]) == (told["userId"], "Send SMS Failure")
    assert failure["details"]["failure_details"] == {"errorCode": "error_sending_sms", "error": {"code": "30006"}}


def test_auth0_node_raises_what_the_api_refuses(fresh: Secured, sdk: str) -> None:
    told = journey("errors", fresh, sdk)
    refused = {name: refusal(one) for name, one in told.items() if isinstance(one, dict)}
    assert refused == {
        "badRequest": (of(sdk, "BadRequestError"), 400, "invalid_body"),
        "noToken": (of(sdk, "BadRequestError"), 400, "Bearer"),
        "unauthorized": (of(sdk, "UnauthorizedError"), 401, None),
        "notFound": (of(sdk, "NotFoundError"), 404, "inexistent_user"),
        "unsupported": (of(sdk, "BadRequestError"), 400, "invalid_body"),
        "forbidden": (of(sdk, "ForbiddenError"), 403, None),
        "tooMany": (of(sdk, "TooManyRequestsError"), 429, "too_many_requests"),
    }
    assert told["remaining"] == "1"
    limit = told["tooMany"]["headers"]
    assert (limit.pop("x-ratelimit-reset").isdigit(), limit) == (
        True,
        {"x-ratelimit-limit": "2", "x-ratelimit-remaining": "0"},
    )


@pytest.mark.parametrize("package", [V4, V5])
def test_auth0_node_hands_over_the_mfa_token_of_a_login(fresh: Secured, package: str) -> None:
    told = javascript.journey("authentication_client.mjs", "mfa", fresh, package)
    required = told["required"]
    assert (required["raised"], required["statusCode"], required["error"]) == ("AuthApiError", 403, "mfa_required")
    assert required["description"] == "Multifactor authentication required"
    claims = jwt.decode(told["tokens"]["id_token"], options={"verify_signature": False})
    assert (claims["sub"], claims["amr"]) == (told["userId"], ["mfa"])
    assert told["again"]["error"] == "mfa_required"


@pytest.mark.parametrize("package", [V4, V5])
def test_auth0_node_gets_and_refreshes_tokens_where_no_mfa_is_needed(fresh: Secured, package: str) -> None:
    told = javascript.journey("authentication_client.mjs", "withoutMfa", fresh, package)
    assert told["tokens"]["scope"] == told["refreshed"]["scope"] == "openid email offline_access"
    assert told["refreshed"]["access_token"] != told["tokens"]["access_token"]
    assert told["ofRealm"]["token_type"] == "Bearer"


@pytest.mark.parametrize("package", [V4, V5])
def test_auth0_node_gets_a_token_for_the_management_api(fresh: Secured, package: str) -> None:
    told = javascript.journey("authentication_client.mjs", "machine", fresh, package)
    claims = jwt.decode(told["access_token"], options={"verify_signature": False})
    assert claims["aud"] == f"https://{fresh.domain}/api/v2/"


@pytest.mark.parametrize("package", [V4, V5])
def test_auth0_node_tells_refused_logins_apart(fresh: Secured, package: str) -> None:
    told = javascript.journey("authentication_client.mjs", "refusals", fresh, package)
    del told["userId"]
    assert {name: (one["raised"], one["statusCode"], one["error"]) for name, one in told.items()} == {
        "wrongPassword": ("AuthApiError", 403, "invalid_grant"),
        "noRefreshToken": ("AuthApiError", 403, "invalid_grant"),
        "noMachine": ("AuthApiError", 403, "unauthorized_client"),
    }
