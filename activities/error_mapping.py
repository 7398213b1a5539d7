"""Maps Auth0 errors to refusals and Temporal failures. Covers every error class; a test checks this.

``refusal``: the refusal a flow gets as an answer. ``None`` raises, because an operator must act: there is a bug, or the
tenant or a setting does not allow what flows need. ``passing``: the error is transient, so a retry may help where it is
harmless.
"""

from datetime import timedelta
from typing import Final, NamedTuple

from temporalio.exceptions import ApplicationError

from phone_mfa import auth0
from phone_mfa.contracts.calls import Refusal


class Failure(NamedTuple):
    """Meaning of one kind of error."""

    refusal: Refusal | None
    passing: bool = False


SHORT_WAIT_SECONDS: Final = 20.0
"""Longest wait left to Temporal's retries: a flow processes no messages meanwhile."""

_SOMEBODY_MUST_ACT: Final = Failure(None)

FAILURES: Final[dict[type[auth0.Auth0Error], Failure]] = {
    auth0.NotReachedError: Failure(Refusal.NOT_REACHED, passing=True),
    auth0.NoAnswerError: Failure(Refusal.AMBIGUOUS, passing=True),
    auth0.ServerFailedError: Failure(Refusal.AMBIGUOUS, passing=True),
    auth0.UnintelligibleAnswer: Failure(Refusal.AMBIGUOUS, passing=True),
    auth0.RateLimitedError: Failure(Refusal.RATE_LIMITED, passing=True),
    auth0.ClientRejectedError: _SOMEBODY_MUST_ACT,
    auth0.GrantNotAllowedError: _SOMEBODY_MUST_ACT,
    auth0.FactorDisabledError: Failure(Refusal.CHANNEL_DISABLED),
    auth0.ManagementTokenRejectedError: _SOMEBODY_MUST_ACT,  # flows never ask the Management API
    auth0.ManagementScopeError: _SOMEBODY_MUST_ACT,
    auth0.LoginRefusedError: _SOMEBODY_MUST_ACT,  # flows never log in
    auth0.TooManyAttemptsError: Failure(Refusal.TOO_MANY_CODES),
    auth0.UserBlockedError: Failure(Refusal.USER_BLOCKED),
    auth0.MfaTokenExpiredError: Failure(Refusal.TOKEN_REFUSED),
    auth0.MfaTokenInvalidError: Failure(Refusal.TOKEN_REFUSED),
    auth0.MissingScopeError: Failure(Refusal.SCOPE_MISSING),
    auth0.OobCodeExpiredError: Failure(Refusal.CODE_EXPIRED),
    auth0.OobCodeInvalidError: Failure(Refusal.CODE_EXPIRED),
    auth0.WrongBindingCodeError: Failure(Refusal.CODE_WRONG),
    auth0.WrongRecoveryCodeError: Failure(Refusal.CODE_WRONG),
    auth0.TooManySmsError: Failure(Refusal.TOO_MANY_SENDS),
    auth0.TooManyFailedCodesError: Failure(Refusal.TOO_MANY_CODES),
    auth0.AuthorizationPendingError: Failure(Refusal.RATE_LIMITED, passing=True),
    auth0.AuthorizationRejectedError: Failure(Refusal.CODE_WRONG),
    auth0.AlreadyEnrolledError: Failure(Refusal.ALREADY_ENROLLED),
    auth0.NotEnrolledError: Failure(Refusal.NOT_ENROLLED),
    auth0.AuthenticatorUnknownError: Failure(Refusal.AUTHENTICATOR_GONE),
    auth0.PhoneNumberInvalidError: Failure(Refusal.UNDELIVERABLE),
    auth0.ProviderFailedError: Failure(Refusal.UNDELIVERABLE),
    auth0.UnknownRefusalError: _SOMEBODY_MUST_ACT,
}


def refusal_of(error: auth0.Auth0Error) -> Refusal:
    """Return the refusal for an error. Raises a non-retryable ``ApplicationError`` if a flow cannot act on it."""
    refusal = FAILURES[type(error)].refusal
    if refusal is None:
        raise _raised(error, retryable=False) from None
    return refusal


def raise_if_passing(error: auth0.Auth0Error) -> None:
    """Have Temporal retry a harmless call soon if the error is transient. A long wait is left to the flow."""
    if FAILURES[type(error)].passing and (error.retry_after_seconds or 0) <= SHORT_WAIT_SECONDS:
        raise _raised(error, retryable=True) from None


def _raised(error: auth0.Auth0Error, *, retryable: bool) -> ApplicationError:
    wait = error.retry_after_seconds
    return ApplicationError(
        str(error),
        type=type(error).__name__,
        non_retryable=not retryable,
        next_retry_delay=timedelta(seconds=wait) if retryable and wait else None,
    )
