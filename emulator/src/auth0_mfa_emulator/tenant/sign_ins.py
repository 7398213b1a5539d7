"""Sign-ins on the hosted login page, the browser sessions they open, and the authorization codes they end in."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

from .sessions import Login

MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
"""The `acr` of a login that passed MFA (Auth0 docs, step-up authentication for web apps)."""

ResponseMode = Literal["query", "fragment", "form_post", "web_message"]


def new_token() -> str:
    """Returns 43 unguessable URL-safe characters."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class AuthorizationRequest:
    """What `/authorize` was asked for. `issuer` is the tenant's address as the browser sees it.

    `scope` is as requested, `max_age` is in seconds, and `code_challenge_method` is `S256` or `plain`. A callback that
    was not named, but is the application's first, is not checked again when the code is exchanged. `device` is the
    device code that the response is for, in place of a callback.
    """

    client_id: str
    issuer: str
    redirect_uri: str
    redirect_named: bool = True
    response_mode: ResponseMode = "query"
    audience: str | None = None
    scope: str | None = None
    state: str | None = None
    nonce: str | None = None
    prompts: tuple[str, ...] = ()
    max_age: int | None = None
    login_hint: str | None = None
    acr_values: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    device: str | None = None


@dataclass
class SignIn:
    """One visit to the hosted pages, from `/authorize` to the callback. `id` is the `state` of the pages' addresses.

    `browser` is the cookie value that it started with: no other browser can go on. `screen` is the page on which the
    user has to act, `error` what that page says next. `prompted` means that a page was shown, `with_mfa` that the user
    passed MFA here, not in an earlier session.
    """

    request: AuthorizationRequest
    browser: str
    expires_at: float
    id: str = field(default_factory=new_token)
    user_id: str | None = None
    session: str | None = None
    authenticated_at: float = 0.0
    with_mfa: bool = False
    remember: bool = False
    prompted: bool = False
    consented: bool = False
    screen: str = "login"
    error: str = ""
    device: str | None = None
    channel: str | None = None
    oob_code: str | None = None
    recovery_code: str | None = None


@dataclass
class BrowserSession:
    """A single sign-on session, by the value of its cookie; `id` is the `sid` of id tokens.

    Times are epoch seconds of the tenant's clock. `authenticated_at` is the `auth_time`.
    """

    user_id: str
    authenticated_at: float
    with_mfa: bool
    last_used: float
    id: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass
class TrustedBrowser:
    """A browser on which a user need not repeat MFA until `expires_at`, by the value of its cookie."""

    user_id: str
    expires_at: float


@dataclass
class AuthorizationCode:
    """A code, by its value. `auth_time` is None unless the request demands that claim.

    `refresh_tokens` are those it was exchanged for.
    """

    request: AuthorizationRequest
    login: Login
    sid: str
    expires_at: float
    auth_time: int | None
    with_mfa: bool
    passed_mfa_here: bool
    used: bool = False
    refresh_tokens: list[str] = field(default_factory=list)
