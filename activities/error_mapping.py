"""The table between Auth0's errors and what flows decide by. Total over the tree of errors: a test proves it.

``refusal``: the word a flow gets as an answer; ``None`` raises, because somebody must act: a defect, or a tenant or
setting that does not allow what flows need. ``passing``: asking again later may help, where asking is harmless.
"""

from datetime import timedelta
from typing import Final, NamedTuple

from temporalio.exceptions import ApplicationError

from phone_mfa import auth0
from phone_mfa.contracts.calls import Refusal


class Failure(NamedTuple):
    """What one kind of error means."""

    refusal: Refusal | None
    passing: bool = False


SHORT_WAIT_SECONDS: Final = 20.0
"""A flow hears nothing while the engine waits to ask again."""

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
    """The word for an error, where a flow can decide on it. Raises ``ApplicationError``, for good, where it cannot."""
    refusal = FAILURES[type(error)].refusal
    if refusal is None:
        raise _raised(error, retryable=False) from None
    return refusal


def raise_if_passing(error: auth0.Auth0Error) -> None:
    """Let the engine ask again soon, where asking again is harmless and may help; a long wait is the flow's to see."""
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
