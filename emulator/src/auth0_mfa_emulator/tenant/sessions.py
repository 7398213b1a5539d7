"""MFA sessions: pending logins by mfa_token, their codes, and refresh tokens."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

ENROLL = "enroll"
MFA_SCOPES = (ENROLL, "read:authenticators", "remove:authenticators")
"""The scopes of the MFA API (Auth0 docs, manage authenticator factors)."""
OPENID_SCOPES = ("openid", "profile", "email", "address", "phone", "offline_access")
"""The scopes of OpenID Connect, granted whatever the audience."""

Session = dict[str, str | int]
"""Claims about a browser session, `sid` and `auth_time`, that each id token of it has."""
OobChannel = Literal["sms", "voice", "email", "auth0"]
"""The channels of the MFA API; `auth0` is push."""


@dataclass(frozen=True)
class Login:
    """Parameters of a login. `audience` None is the tenant's userinfo; `issuer` is `http://HOST/`.

    `for_mfa` means that the requested token is for the MFA API itself; `requested` is the scope that was asked for.
    """

    user_id: str
    client_id: str
    issuer: str
    audience: str | None
    scope: str
    for_mfa: bool
    requested: str | None = None

    @property
    def scopes(self) -> frozenset[str]:
        """The granted scopes."""
        return frozenset(self.scope.split())


def is_own(audience: object, issuer: str, path: str) -> bool:
    """Whether an audience is the tenant's `path`; http and https are equivalent."""
    if not isinstance(audience, str):
        return False
    scheme, _, rest = audience.partition("://")
    return scheme in ("http", "https") and rest == issuer.partition("://")[2] + path


@dataclass
class MfaSession:
    """State of an mfa_token, or of an access token for the MFA API in its place. `expires_at` is epoch seconds."""

    token: str
    login: Login
    expires_at: float
    opaque: bool
    spent: bool = False


@dataclass
class OobCode:
    """One sent message: its oob_code, and the six digits in it, which a push does not have.

    `device` is the authenticator's; `expires_at` is epoch seconds.
    """

    value: str
    mfa_token: str
    device: str
    channel: OobChannel
    binding_code: str | None
    message_id: str | None
    expires_at: float
    spent: bool = False


@dataclass
class RefreshToken:
    """A login that can be repeated without a password; `with_mfa` if it passed MFA. Times are epoch seconds.

    A rotating token is replaced when it is exchanged, by one of the same family; `previous` is the token it replaced.
    Once that has been exchanged too, a replaced token is `retired`: it has no leeway any more. `session` are claims
    of the browser session it comes from.
    """

    login: Login
    with_mfa: bool
    rotating: bool = False
    expires_at: float | None = None
    last_used: float = 0.0
    session: Session = field(default_factory=dict)
    family: str = field(default_factory=lambda: secrets.token_hex(8))
    previous: str | None = None
    replaced_at: float | None = None
    retired: bool = False
