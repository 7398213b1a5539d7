"""Password login to get the token that a flow needs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import SecretStr

from phone_mfa.auth0 import MFA_SCOPES, MfaRequired
from phone_mfa.contracts import ProvideMfaToken
from phone_mfa.settings import Auth0Settings

from .connect import open_auth0
from .errors import OutcomeNotReachedError

MFA_SCOPE: Final = " ".join(("openid", *MFA_SCOPES))
"""Scopes a flow may need in a token for the ``/mfa/`` audience."""

DECLINED: Final = "The login was declined, or the tenant does not allow it to this user."
SCOPE_MISSING: Final = "Auth0 granted a token without the scope enroll: the application may not use the MFA API."
"""What to tell about logins at Auth0's own pages."""


@dataclass(frozen=True, slots=True)
class Login:
    """A password login to perform.

    ``realm`` names a connection. ``mfa_audience`` requests a token that can manage authenticators, which users need
    to enroll another phone when they already have one.
    """

    user: str
    password: SecretStr
    realm: str | None = None
    mfa_audience: bool = False


async def log_in(settings: Auth0Settings, login: Login) -> ProvideMfaToken:
    """Return the ``mfa_token`` of a login, or, for a user without a phone, an access token for the ``/mfa/`` audience.

    Raises:
        OutcomeNotReachedError: The tenant did not require a second factor.
        Auth0Error: The login did not succeed.
    """
    async with open_auth0(settings) as auth0:
        answer = await auth0.log_in(
            login.user,
            login.password,
            audience=auth0.mfa_audience if login.mfa_audience else None,
            scope=MFA_SCOPE if login.mfa_audience else None,
            realm=login.realm,
        )
    now = datetime.now(UTC)
    if isinstance(answer, MfaRequired):
        return ProvideMfaToken(mfa_token=answer.mfa_token, issued_at=now)
    if login.mfa_audience:
        return ProvideMfaToken(mfa_token=answer.access_token, issued_at=now)
    raise OutcomeNotReachedError(
        "The tenant logs this user in without MFA, so there is no mfa_token: require MFA in the tenant, or request "
        "the /mfa/ audience with --mfa-audience."
    )
