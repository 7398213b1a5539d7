import httpx
import pytest
from pydantic import SecretStr

from phone_mfa.auth0 import (
    MFA_GRANTS,
    Auth0Error,
    Discovery,
    InvalidResponseError,
    Management,
    ManagementScopeError,
    ManagementTokenRejectedError,
    RateLimitedError,
    UnknownRefusalError,
    discover,
)
from tests.integration.auth0.tenant import ScriptedTenant, answer, evidence

READ_GRANTS = "/api/v2/clients/client%7C1?fields=grant_types&include_fields=true"


async def test_the_grants_of_an_application_are_read(management: Management, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, {"grant_types": ["password"], "name": "App"}), answer(200, {}))
    assert await management.client_grants("client|1") == ("password",)
    assert await management.client_grants("client|1") == ()
    request = tenant.heard[0]
    assert (request.method, request.target) == ("GET", READ_GRANTS)
    assert request.headers["authorization"] == "Bearer management-token"


async def test_grants_are_added_to_those_there_are(management: Management, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, {"grant_types": ["password", MFA_GRANTS[0]]}), answer(200, {"client_id": "client|1"}))
    await management.allow_grants("client|1", MFA_GRANTS)
    request = tenant.heard[1]
    assert (request.method, request.target) == ("PATCH", "/api/v2/clients/client%7C1")
    assert request.body == {"grant_types": ["password", *MFA_GRANTS]}


async def test_grants_that_are_there_are_left_alone(management: Management, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, {"grant_types": [*MFA_GRANTS]}))
    await management.allow_grants("client|1", MFA_GRANTS)
    assert [request.method for request in tenant.heard] == ["GET"]


@pytest.mark.parametrize(
    ("factors", "enabled"),
    [
        ([{"name": "otp", "enabled": True}, {"name": "sms", "enabled": True, "trial_expired": False}], True),
        ([{"name": "otp", "enabled": True}, {"name": "sms", "enabled": False}], False),
        ([], False),
    ],
)
async def test_the_phone_factor_is_the_one_named_sms(
    management: Management, tenant: ScriptedTenant, factors: list[dict[str, object]], enabled: bool
) -> None:
    tenant.will(answer(200, factors))
    assert await management.phone_factor_enabled() is enabled
    assert tenant.only_request.target == "/api/v2/guardian/factors"


async def test_the_phone_factor_is_enabled(management: Management, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, {"enabled": True}))
    await management.enable_phone_factor()
    request = tenant.only_request
    assert (request.method, request.target) == ("PUT", "/api/v2/guardian/factors/sms")
    assert request.body == {"enabled": True}


async def test_message_types_are_read_and_set(management: Management, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, {"message_types": ["sms"]}), answer(200, {"message_types": ["sms", "voice"]}))
    assert await management.message_types() == ("sms",)
    await management.set_message_types(["sms", "voice"])
    path = "/api/v2/guardian/factors/phone/message-types"
    assert [(request.method, request.target) for request in tenant.heard] == [("GET", path), ("PUT", path)]
    assert tenant.heard[1].body == {"message_types": ["sms", "voice"]}


async def test_what_delivers_messages_is_read(management: Management, tenant: ScriptedTenant) -> None:
    twilio = {"name": "twilio", "disabled": True, "configuration": {"delivery_methods": ["text"]}}
    tenant.will(
        answer(200, {"phone_consolidated_experience": True}),
        answer(200, {}),
        answer(200, {"providers": [twilio, {"name": "custom", "configuration": None}]}),
        answer(200, {"provider": "auth0"}),
        answer(200, {"type": "exponential"}),
        answer(200, {"app_type": "spa", "token_endpoint_auth_method": "none"}),
    )
    assert [await management.has_unified_phone(), await management.has_unified_phone()] == [True, False]
    providers = await management.phone_providers()
    assert [(one.disabled, one.delivery_methods) for one in providers] == [(True, ("text",)), (False, ())]
    assert await management.selected_provider() == "auth0"
    assert await management.phone_protection() == "exponential"
    application = await management.application("client|1")
    assert (application.app_type, application.has_credentials) == ("spa", False)
    assert {request.method for request in tenant.heard} == {"GET"}


@pytest.mark.parametrize(
    ("status", "code", "means"),
    [
        (401, "invalid_token", ManagementTokenRejectedError),
        (403, "insufficient_scope", ManagementScopeError),
        (404, "inexistent_client", UnknownRefusalError),
        (429, "too_many_requests", RateLimitedError),
    ],
)
async def test_the_management_api_refuses_in_words_of_its_own(
    management: Management, tenant: ScriptedTenant, status: int, code: str, means: type[Auth0Error]
) -> None:
    tenant.will(answer(status, {"statusCode": status, "error": "Some Name", "message": "why", "errorCode": code}))
    with pytest.raises(Auth0Error) as refused:
        await management.enable_phone_factor()
    assert evidence(refused.value) == (means, status, code, "")


async def test_a_change_answered_by_a_web_page_did_not_happen(management: Management, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, b"<html>"))
    with pytest.raises(InvalidResponseError):
        await management.enable_phone_factor()


def test_a_management_token_that_cannot_stand_in_a_header_is_refused(http: httpx.AsyncClient) -> None:
    with pytest.raises(ValueError, match=r"^token must be visible ASCII without spaces$"):
        Management(http, base_url="https://x", token=SecretStr("a\nb"))


async def test_a_tenant_is_discovered(http: httpx.AsyncClient, tenant: ScriptedTenant) -> None:
    document = {"issuer": "https://t/", "token_endpoint": "https://t/oauth/token", "jwks_uri": "https://t/jwks"}
    challenge = {"mfa_challenge_endpoint": "https://t/mfa/challenge"}
    tenant.will(answer(200, document), answer(200, document | challenge))
    plain = Discovery(issuer="https://t/", token_endpoint="https://t/oauth/token", jwks_uri="https://t/jwks")
    assert await discover(http, tenant.base_url) == plain
    assert await discover(http, tenant.base_url) == plain.model_copy(update=challenge)
    assert tenant.heard[0].target == "/.well-known/openid-configuration"


async def test_what_has_no_discovery_document_is_no_tenant(http: httpx.AsyncClient, tenant: ScriptedTenant) -> None:
    tenant.will(answer(404, b"<html>"), answer(200, {"issuer": "https://t/"}))
    for _ in range(2):
        with pytest.raises(InvalidResponseError):
            await discover(http, tenant.base_url)
