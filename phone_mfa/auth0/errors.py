"""Errors of calls to Auth0, by cause. Independent of how a flow handles them.

    Auth0Error
    ├── NotReachedError                   certainly not processed: safe to repeat
    │   ├── NoConnectionError
    │   └── CertificateRejectedError      we do not trust the server's certificate
    │       ├── CertificateUntrustedError
    │       ├── CertificateExpiredError
    │       └── CertificateNameError
    ├── AmbiguousError                    possibly processed: check before repeating
    │   ├── NoAnswerError
    │   ├── ServerFailedError
    │   └── InvalidResponseError
    └── RefusedError                      Auth0 answered and refused
        ├── RateLimitedError
        ├── SetupError                    the tenant or our settings must be changed
        │   ├── ClientRejectedError
        │   ├── GrantNotAllowedError
        │   ├── FactorDisabledError
        │   ├── ManagementTokenRejectedError
        │   └── ManagementScopeError
        ├── LoginRefusedError
        │   └── TooManyAttemptsError
        ├── UserBlockedError
        ├── TokenRefusedError             another mfa_token, or access token for /mfa/, may work
        │   ├── MfaTokenExpiredError
        │   ├── MfaTokenInvalidError
        │   └── MissingScopeError
        ├── OobCodeRefusedError           the code of the message can no longer be verified
        │   ├── OobCodeExpiredError
        │   └── OobCodeInvalidError
        ├── WrongCodeError                the user typed a wrong code
        │   ├── WrongBindingCodeError
        │   └── WrongRecoveryCodeError
        ├── BudgetSpentError              the user's own budget is used up; it refills over time
        │   ├── TooManySmsError
        │   └── TooManyFailedCodesError
        ├── AuthorizationPendingError
        ├── AuthorizationRejectedError
        ├── AlreadyEnrolledError
        ├── NotEnrolledError
        ├── AuthenticatorUnknownError
        ├── PhoneNumberInvalidError
        ├── ProviderFailedError
        └── UnknownRefusalError

The first line of each docstring is the text of ``str()``; of an answer, it contains only the status and Auth0's
``error``, if that is a code we know.
"""


class Auth0Error(Exception):
    """Auth0 did not carry out the request.

    Attributes:
        status: The HTTP status of the answer; None if there was no answer.
        error: Auth0's error code, such as ``invalid_grant``; ``unknown error code`` if we do not know it, since what
            stands there could then be anything; empty if there is none.
        description: Which known wording Auth0 used, from *our* copy of it; empty if none.
        retry_after_seconds: How long Auth0 asks to wait, in seconds; None if it does not say.
    """

    def __init__(
        self,
        *,
        status: int | None = None,
        error: str = "",
        description: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__()  # no args, so that nothing is copied, pickled or printed by Exception itself
        self.status = status
        self.error = error
        self.description = description
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        sentence = (type(self).__doc__ or type(self).__name__).partition("\n")[0]
        evidence = " ".join(filter(None, [str(self.status or ""), self.error]))
        return f"{sentence} ({evidence})" if evidence else sentence


class NotReachedError(Auth0Error):
    """Auth0 could not be reached, so the request was certainly not processed."""


class NoConnectionError(NotReachedError):
    """Auth0 could not be reached, so the request was certainly not processed."""


class CertificateRejectedError(NotReachedError):
    """The certificate of the server at AUTH0_DOMAIN is not valid, so nothing was sent to it."""


class CertificateUntrustedError(CertificateRejectedError):
    """The server's certificate is from an unknown authority: set SSL_CERT_FILE to the authority's, if it is yours."""


class CertificateExpiredError(CertificateRejectedError):
    """The server's certificate has expired or is not valid yet: check the clock here, and whose server answers."""


class CertificateNameError(CertificateRejectedError):
    """The server's certificate is for another name: check AUTH0_DOMAIN, and HTTPS_PROXY if one is set."""


class AmbiguousError(Auth0Error):
    """It is unknown whether Auth0 processed the request."""


class NoAnswerError(AmbiguousError):
    """The request was sent, but no complete answer was received."""


class ServerFailedError(AmbiguousError):
    """Auth0 failed while processing the request."""


class InvalidResponseError(AmbiguousError):
    """The answer is not a valid Auth0 response."""


class RefusedError(Auth0Error):
    """Auth0 refused the request."""


class RateLimitedError(RefusedError):
    """Auth0 received too many requests."""


class SetupError(RefusedError):
    """The tenant or our settings do not allow the request."""


class ClientRejectedError(SetupError):
    """Auth0 does not accept the credentials of our application."""


class GrantNotAllowedError(SetupError):
    """The application lacks the grant that the request needs."""


class FactorDisabledError(SetupError):
    """The factor or its channel is disabled in the tenant."""


class ManagementTokenRejectedError(SetupError):
    """The Management API does not accept the token."""


class ManagementScopeError(SetupError):
    """The application lacks a permission that the Management API requires."""


class LoginRefusedError(RefusedError):
    """Auth0 does not accept the user's password, refresh token or code of a login."""


class TooManyAttemptsError(LoginRefusedError):
    """Attack protection blocks further logins."""


class UserBlockedError(RefusedError):
    """The user is blocked."""


class TokenRefusedError(RefusedError):
    """Auth0 does not accept the MFA token."""


class MfaTokenExpiredError(TokenRefusedError):
    """The mfa_token is expired."""


class MfaTokenInvalidError(TokenRefusedError):
    """The mfa_token is malformed, expired or another client's."""


class MissingScopeError(TokenRefusedError):
    """The access token for the /mfa/ audience lacks a scope."""


class OobCodeRefusedError(RefusedError):
    """Auth0 does not accept the oob_code."""


class OobCodeExpiredError(OobCodeRefusedError):
    """The oob_code is expired."""


class OobCodeInvalidError(OobCodeRefusedError):
    """The oob_code is malformed or belongs to another mfa_token."""


class WrongCodeError(RefusedError):
    """The code is wrong."""


class WrongBindingCodeError(WrongCodeError):
    """The binding code is wrong."""


class WrongRecoveryCodeError(WrongCodeError):
    """The recovery code is wrong."""


class BudgetSpentError(RefusedError):
    """The user has no more sends or tries for now."""


class TooManySmsError(BudgetSpentError):
    """Too many messages were sent to the user.

    SMS and voice share a budget of 10, which refills by one an hour (Auth0 docs, "Rate Limit Configurations").
    """


class TooManyFailedCodesError(BudgetSpentError):
    """Too many wrong codes were entered for the user.

    The budget is 10 and refills by one every 6 minutes (Auth0 docs, "Rate Limit Configurations").
    """


class AuthorizationPendingError(RefusedError):
    """The user has not answered yet."""


class AuthorizationRejectedError(RefusedError):
    """The user declined."""


class AlreadyEnrolledError(RefusedError):
    """The user already has an active authenticator."""


class NotEnrolledError(RefusedError):
    """The user has no active authenticator of the wanted kind."""


class AuthenticatorUnknownError(RefusedError):
    """The user has no authenticator of that id."""


class PhoneNumberInvalidError(RefusedError):
    """Auth0 does not accept the phone number."""


class ProviderFailedError(RefusedError):
    """The provider that delivers messages failed."""


class UnknownRefusalError(RefusedError):
    """Auth0 refused the request for a reason that we do not know."""
