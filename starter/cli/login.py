"""Logs a user in by password to get the token a flow needs. Shows nothing and starts nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import SecretStr

from phone_mfa.auth0 import MfaRequired
from phone_mfa.contracts import ProvideMfaToken
from phone_mfa.settings import Auth0Settings

from .connect import open_auth0
from .errors import NotReachedOutcomeError

MFA_SCOPE: Final = "openid enroll read:authenticators remove:authenticators"
"""What a flow may need of a token for the ``/mfa/`` audience (Auth0 docs, "Manage Authenticator Factors")."""


@dataclass(frozen=True, slots=True)
class Login:
    """A password login to be made.

    ``realm`` names a connection. ``mfa_audience``: ask for a token that manages authenticators, as those need who
    have a phone already and enroll another.
    """

    user: str
    password: SecretStr
    realm: str | None = None
    mfa_audience: bool = False


async def log_in(settings: Auth0Settings, login: Login) -> ProvideMfaToken:
    """The ``mfa_token`` of a login, or an access token for the ``/mfa/`` audience of a user without a phone.

    Raises:
        NotReachedOutcomeError: The tenant asked for no second factor.
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
    raise NotReachedOutcomeError(
        "The tenant lets this user in without MFA, so there is no mfa_token: require MFA in the tenant, or ask for "
        "the /mfa/ audience with --mfa-audience."
    )
