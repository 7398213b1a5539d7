"""Maps Auth0 errors to refusals and Temporal failures. Covers every error class; a test checks this.

``refusal``: the refusal a flow gets as an answer. ``None`` raises, because an operator must act: there is a bug, or the
tenant or a setting does not allow what flows need. ``transient``: whether a retry may help where it is harmless.
"""

from datetime import timedelta
from typing import Final, NamedTuple

import structlog
from temporalio.exceptions import ApplicationError

from phone_mfa import auth0
from phone_mfa.contracts.calls import Refusal


class ErrorMapping(NamedTuple):
    """What one class of error means to a flow."""

    refusal: Refusal | None
    transient: bool = False


SHORT_WAIT_SECONDS: Final = 20.0
"""Longest wait left to Temporal's retries: a flow processes no messages meanwhile."""

_OPERATOR_MUST_ACT: Final = ErrorMapping(None)

ERROR_MAPPINGS: Final[dict[type[auth0.Auth0Error], ErrorMapping]] = {
    auth0.NoConnectionError: ErrorMapping(Refusal.NOT_REACHED, transient=True),
    auth0.CertificateUntrustedError: ErrorMapping(Refusal.NOT_REACHED, transient=True),
    auth0.CertificateExpiredError: ErrorMapping(Refusal.NOT_REACHED, transient=True),
    auth0.CertificateNameError: ErrorMapping(Refusal.NOT_REACHED, transient=True),
    auth0.NoAnswerError: ErrorMapping(Refusal.AMBIGUOUS, transient=True),
    auth0.ServerFailedError: ErrorMapping(Refusal.AMBIGUOUS, transient=True),
    auth0.InvalidResponseError: ErrorMapping(Refusal.AMBIGUOUS, transient=True),
    auth0.RateLimitedError: ErrorMapping(Refusal.RATE_LIMITED, transient=True),
    auth0.ClientRejectedError: _OPERATOR_MUST_ACT,
    auth0.GrantNotAllowedError: _OPERATOR_MUST_ACT,
    auth0.FactorDisabledError: ErrorMapping(Refusal.CHANNEL_DISABLED),
    auth0.ManagementTokenRejectedError: _OPERATOR_MUST_ACT,  # flows never call the Management API
    auth0.ManagementScopeError: _OPERATOR_MUST_ACT,
    auth0.LoginRefusedError: _OPERATOR_MUST_ACT,  # flows never log in
    auth0.TooManyAttemptsError: ErrorMapping(Refusal.TOO_MANY_CODES),
    auth0.UserBlockedError: ErrorMapping(Refusal.USER_BLOCKED),
    auth0.MfaTokenExpiredError: ErrorMapping(Refusal.TOKEN_REFUSED),
    auth0.MfaTokenInvalidError: ErrorMapping(Refusal.TOKEN_REFUSED),
    auth0.MissingScopeError: ErrorMapping(Refusal.SCOPE_MISSING),
    auth0.OobCodeExpiredError: ErrorMapping(Refusal.CODE_EXPIRED),
    auth0.OobCodeInvalidError: ErrorMapping(Refusal.CODE_EXPIRED),
    auth0.WrongBindingCodeError: ErrorMapping(Refusal.CODE_WRONG),
    auth0.WrongRecoveryCodeError: ErrorMapping(Refusal.CODE_WRONG),
    auth0.TooManySmsError: ErrorMapping(Refusal.TOO_MANY_SENDS),
    auth0.TooManyFailedCodesError: ErrorMapping(Refusal.TOO_MANY_CODES),
    auth0.AuthorizationPendingError: ErrorMapping(Refusal.RATE_LIMITED, transient=True),
    auth0.AuthorizationRejectedError: ErrorMapping(Refusal.CODE_WRONG),
    auth0.AlreadyEnrolledError: ErrorMapping(Refusal.ALREADY_ENROLLED),
    auth0.NotEnrolledError: ErrorMapping(Refusal.NOT_ENROLLED),
    auth0.AuthenticatorUnknownError: ErrorMapping(Refusal.AUTHENTICATOR_GONE),
    auth0.PhoneNumberInvalidError: ErrorMapping(Refusal.UNDELIVERABLE),
    auth0.ProviderFailedError: ErrorMapping(Refusal.UNDELIVERABLE),
    auth0.UnknownRefusalError: _OPERATOR_MUST_ACT,
}


def refusal_of(error: auth0.Auth0Error) -> Refusal:
    """Return the refusal for an error. Raises a non-retryable ``ApplicationError`` if a flow cannot act on it.

    Logs an invalid certificate: flows go on once it is replaced, which somebody has to do.
    """
    refusal = ERROR_MAPPINGS[type(error)].refusal
    if isinstance(error, auth0.CertificateRejectedError):
        structlog.get_logger("activities").warning("auth0.certificate_rejected", reason=str(error))
    if refusal is None:
        raise _raised(error, retryable=False) from None
    return refusal


def raise_if_transient(error: auth0.Auth0Error) -> None:
    """Have Temporal retry a harmless call soon if the error is transient. A long wait is left to the flow."""
    if ERROR_MAPPINGS[type(error)].transient and (error.retry_after_seconds or 0) <= SHORT_WAIT_SECONDS:
        raise _raised(error, retryable=True) from None


def _raised(error: auth0.Auth0Error, *, retryable: bool) -> ApplicationError:
    wait = error.retry_after_seconds
    return ApplicationError(
        str(error),
        type=type(error).__name__,
        non_retryable=not retryable,
        next_retry_delay=timedelta(seconds=wait) if retryable and wait else None,
    )
