"""Table that maps Auth0's error responses to exception types.

The first matching row wins. A row matches by ``error`` and, where that is overloaded, by a fragment of the description
or by the call; rarely by the status, on which sources disagree. Rows follow Auth0's documentation, its SDKs and
recorded answers.
"""

from dataclasses import dataclass
from enum import StrEnum

from . import errors
from .errors import Auth0Error


class Call(StrEnum):
    """Which call was made; the same error may mean different things for different calls."""

    LOG_IN = "log_in"
    REFRESH = "refresh"
    EXCHANGE_CODE = "exchange_code"
    AUTHORIZE_DEVICE = "authorize_device"
    EXCHANGE_DEVICE_CODE = "exchange_device_code"
    ASSOCIATE = "associate"
    AUTHENTICATORS = "authenticators"
    DELETE_AUTHENTICATOR = "delete_authenticator"
    CHALLENGE = "challenge"
    EXCHANGE_OOB = "exchange_oob"
    EXCHANGE_RECOVERY_CODE = "exchange_recovery_code"
    MANAGEMENT_TOKEN = "management_token"
    MANAGE = "manage"
    DISCOVER = "discover"


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """One row. An empty ``error`` or ``fragment``, and a ``call`` or ``status`` of None, match anything."""

    error: str
    error_class: type[Auth0Error]
    fragment: str = ""
    call: Call | None = None
    status: int | None = None

    def matches(self, call: Call, status: int, error: str, description: str) -> bool:
        """Whether this row matches the answer."""
        return (
            self.error in {"", error}
            and self.call in {None, call}
            and self.status in {None, status}
            and self.fragment.casefold() in description.casefold()
        )


RULES: tuple[ErrorRule, ...] = (
    # The Management API has error codes of its own: there the status decides (Auth0 docs, "Management API").
    ErrorRule("", errors.ManagementTokenRejectedError, call=Call.MANAGE, status=401),
    ErrorRule("", errors.ManagementTokenRejectedError, "Bad HTTP authentication header format", Call.MANAGE),
    ErrorRule("", errors.ManagementScopeError, call=Call.MANAGE, status=403),
    ErrorRule(
        "access_denied", errors.ManagementScopeError, "Client is not authorized to access", Call.MANAGEMENT_TOKEN
    ),
    # The application.
    ErrorRule("invalid_client", errors.ClientRejectedError),
    ErrorRule("access_denied", errors.ClientRejectedError, "Unauthorized", status=401),
    ErrorRule("unauthorized_client", errors.GrantNotAllowedError),
    ErrorRule("unsupported_grant_type", errors.GrantNotAllowedError),
    # Rate limits and budgets.
    ErrorRule("too_many_requests", errors.RateLimitedError),
    ErrorRule("slow_down", errors.RateLimitedError),
    ErrorRule("too_many_attempts", errors.TooManyAttemptsError),
    ErrorRule("", errors.TooManySmsError, "Too many SMS sent by the user"),
    ErrorRule("", errors.TooManyFailedCodesError, "Too many failed codes"),
    # The user.
    ErrorRule("", errors.UserBlockedError, "user is blocked"),
    ErrorRule("invalid_grant", errors.LoginRefusedError, "Wrong email or password"),
    ErrorRule("invalid_grant", errors.LoginRefusedError, call=Call.LOG_IN),
    ErrorRule("invalid_grant", errors.LoginRefusedError, call=Call.REFRESH),
    ErrorRule("invalid_grant", errors.LoginRefusedError, call=Call.EXCHANGE_CODE),
    ErrorRule("invalid_grant", errors.LoginRefusedError, call=Call.EXCHANGE_DEVICE_CODE),
    ErrorRule("expired_token", errors.LoginRefusedError, call=Call.EXCHANGE_DEVICE_CODE),
    ErrorRule("access_denied", errors.AuthorizationRejectedError, call=Call.EXCHANGE_DEVICE_CODE),
    # The MFA token. On /mfa/associate an expired one is reported as invalid.
    ErrorRule("expired_token", errors.OobCodeExpiredError, "oob_code is expired"),
    ErrorRule("expired_token", errors.MfaTokenExpiredError, "mfa_token is expired"),
    ErrorRule("expired_token", errors.MfaTokenExpiredError),
    ErrorRule("invalid_grant", errors.MfaTokenInvalidError, "The mfa_token provided is invalid"),
    ErrorRule("invalid_grant", errors.MfaTokenInvalidError, "Malformed mfa_token"),
    ErrorRule("invalid_request", errors.MfaTokenInvalidError, "mfa_token not issued to this client"),
    ErrorRule("insufficient_scope", errors.MissingScopeError),
    # The message and its code. The recorded push rejection is access_denied, the documented one invalid_grant.
    ErrorRule("invalid_grant", errors.OobCodeInvalidError, "Malformed oob_code"),
    ErrorRule("invalid_request", errors.OobCodeInvalidError, "The oob_code doesn't match the mfa_token"),
    ErrorRule("invalid_grant", errors.WrongBindingCodeError, "Invalid binding_code"),
    ErrorRule("invalid_grant", errors.WrongBindingCodeError, "Invalid otp_code"),
    ErrorRule("", errors.WrongRecoveryCodeError, "MFA Authorization rejected", Call.EXCHANGE_RECOVERY_CODE),
    ErrorRule("invalid_grant", errors.AuthorizationRejectedError, "MFA Authorization rejected"),
    ErrorRule("access_denied", errors.AuthorizationRejectedError, "MFA Authorization rejected"),
    ErrorRule("authorization_pending", errors.AuthorizationPendingError),
    # The authenticators.
    ErrorRule("access_denied", errors.AlreadyEnrolledError, "User is already enrolled"),
    ErrorRule("association_required", errors.NotEnrolledError),
    ErrorRule("unsupported_challenge_type", errors.FactorDisabledError, "there is no supported challenge available"),
    ErrorRule("unsupported_challenge_type", errors.NotEnrolledError),
    ErrorRule("invalid_authenticator", errors.AuthenticatorUnknownError),
    ErrorRule("authenticator_not_found", errors.AuthenticatorUnknownError),
    ErrorRule("", errors.AuthenticatorUnknownError, call=Call.CHALLENGE, status=404),
    ErrorRule("", errors.AuthenticatorUnknownError, call=Call.DELETE_AUTHENTICATOR, status=404),
    # The phone and its channel. No text is documented for a disabled factor: Guardian's codes, and likely wordings.
    ErrorRule("", errors.PhoneNumberInvalidError, "phone number is invalid"),
    ErrorRule("invalid_phone_number", errors.PhoneNumberInvalidError),
    ErrorRule("bad_gateway", errors.ProviderFailedError),
    ErrorRule("error_sending_sms", errors.ProviderFailedError),
    ErrorRule("feature_disabled_by_admin", errors.FactorDisabledError),
    ErrorRule("enrollment_method_disabled", errors.FactorDisabledError),
    ErrorRule("access_denied", errors.FactorDisabledError, "disabled", Call.ASSOCIATE),
    ErrorRule("access_denied", errors.FactorDisabledError, "not enabled", Call.ASSOCIATE),
    ErrorRule("invalid_request", errors.FactorDisabledError, "is disabled", Call.ASSOCIATE),
    ErrorRule("invalid_request", errors.FactorDisabledError, "not enabled", Call.ASSOCIATE),
    # Defects of ours, and requests this client does not support; the wording helps with debugging.
    ErrorRule("invalid_request", errors.UnknownRefusalError, "Missing required parameter"),
    ErrorRule("invalid_request", errors.UnknownRefusalError, "must be a string"),
    ErrorRule("invalid_request", errors.UnknownRefusalError, "binding_code is required"),
    ErrorRule("mfa_required", errors.UnknownRefusalError, "Multifactor authentication required"),
    # Any other 429.
    ErrorRule("", errors.RateLimitedError, status=429),
)

SERVER_ERROR_RULES: tuple[ErrorRule, ...] = (
    # A 5xx is a failure whatever its text, except for the two that state what happened to the request.
    ErrorRule("bad_gateway", errors.ProviderFailedError, call=Call.ASSOCIATE),
    ErrorRule("bad_gateway", errors.ProviderFailedError, call=Call.CHALLENGE),
    ErrorRule("unsupported_grant_type", errors.GrantNotAllowedError),
    ErrorRule("", errors.ServerFailedError),
)

_OF_STANDARDS = (
    *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
    *("invalid_scope", "access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable"),
    *("invalid_token", "insufficient_scope"),
    *("authorization_pending", "slow_down", "expired_token"),
    *("login_required", "consent_required", "interaction_required"),
)
"""RFC 6749, 4.1.2.1 and 5.2; RFC 6750, 3.1; RFC 8628, 3.5; OpenID Connect Core 1.0, 3.1.2.6."""

_OF_AUTH0 = (
    *(
        "unauthorized",
        "Bearer",
        "invalid_user_password",
        "password_leaked",
        "mfa_invalid_code",
        "mfa_registration_required",
    ),
    *("too_many_sms", "enrollment_conflict", "invalid_binding_code", "invalid_oob_code", "invalid_otp"),
    *("invalid_recovery_code", "not_found", "inexistent_client"),
)
"""Codes without a rule (Auth0 docs, "Common Auth0 Library Authentication Errors" and "Management API"; its SDKs)."""

KNOWN_CODES = frozenset(
    {*(row.error for row in (*RULES, *SERVER_ERROR_RULES) if row.error), *_OF_STANDARDS, *_OF_AUTH0}
)
"""The error codes that may be repeated. Any other text in their place could be anything, also a secret."""

UNKNOWN_CODE = "unknown error code"
"""Stands for any other one."""


def error_for(call: Call, status: int, error: str, description: str) -> tuple[type[Auth0Error], str]:
    """Returns the exception type for a status of 400 or more, and the known wording it used (empty if none)."""
    for row in SERVER_ERROR_RULES if status >= 500 else RULES:
        if row.matches(call, status, error, description):
            return row.error_class, row.fragment
    return errors.UnknownRefusalError, ""
