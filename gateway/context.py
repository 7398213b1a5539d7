"""Dependencies of the request handlers, assembled once in ``__main__``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request

from phone_mfa.api_keys import ApiKeys
from phone_mfa.client import Flows
from phone_mfa.invitations import Invitations
from phone_mfa.number_rule import DEFAULT_RULE, NumberRule
from phone_mfa.openid import OpenIdClient

from .flow_tokens import FlowTokens
from .idempotency import UsedKeys
from .login_cookies import LoginCookies
from .metrics import Metrics
from .rate_limits import RateLimits
from .watcher import Watcher

DEADLINE: Final = 50
"""Seconds until a response must begin; most proxies wait for 60.

Non-repeatable requests (sends) finish before this deadline. A start can be cut off: the retry finds its flow.
"""

HEARTBEAT: Final = 15
"""Seconds between comments in an event stream, which keep proxies and the page from closing an idle one."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks for the phone, as the page shows it. ``logo``: an image that was checked, of type ``logo_type``."""

    company: str | None = None
    app: str | None = None
    logo: Path | None = None
    logo_type: str = ""
    privacy_url: str | None = None


@dataclass(frozen=True, slots=True)
class LoginContext:
    """What links and logins of invited users need."""

    openid: OpenIdClient
    cookies: LoginCookies
    invitations: Invitations


@dataclass(frozen=True, slots=True)
class GatewayContext:
    """Dependencies of the request handlers.

    ``deadline``: seconds until a response must begin. ``heartbeat``: seconds between comments in an event stream.
    ``origins``: other origins whose pages may call the gateway.
    ``number_rule``: which numbers get messages. ``theme``: the operator's theme folder.
    ``return_url``: where the page sends users at the end. ``help_url``: where it sends those who need help.
    ``identity``: who asks. ``return_origins``: of the apps that users may return to. ``login``: None if the gateway
    issues no links.
    """

    flows: Flows
    keys: ApiKeys
    tokens: FlowTokens
    rates: RateLimits
    watching: Watcher
    metrics: Metrics
    used_keys: UsedKeys
    number_rule: NumberRule = DEFAULT_RULE
    deadline: float = DEADLINE
    heartbeat: int = HEARTBEAT
    origins: tuple[str, ...] = ()
    theme: Path | None = None
    return_url: str | None = None
    help_url: str | None = None
    identity: Identity = Identity()
    return_origins: frozenset[str] = frozenset()
    login: LoginContext | None = None


def context_of(request: Request) -> GatewayContext:
    """The context of a request's application."""
    context: GatewayContext = request.app.state.context
    return context
