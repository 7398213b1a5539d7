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
class Refusal:
    """One row. An empty ``error`` or ``says``, and a ``call`` or ``status`` of None, match anything."""

    error: str
    means: type[Auth0Error]
    says: str = ""
    call: Call | None = None
    status: int | None = None

    def fits(self, call: Call, status: int, error: str, description: str) -> bool:
        """Whether this row matches the answer."""
        return (
            self.error in {"", error}
            and self.call in {None, call}
            and self.status in {None, status}
            and self.says.casefold() in description.casefold()
        )


REFUSALS: tuple[Refusal, ...] = (
    # The Management API has error codes of its own: there the status decides (Auth0 docs, "Management API").
    Refusal("", errors.ManagementTokenRejectedError, call=Call.MANAGE, status=401),
    Refusal("", errors.ManagementScopeError, call=Call.MANAGE, status=403),
    Refusal("access_denied", errors.ManagementScopeError, "Client is not authorized to access", Call.MANAGEMENT_TOKEN),
    # The application.
    Refusal("invalid_client", errors.ClientRejectedError),
    Refusal("access_denied", errors.ClientRejectedError, "Unauthorized", status=401),
    Refusal("unauthorized_client", errors.GrantNotAllowedError),
    Refusal("unsupported_grant_type", errors.GrantNotAllowedError),
    # Rate limits and budgets.
    Refusal("too_many_requests", errors.RateLimitedError),
    Refusal("slow_down", errors.RateLimitedError),
    Refusal("too_many_attempts", errors.TooManyAttemptsError),
    Refusal("", errors.TooManySmsError, "Too many SMS sent by the user"),
    Refusal("", errors.TooManyFailedCodesError, "Too many failed codes"),
    # The user.
    Refusal("", errors.UserBlockedError, "user is blocked"),
    Refusal("invalid_grant", errors.LoginRefusedError, "Wrong email or password"),
    Refusal("invalid_grant", errors.LoginRefusedError, call=Call.LOG_IN),
    Refusal("invalid_grant", errors.LoginRefusedError, call=Call.REFRESH),
    # The MFA token. On /mfa/associate an expired one is reported as invalid.
    Refusal("expired_token", errors.OobCodeExpiredError, "oob_code is expired"),
    Refusal("expired_token", errors.MfaTokenExpiredError, "mfa_token is expired"),
    Refusal("expired_token", errors.MfaTokenExpiredError),
    Refusal("invalid_grant", errors.MfaTokenInvalidError, "The mfa_token provided is invalid"),
    Refusal("invalid_grant", errors.MfaTokenInvalidError, "Malformed mfa_token"),
    Refusal("invalid_request", errors.MfaTokenInvalidError, "mfa_token not issued to this client"),
    Refusal("insufficient_scope", errors.MissingScopeError),
    # The message and its code. The recorded push rejection is access_denied, the documented one invalid_grant.
    Refusal("invalid_grant", errors.OobCodeInvalidError, "Malformed oob_code"),
    Refusal("invalid_request", errors.OobCodeInvalidError, "The oob_code doesn't match the mfa_token"),
    Refusal("invalid_grant", errors.WrongBindingCodeError, "Invalid binding_code"),
    Refusal("invalid_grant", errors.WrongBindingCodeError, "Invalid otp_code"),
    Refusal("", errors.WrongRecoveryCodeError, "MFA Authorization rejected", Call.EXCHANGE_RECOVERY_CODE),
    Refusal("invalid_grant", errors.AuthorizationRejectedError, "MFA Authorization rejected"),
    Refusal("access_denied", errors.AuthorizationRejectedError, "MFA Authorization rejected"),
    Refusal("authorization_pending", errors.AuthorizationPendingError),
    # The authenticators.
    Refusal("access_denied", errors.AlreadyEnrolledError, "User is already enrolled"),
    Refusal("association_required", errors.NotEnrolledError),
    Refusal("unsupported_challenge_type", errors.FactorDisabledError, "there is no supported challenge available"),
    Refusal("unsupported_challenge_type", errors.NotEnrolledError),
    Refusal("invalid_authenticator", errors.AuthenticatorUnknownError),
    Refusal("authenticator_not_found", errors.AuthenticatorUnknownError),
    Refusal("", errors.AuthenticatorUnknownError, call=Call.CHALLENGE, status=404),
    Refusal("", errors.AuthenticatorUnknownError, call=Call.DELETE_AUTHENTICATOR, status=404),
    # The phone and its channel. No text is documented for a disabled factor: Guardian's codes, and likely wordings.
    Refusal("", errors.PhoneNumberInvalidError, "phone number is invalid"),
    Refusal("invalid_phone_number", errors.PhoneNumberInvalidError),
    Refusal("bad_gateway", errors.ProviderFailedError),
    Refusal("error_sending_sms", errors.ProviderFailedError),
    Refusal("feature_disabled_by_admin", errors.FactorDisabledError),
    Refusal("enrollment_method_disabled", errors.FactorDisabledError),
    Refusal("access_denied", errors.FactorDisabledError, "disabled", Call.ASSOCIATE),
    Refusal("access_denied", errors.FactorDisabledError, "not enabled", Call.ASSOCIATE),
    Refusal("invalid_request", errors.FactorDisabledError, "is disabled", Call.ASSOCIATE),
    Refusal("invalid_request", errors.FactorDisabledError, "not enabled", Call.ASSOCIATE),
    # Defects of ours, and requests this client does not support; the wording helps with debugging.
    Refusal("invalid_request", errors.UnknownRefusalError, "Missing required parameter"),
    Refusal("invalid_request", errors.UnknownRefusalError, "must be a string"),
    Refusal("invalid_request", errors.UnknownRefusalError, "binding_code is required"),
    Refusal("mfa_required", errors.UnknownRefusalError, "Multifactor authentication required"),
    # Any other 429.
    Refusal("", errors.RateLimitedError, status=429),
)

FAULTS: tuple[Refusal, ...] = (
    # A 5xx is a failure whatever its text, except for the two that state what happened to the request.
    Refusal("bad_gateway", errors.ProviderFailedError, call=Call.ASSOCIATE),
    Refusal("bad_gateway", errors.ProviderFailedError, call=Call.CHALLENGE),
    Refusal("unsupported_grant_type", errors.GrantNotAllowedError),
    Refusal("", errors.ServerFailedError),
)


def refusal_for(call: Call, status: int, error: str, description: str) -> tuple[type[Auth0Error], str]:
    """Returns the exception type for a status of 400 or more, and the known wording it used (empty if none)."""
    for row in FAULTS if status >= 500 else REFUSALS:
        if row.fits(call, status, error, description):
            return row.means, row.says
    return errors.UnknownRefusalError, ""
