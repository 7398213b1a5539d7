"""Logins under way: what an mfa_token stands for, the codes sent for it, and the refresh tokens that follow."""

from dataclasses import dataclass
from typing import Literal

ENROLL = "enroll"
MFA_SCOPES = (ENROLL, "read:authenticators", "remove:authenticators")
"""The scopes of the MFA API (Auth0 docs, manage authenticator factors)."""
OPENID_SCOPES = ("openid", "profile", "email", "address", "phone", "offline_access")
"""The scopes of OpenID Connect, granted whatever the audience."""
_DEFAULT_SCOPE = "openid profile email address phone"

OobChannel = Literal["sms", "voice", "email", "auth0"]
"""The channels of the MFA API; `auth0` is push."""


@dataclass(frozen=True)
class Login:
    """What a login asked for. `audience` None is the tenant's userinfo; `issuer` is `http://HOST/`.

    `for_mfa` says that the token asked for is one for the MFA API itself.
    """

    user_id: str
    client_id: str
    issuer: str
    audience: str | None
    scope: str
    for_mfa: bool

    @property
    def scopes(self) -> frozenset[str]:
        """The granted scopes."""
        return frozenset(self.scope.split())


def is_own(audience: object, issuer: str, path: str) -> bool:
    """Whether an audience is the tenant's `path`; http and https name the same tenant."""
    if not isinstance(audience, str):
        return False
    scheme, _, rest = audience.partition("://")
    return scheme in ("http", "https") and rest == issuer.partition("://")[2] + path


def granted_scope(requested: str | None, *, for_mfa: bool) -> str:
    """What is granted of what was requested: the MFA API knows three scopes of its own, other APIs grant anything."""
    if not for_mfa:
        return requested or _DEFAULT_SCOPE
    known = (*OPENID_SCOPES, *MFA_SCOPES)
    return " ".join(scope for scope in (requested or " ".join(MFA_SCOPES)).split() if scope in known)


@dataclass
class MfaSession:
    """What an mfa_token, or an access token for the MFA API in its place, stands for. `expires_at` is epoch seconds."""

    token: str
    login: Login
    expires_at: float
    opaque: bool
    spent: bool = False


@dataclass
class OobCode:
    """One message sent: the oob_code of the API and the six digits in the message, which a push has not.

    `device` is that of the authenticator; `expires_at` is epoch seconds.
    """

    value: str
    mfa_token: str
    device: str
    channel: OobChannel
    binding_code: str | None
    message_id: str | None
    expires_at: float
    spent: bool = False


@dataclass(frozen=True)
class RefreshToken:
    """A login that can be repeated without a password; `with_mfa` when it passed MFA."""

    login: Login
    with_mfa: bool
