from importlib.metadata import version

import pytest
from pydantic import SecretStr

from phone_mfa.auth0 import MFA_GRANTS, Association, Auth0, Authenticator, Challenge, MfaRequired, Tokens
from tests.integration.auth0.tenant import ScriptedTenant, answer

CLIENT = {"client_id": "client-1", "client_secret": "client-secret"}
MFA_TOKEN = SecretStr("Fe26.2*token")
TOKENS = {"access_token": "at", "expires_in": 86400, "scope": "openid", "token_type": "Bearer"}
SOME_TOKENS = Tokens(access_token=SecretStr("at"), expires_in=86400, scope="openid", token_type="Bearer")
ASSOCIATION = {
    "authenticator_type": "oob",
    "binding_method": "prompt",
    "recovery_codes": ["MZCRK3YX5V3AKNNYY6JEBQCL"],
    "oob_channel": "sms",
    "oob_code": "Fe26.2*oob",
}


async def test_a_password_logs_in(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, TOKENS))
    assert await auth0.log_in("ada@example.com", SecretStr("pässword")) == SOME_TOKENS
    request = tenant.only_request
    assert (request.method, request.target) == ("POST", "/oauth/token")
    user = {"grant_type": "password", "username": "ada@example.com", "password": "pässword"}
    assert request.body == user | CLIENT


async def test_a_login_may_name_realm_audience_and_scope(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, TOKENS))
    await auth0.log_in("ada", SecretStr("pw"), realm="users", audience=auth0.mfa_audience, scope="enroll")
    assert tenant.only_request.body == CLIENT | {
        "grant_type": "http://auth0.com/oauth/grant-type/password-realm",
        "username": "ada",
        "password": "pw",
        "realm": "users",
        "audience": f"{tenant.base_url}/mfa/",
        "scope": "enroll",
    }


async def test_a_refresh_token_is_exchanged(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, TOKENS | {"refresh_token": "rt-2", "id_token": "it"}))
    tokens = await auth0.refresh(SecretStr("rt-1"), audience=auth0.mfa_audience, scope="enroll")
    assert tokens == SOME_TOKENS.model_copy(update={"refresh_token": SecretStr("rt-2"), "id_token": SecretStr("it")})
    wanted = {"audience": f"{tenant.base_url}/mfa/", "scope": "enroll"}
    assert tenant.only_request.body == CLIENT | wanted | {"grant_type": "refresh_token", "refresh_token": "rt-1"}


async def test_a_login_on_another_device_sends_no_credentials(auth0: Auth0, tenant: ScriptedTenant) -> None:
    begun = {"device_code": "dc", "user_code": "QTZL-MCBW", "verification_uri": "https://x/activate", "expires_in": 900}
    tenant.will(answer(200, begun), answer(200, TOKENS))
    device = await auth0.authorize_device(audience=auth0.mfa_audience, scope="enroll")
    assert (device.user_code, device.expires_in, device.interval) == ("QTZL-MCBW", 900, 5)
    assert await auth0.exchange_device_code(device.device_code) == SOME_TOKENS
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "dc"}
    assert [(request.target, request.body) for request in tenant.heard] == [
        ("/oauth/device/code", {"client_id": "client-1", "audience": f"{tenant.base_url}/mfa/", "scope": "enroll"}),
        ("/oauth/token", {"client_id": "client-1"} | grant),
    ]


@pytest.mark.parametrize("status", [403, 401])
async def test_a_login_that_needs_a_factor_gives_an_mfa_token(
    auth0: Auth0, tenant: ScriptedTenant, status: int
) -> None:
    wanted = {"error": "mfa_required", "error_description": "Multifactor authentication required", "mfa_token": "Fe26"}
    tenant.will(answer(status, wanted), answer(status, wanted | {"mfa_requirements": {"enroll": [{"type": "phone"}]}}))
    required = MfaRequired(mfa_token=SecretStr("Fe26"))
    assert await auth0.log_in("ada", SecretStr("pw")) == required
    assert await auth0.refresh(SecretStr("rt")) == required


@pytest.mark.parametrize("channel", ["sms", "voice"])
async def test_associating_a_phone_sends_its_number_and_the_token_alone(
    auth0: Auth0, tenant: ScriptedTenant, channel: str
) -> None:
    tenant.will(answer(200, ASSOCIATION | {"oob_channel": channel}))
    association = await auth0.associate(MFA_TOKEN, phone_number=SecretStr("+15555550123"), channel=channel)
    assert association == Association(
        oob_code=SecretStr("Fe26.2*oob"),
        oob_channel=channel,
        binding_method="prompt",
        recovery_codes=(SecretStr("MZCRK3YX5V3AKNNYY6JEBQCL"),),
    )
    request = tenant.only_request
    assert (request.method, request.target) == ("POST", "/mfa/associate")
    assert request.headers["authorization"] == "Bearer Fe26.2*token"
    assert request.body == {
        "authenticator_types": ["oob"],
        "oob_channels": [channel],
        "phone_number": "+15555550123",
    }


async def test_a_later_association_has_no_recovery_code(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, {k: v for k, v in ASSOCIATION.items() if k != "recovery_codes"}))
    association = await auth0.associate(MFA_TOKEN, phone_number=SecretStr("+15555550123"), channel="sms")
    assert association.recovery_codes == ()


async def test_authenticators_are_listed_as_recorded(auth0: Auth0, tenant: ScriptedTenant) -> None:
    pending = {"id": "sms|dev_1", "authenticator_type": "oob", "active": False, "oob_channel": "sms", "name": "XX9167"}
    recovery = {"id": "recovery-code|dev_2", "authenticator_type": "recovery-code", "active": True, "type": "new"}
    tenant.will(answer(200, [pending, recovery]))
    assert await auth0.authenticators(MFA_TOKEN) == [
        Authenticator(id="sms|dev_1", authenticator_type="oob", active=False, oob_channel="sms", name="XX9167"),
        Authenticator(id="recovery-code|dev_2", authenticator_type="recovery-code", active=True),
    ]
    request = tenant.only_request
    assert (request.method, request.target, request.raw_body) == ("GET", "/mfa/authenticators", b"")
    assert request.headers["authorization"] == "Bearer Fe26.2*token"


async def test_the_id_of_a_deleted_authenticator_is_percent_encoded(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(204))
    await auth0.delete_authenticator(SecretStr("access"), "push|dev_1/../%2e?#")
    request = tenant.only_request
    assert (request.method, request.target) == ("DELETE", "/mfa/authenticators/push%7Cdev_1%2F..%2F%252e%3F%23")
    assert request.headers["authorization"] == "Bearer access"


@pytest.mark.parametrize("authenticator_id", ["", ".", ".."])
async def test_an_id_that_walks_the_path_is_refused(
    auth0: Auth0, tenant: ScriptedTenant, authenticator_id: str
) -> None:
    with pytest.raises(ValueError, match=r"^authenticator_id must not be empty"):
        await auth0.delete_authenticator(MFA_TOKEN, authenticator_id)
    assert tenant.heard == []


async def test_a_challenge_carries_the_token_in_its_body(auth0: Auth0, tenant: ScriptedTenant) -> None:
    challenged = {"challenge_type": "oob", "oob_code": "Fe26.2*oob", "binding_method": "prompt"}
    tenant.will(answer(200, challenged))
    challenge = await auth0.challenge(MFA_TOKEN, "sms|dev_1")
    assert challenge == Challenge(challenge_type="oob", oob_code=SecretStr("Fe26.2*oob"), binding_method="prompt")
    request = tenant.only_request
    assert (request.method, request.target) == ("POST", "/mfa/challenge")
    assert "authorization" not in request.headers
    asked = {"mfa_token": "Fe26.2*token", "challenge_type": "oob", "authenticator_id": "sms|dev_1"}
    assert request.body == asked | CLIENT


async def test_a_challenge_without_an_id_leaves_the_choice_to_auth0(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, {"challenge_type": "oob", "oob_code": "Fe26.2*oob"}))
    assert (await auth0.challenge(MFA_TOKEN)).binding_method is None
    assert tenant.only_request.body == CLIENT | {"mfa_token": "Fe26.2*token", "challenge_type": "oob"}


async def test_a_binding_code_is_exchanged_for_tokens(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, TOKENS, {"Content-Type": "application/json"}))
    code = SecretStr("012345")
    assert await auth0.exchange_oob(MFA_TOKEN, oob_code=SecretStr("oob"), binding_code=code) == SOME_TOKENS
    proof = {"grant_type": MFA_GRANTS[0], "mfa_token": "Fe26.2*token", "oob_code": "oob", "binding_code": "012345"}
    assert (tenant.only_request.target, tenant.only_request.body) == ("/oauth/token", proof | CLIENT)


async def test_a_recovery_code_comes_back_replaced(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, TOKENS | {"recovery_code": "NEW"}))
    tokens = await auth0.exchange_recovery_code(MFA_TOKEN, SecretStr("OLD"))
    assert tokens == SOME_TOKENS.model_copy(update={"recovery_code": SecretStr("NEW")})
    proof = {"grant_type": MFA_GRANTS[2], "mfa_token": "Fe26.2*token", "recovery_code": "OLD"}
    assert (tenant.only_request.target, tenant.only_request.body) == ("/oauth/token", proof | CLIENT)


async def test_a_management_token_is_for_the_management_api(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, TOKENS))
    assert await auth0.management_token() == SecretStr("at")
    wanted = {"grant_type": "client_credentials", "audience": f"{tenant.base_url}/api/v2/"}
    assert tenant.only_request.body == CLIENT | wanted


async def test_a_request_says_who_asks_and_wants_plain_json(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, []))
    await auth0.authenticators(MFA_TOKEN)
    assert tenant.only_request.headers == {
        "host": tenant.base_url.removeprefix("http://"),
        "user-agent": f"phone-mfa/{version('phone-mfa')}",
        "accept": "application/json",
        "accept-encoding": "identity",
        "authorization": "Bearer Fe26.2*token",
    }


async def test_a_cookie_of_one_answer_is_not_sent_with_the_next_request(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, TOKENS, {"Set-Cookie": "did=user-1; Path=/"}), answer(200, TOKENS))
    await auth0.log_in("ada", SecretStr("pw"))
    await auth0.log_in("bob", SecretStr("pw"))
    assert ["cookie" in request.headers for request in tenant.heard] == [False, False]


async def test_text_that_is_no_unicode_is_sent_without_a_fuss(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, TOKENS))
    await auth0.log_in("ada", SecretStr("\ud800"))
    assert tenant.only_request.body["password"] == "\ud800"


@pytest.mark.parametrize("token", ["", "Fe26 2", "Fe26\r\nX-Evil: 1", "Fé26"])
async def test_a_token_that_cannot_stand_in_a_header_is_refused_by_name(
    auth0: Auth0, tenant: ScriptedTenant, token: str
) -> None:
    with pytest.raises(ValueError, match=r"^mfa_token must be visible ASCII without spaces$"):
        await auth0.authenticators(SecretStr(token))
    assert tenant.heard == []
