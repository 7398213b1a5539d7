from collections.abc import Awaitable, Callable, Mapping

import pytest
from pydantic import SecretStr

from phone_mfa.auth0 import Auth0, Auth0Error, Management, errors
from phone_mfa.auth0.error_rules import RULES, SERVER_ERROR_RULES, UNKNOWN_CODE, Call, ErrorRule
from tests.integration.auth0.tenant import ScriptedTenant, evidence, refusal

SECRET = SecretStr("x")

ASK: Mapping[Call, Callable[[Auth0, Management], Awaitable[object]]] = {
    Call.LOG_IN: lambda auth0, _: auth0.log_in("ada", SECRET),
    Call.REFRESH: lambda auth0, _: auth0.refresh(SECRET),
    Call.EXCHANGE_CODE: lambda auth0, _: auth0.exchange_code(SECRET, redirect_uri="x", code_verifier=SECRET),
    Call.AUTHORIZE_DEVICE: lambda auth0, _: auth0.authorize_device(audience="x", scope="x"),
    Call.EXCHANGE_DEVICE_CODE: lambda auth0, _: auth0.exchange_device_code(SECRET),
    Call.ASSOCIATE: lambda auth0, _: auth0.associate(SECRET, phone_number=SecretStr("+15555550123"), channel="sms"),
    Call.AUTHENTICATORS: lambda auth0, _: auth0.authenticators(SECRET),
    Call.DELETE_AUTHENTICATOR: lambda auth0, _: auth0.delete_authenticator(SECRET, "sms|dev_1"),
    Call.CHALLENGE: lambda auth0, _: auth0.challenge(SECRET, "sms|dev_1"),
    Call.EXCHANGE_OOB: lambda auth0, _: auth0.exchange_oob(SECRET, oob_code=SECRET, binding_code=SECRET),
    Call.EXCHANGE_RECOVERY_CODE: lambda auth0, _: auth0.exchange_recovery_code(SECRET, SECRET),
    Call.MANAGEMENT_TOKEN: lambda auth0, _: auth0.management_token(),
    Call.MANAGE: lambda _, management: management.message_types(),
}

_GRANT = "Grant type 'http://auth0.com/oauth/grant-type/mfa-oob' not allowed for the client."
_NO_TYPE = "User does not have any enrolled authenticator with the supported challenge type (oob)"
_OTHER_TYPE = "The user does not support the requested challenge type (otp). Supported type: oob."
_NO_TRANSPORT = "Supported type: oob. Currently there is no supported challenge available."
_NOT_ENROLLED = "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."
_TOO_MANY_SMS = "Too many SMS sent by the user. Wait for some minutes before retrying."
_TOO_MANY_CODES = "Too many failed codes. Wait for some minutes before retrying."
_NO_CONFIRMED = "User does not have any confirmed authenticator associated. You can associate a new authenticator"
_BAD_TOKEN = "The mfa_token provided is invalid. Try getting a new token."
_PENDING = "Authorization pending: please repeat the request in a few seconds."
_NO_MATCH = "The oob_code doesn't match the mfa_token"
_NOT_YET = "User has yet to authorize device code."
_TOO_FAST = "You are polling faster than the specified interval of 5 seconds."
_BLOCKED = "Your account has been blocked after multiple consecutive login attempts."
_SUSPICIOUS = "We have detected suspicious login behavior and further attempts will be blocked."
_NO_API = 'Client is not authorized to access "https://x/api/v2/". You need to create a "client-grant"'
_OFF = "Factor sms is disabled"
_NOT_ON = "The factor is not enabled"

Row = tuple[Call, int, str, str, type[Auth0Error]]

ASSOCIATE: list[Row] = [
    (Call.ASSOCIATE, 403, "access_denied", "User is already enrolled.", errors.AlreadyEnrolledError),
    (Call.ASSOCIATE, 401, "invalid_grant", _BAD_TOKEN, errors.MfaTokenInvalidError),
    (Call.AUTHENTICATORS, 401, "invalid_grant", _BAD_TOKEN, errors.MfaTokenInvalidError),
    (Call.DELETE_AUTHENTICATOR, 401, "invalid_grant", _BAD_TOKEN, errors.MfaTokenInvalidError),
    (Call.DELETE_AUTHENTICATOR, 404, "not_found", "", errors.AuthenticatorUnknownError),
    (Call.ASSOCIATE, 400, "invalid_request", "The phone number is invalid.", errors.PhoneNumberInvalidError),
    (Call.ASSOCIATE, 400, "invalid_phone_number", "", errors.PhoneNumberInvalidError),
    (Call.ASSOCIATE, 400, "invalid_request", _TOO_MANY_SMS, errors.TooManySmsError),
    (Call.ASSOCIATE, 429, "too_many_sms", _TOO_MANY_SMS, errors.TooManySmsError),
    (Call.ASSOCIATE, 400, "invalid_request", "oob_channels is wrong", errors.UnknownRefusalError),
    (Call.ASSOCIATE, 403, "access_denied", _OFF, errors.FactorDisabledError),
    (Call.ASSOCIATE, 403, "access_denied", _NOT_ON, errors.FactorDisabledError),
    (Call.ASSOCIATE, 400, "invalid_request", _OFF, errors.FactorDisabledError),
    (Call.ASSOCIATE, 400, "invalid_request", _NOT_ON, errors.FactorDisabledError),
    (Call.ASSOCIATE, 403, "feature_disabled_by_admin", "", errors.FactorDisabledError),
    (Call.ASSOCIATE, 403, "enrollment_method_disabled", "", errors.FactorDisabledError),
    (Call.ASSOCIATE, 403, "insufficient_scope", "", errors.MissingScopeError),
    (Call.ASSOCIATE, 502, "bad_gateway", "SMS gateway down", errors.ProviderFailedError),
    (Call.CHALLENGE, 502, "bad_gateway", "SMS gateway down", errors.ProviderFailedError),
    (Call.EXCHANGE_OOB, 502, "bad_gateway", "", errors.ServerFailedError),
    (Call.ASSOCIATE, 400, "bad_gateway", "SMS gateway down", errors.ProviderFailedError),
    (Call.ASSOCIATE, 400, "error_sending_sms", "", errors.ProviderFailedError),
]

CHALLENGE: list[Row] = [
    (Call.CHALLENGE, 401, "association_required", _NO_CONFIRMED, errors.NotEnrolledError),
    (Call.CHALLENGE, 403, "association_required", _NO_CONFIRMED, errors.NotEnrolledError),
    (Call.CHALLENGE, 401, "unsupported_challenge_type", _NO_TYPE, errors.NotEnrolledError),
    (Call.CHALLENGE, 401, "unsupported_challenge_type", _OTHER_TYPE, errors.NotEnrolledError),
    (Call.CHALLENGE, 401, "unsupported_challenge_type", _NO_TRANSPORT, errors.FactorDisabledError),
    (Call.CHALLENGE, 400, "invalid_authenticator", "", errors.AuthenticatorUnknownError),
    (Call.CHALLENGE, 400, "authenticator_not_found", "", errors.AuthenticatorUnknownError),
    (Call.CHALLENGE, 404, "not_found", "", errors.AuthenticatorUnknownError),
    (Call.CHALLENGE, 403, "expired_token", "mfa_token is expired", errors.MfaTokenExpiredError),
    (Call.CHALLENGE, 401, "expired_token", "mfa_token is expired", errors.MfaTokenExpiredError),
    (Call.CHALLENGE, 403, "invalid_grant", "Malformed mfa_token", errors.MfaTokenInvalidError),
    (Call.CHALLENGE, 400, "invalid_request", "mfa_token not issued to this client", errors.MfaTokenInvalidError),
    (Call.CHALLENGE, 400, "invalid_request", _TOO_MANY_SMS, errors.TooManySmsError),
    (Call.CHALLENGE, 400, "invalid_request", _TOO_MANY_CODES, errors.TooManyFailedCodesError),
    (Call.CHALLENGE, 429, "invalid_request", _TOO_MANY_CODES, errors.TooManyFailedCodesError),
    (Call.CHALLENGE, 401, "invalid_client", "Unauthorized", errors.ClientRejectedError),
]

EXCHANGE: list[Row] = [
    (Call.EXCHANGE_OOB, 403, "invalid_grant", "Invalid binding_code.", errors.WrongBindingCodeError),
    (Call.EXCHANGE_OOB, 403, "invalid_grant", "Invalid otp_code.", errors.WrongBindingCodeError),
    (Call.EXCHANGE_RECOVERY_CODE, 403, "invalid_grant", "MFA Authorization rejected.", errors.WrongRecoveryCodeError),
    (Call.EXCHANGE_OOB, 400, "access_denied", "MFA Authorization rejected.", errors.AuthorizationRejectedError),
    (Call.EXCHANGE_OOB, 403, "invalid_grant", "MFA Authorization rejected.", errors.AuthorizationRejectedError),
    (Call.EXCHANGE_OOB, 400, "authorization_pending", _PENDING, errors.AuthorizationPendingError),
    (Call.EXCHANGE_OOB, 429, "slow_down", "", errors.RateLimitedError),
    (Call.EXCHANGE_OOB, 400, "slow_down", "", errors.RateLimitedError),
    (Call.EXCHANGE_OOB, 403, "expired_token", "mfa_token is expired", errors.MfaTokenExpiredError),
    (Call.EXCHANGE_OOB, 403, "expired_token", "oob_code is expired", errors.OobCodeExpiredError),
    (Call.EXCHANGE_OOB, 403, "expired_token", "", errors.MfaTokenExpiredError),
    (Call.EXCHANGE_OOB, 403, "invalid_grant", "Malformed mfa_token", errors.MfaTokenInvalidError),
    (Call.EXCHANGE_OOB, 403, "invalid_grant", "Malformed oob_code", errors.OobCodeInvalidError),
    (Call.EXCHANGE_OOB, 400, "invalid_request", _NO_MATCH, errors.OobCodeInvalidError),
    (Call.EXCHANGE_OOB, 400, "invalid_request", "Missing required parameter: oob_code", errors.UnknownRefusalError),
    (Call.EXCHANGE_OOB, 400, "invalid_request", "mfa_token must be a string", errors.UnknownRefusalError),
    (Call.EXCHANGE_OOB, 400, "invalid_request", "binding_code is required", errors.UnknownRefusalError),
    (Call.EXCHANGE_OOB, 401, "unsupported_challenge_type", _NOT_ENROLLED, errors.NotEnrolledError),
    (
        Call.EXCHANGE_RECOVERY_CODE,
        403,
        "unsupported_challenge_type",
        "User does not have a recovery-code.",
        errors.NotEnrolledError,
    ),
    (Call.EXCHANGE_OOB, 403, "unauthorized_client", _GRANT, errors.GrantNotAllowedError),
    (Call.EXCHANGE_OOB, 403, "unsupported_grant_type", "", errors.GrantNotAllowedError),
    (Call.EXCHANGE_OOB, 501, "unsupported_grant_type", "", errors.GrantNotAllowedError),
    (Call.EXCHANGE_OOB, 401, "invalid_client", "", errors.ClientRejectedError),
    (Call.EXCHANGE_OOB, 403, "invalid_grant", "Invalid authorization code", errors.UnknownRefusalError),
    (
        Call.EXCHANGE_OOB,
        403,
        "mfa_required",
        "Multifactor authentication required",
        errors.UnknownRefusalError,
    ),
    (Call.EXCHANGE_OOB, 400, "invalid_request", _TOO_MANY_CODES, errors.TooManyFailedCodesError),
    (Call.EXCHANGE_OOB, 400, "brand_new", "Never heard of", errors.UnknownRefusalError),
]

LOG_IN: list[Row] = [
    (Call.LOG_IN, 403, "invalid_grant", "Wrong email or password.", errors.LoginRefusedError),
    (Call.LOG_IN, 403, "invalid_grant", "The connection's own words", errors.LoginRefusedError),
    (Call.REFRESH, 403, "invalid_grant", "Unknown or invalid refresh token.", errors.LoginRefusedError),
    (Call.EXCHANGE_CODE, 403, "invalid_grant", "Invalid authorization code", errors.LoginRefusedError),
    (Call.AUTHORIZE_DEVICE, 403, "unauthorized_client", "", errors.GrantNotAllowedError),
    (Call.EXCHANGE_DEVICE_CODE, 403, "authorization_pending", _NOT_YET, errors.AuthorizationPendingError),
    (Call.EXCHANGE_DEVICE_CODE, 429, "slow_down", _TOO_FAST, errors.RateLimitedError),
    (Call.EXCHANGE_DEVICE_CODE, 403, "expired_token", "...", errors.LoginRefusedError),
    (Call.EXCHANGE_DEVICE_CODE, 403, "invalid_grant", "...", errors.LoginRefusedError),
    (Call.EXCHANGE_DEVICE_CODE, 403, "access_denied", "...", errors.AuthorizationRejectedError),
    (Call.EXCHANGE_DEVICE_CODE, 401, "access_denied", "Unauthorized", errors.ClientRejectedError),
    (Call.LOG_IN, 401, "access_denied", "Unauthorized", errors.ClientRejectedError),
    (Call.LOG_IN, 429, "too_many_attempts", _BLOCKED, errors.TooManyAttemptsError),
    (Call.LOG_IN, 429, "too_many_attempts", _SUSPICIOUS, errors.TooManyAttemptsError),
    (Call.LOG_IN, 403, "access_denied", "user is blocked", errors.UserBlockedError),
    (Call.LOG_IN, 401, "unauthorized", "user is blocked", errors.UserBlockedError),
    (Call.LOG_IN, 429, "too_many_requests", "Rate limit exceeded.", errors.RateLimitedError),
    (Call.LOG_IN, 429, "too_many_requests", "Client quota exceeded", errors.RateLimitedError),
    (Call.LOG_IN, 400, "too_many_requests", "", errors.RateLimitedError),
    (Call.LOG_IN, 429, "brand_new", "", errors.RateLimitedError),
    (Call.LOG_IN, 500, "server_error", "", errors.ServerFailedError),
    (Call.EXCHANGE_OOB, 503, "invalid_grant", "Invalid binding_code.", errors.ServerFailedError),
    (Call.MANAGEMENT_TOKEN, 403, "access_denied", _NO_API, errors.ManagementScopeError),
    (Call.MANAGE, 401, "invalid_token", "", errors.ManagementTokenRejectedError),
    (Call.MANAGE, 400, "Bearer", "Bad HTTP authentication header format", errors.ManagementTokenRejectedError),
    (Call.MANAGE, 403, "insufficient_scope", "", errors.ManagementScopeError),
    (Call.MANAGE, 404, "inexistent_client", "", errors.UnknownRefusalError),
]

ROWS = [*ASSOCIATE, *CHALLENGE, *EXCHANGE, *LOG_IN]


def first_fit(call: Call, status: int, error: str, description: str) -> ErrorRule | None:
    table = SERVER_ERROR_RULES if status >= 500 else RULES
    return next((row for row in table if row.matches(call, status, error, description)), None)


@pytest.mark.parametrize(("call", "status", "error", "description", "means"), ROWS)
async def test_a_refusal_is_told_by_its_cause(
    auth0: Auth0,
    management: Management,
    tenant: ScriptedTenant,
    call: Call,
    status: int,
    error: str,
    description: str,
    means: type[Auth0Error],
) -> None:
    tenant.will(refusal(status, error, description))
    with pytest.raises(Auth0Error) as refused:
        await ASK[call](auth0, management)
    row = first_fit(call, status, error, description)
    code = UNKNOWN_CODE if error == "brand_new" else error
    assert evidence(refused.value) == (means, status, code, row.fragment if row else "")


def test_every_row_of_the_tables_has_a_case_that_needs_it() -> None:
    needed = {first_fit(*row[:4]) for row in ROWS}
    assert [row for row in (*RULES, *SERVER_ERROR_RULES) if row not in needed] == []


@pytest.mark.parametrize("code", ["ada_lovelace", "hunter", "invalid_grant ", "Invalid_Grant", "x" * 5000, "a\nb", ""])
async def test_a_code_that_is_not_known_is_not_repeated(auth0: Auth0, tenant: ScriptedTenant, code: str) -> None:
    tenant.will(refusal(403, code, "Never heard of"))
    with pytest.raises(errors.UnknownRefusalError) as refused:
        await auth0.authenticators(SECRET)
    sentence = "Auth0 refused the request for a reason that we do not know."
    assert str(refused.value) == f"{sentence} (403 unknown error code)"


async def test_a_description_is_told_in_our_copy_of_the_words(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(refusal(403, "invalid_grant", "INVALID binding_code. You typed 123456"))
    with pytest.raises(
        errors.WrongBindingCodeError, match=r"^The binding code is wrong\. \(403 invalid_grant\)$"
    ) as no:
        await auth0.exchange_oob(SECRET, oob_code=SECRET, binding_code=SECRET)
    assert no.value.description == "Invalid binding_code"
