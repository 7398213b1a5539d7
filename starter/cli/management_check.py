"""Checks what only the Management API tells: the phone factor, who delivers messages, and the application's type.

Each check names the scope that its token needs, so that one that lacks it hides nothing else.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import SecretStr

from phone_mfa.auth0 import Auth0, Auth0Error, Management, ManagementScopeError, RefusedError
from phone_mfa.contracts import Channel

from .exit_codes import auth0_sentence
from .findings import Finding, State

FIX_FACTOR: Final = (
    "Enable the phone factor: dashboard, Security, Multi-factor Auth, Phone Message; or run `phone-mfa tenant enable`."
)
FIX_CHANNELS: Final = (
    "Enable it: dashboard, Security, Multi-factor Auth, Phone Message, delivery methods; or run `phone-mfa tenant "
    "enable --channel {channel}`."
)
NOT_CHECKED: Final = (
    "Not checked: requires a Management API token with {scopes}, in AUTH0_MANAGEMENT_TOKEN or with --ask-token."
)
SCOPE_MISSING: Final = "Not checked: the Management API token lacks a scope: it needs {scopes}."

UNIFIED: Final = "On: the phone provider is set under Branding, Phone Provider, for all of the tenant."
NOT_UNIFIED: Final = (
    "Off: the phone provider is set under Security, Multi-factor Auth, Phone Message, for MFA alone. That is fine."
)
FIX_PROVIDER: Final = "Set up a phone provider, or nothing is delivered: dashboard, Branding, Phone Provider."
FIX_DELIVERY: Final = "The phone provider does not deliver: {channels}. Enable it: dashboard, Branding, Phone Provider."
FIX_TRIAL_PROVIDER: Final = (
    "Auth0's own provider is for trying out: 100 SMS in a tenant's lifetime, and no calls. Select yours: dashboard, "
    "Security, Multi-factor Auth, Phone Message."
)
PROVIDER: Final = "A phone provider delivers the messages."

PROTECTION: Final = {
    "exponential": "Growing waits: after a few messages, a user waits 1 to 32 minutes for each one. Flows wait.",
    "default": "No growing waits: a user gets 10 messages in a row, then one an hour. Flows wait.",
}
PROTECTION["none"] = PROTECTION["default"]  # its older name
UNKNOWN_PROTECTION: Final = "The tenant limits repeated messages in a way that this version does not know."

FIX_APPLICATION: Final = (
    "Invited users log in through a regular web application. Create one: dashboard, Applications; and set its "
    "AUTH0_CLIENT_ID for the gateway and the worker."
)
FIX_CREDENTIALS: Final = (
    "The application has no credentials. Give it some: dashboard, Applications, your application, Credentials, "
    "Authentication Methods."
)
APPLICATION: Final = "The application is of a type that invited users can log in through."

_METHODS: Final = {Channel.SMS: "text", Channel.VOICE: "voice"}


@dataclass(frozen=True, slots=True)
class ManagementCheck:
    """Findings by name, and how to get them; ``scopes``: what the token needs."""

    names: tuple[str, ...]
    scopes: str
    findings: Callable[[Management], Awaitable[tuple[Finding, ...]]]


def checks_of(client_id: str, channels: tuple[Channel, ...], *, with_links: bool) -> list[ManagementCheck]:
    """Return all checks. ``channels``: those that must work; ``with_links``: whether invited users log in."""
    delivery = "read:tenant_settings, read:phone_providers and read:guardian_factors"
    checks = [
        ManagementCheck(("phone_factor", "channels"), "read:guardian_factors", lambda api: check_phones(api, channels)),
        ManagementCheck(("unified_phone",), "read:tenant_settings", check_unified_phone),
        ManagementCheck(("phone_provider",), delivery, lambda api: check_provider(api, channels)),
        ManagementCheck(("phone_protection",), "read:attack_protection", check_protection),
    ]
    if with_links:
        application = ManagementCheck(("application",), "read:clients", lambda api: check_type(api, client_id))
        return [application, *checks]
    return checks


async def check_managed(
    http: httpx.AsyncClient, auth0: Auth0, base_url: str, token: SecretStr | None, checks: list[ManagementCheck]
) -> AsyncIterator[Finding]:
    """Run the checks. Without a ``token``, the application requests its own."""
    try:
        management = Management(http, base_url=base_url, token=token or await auth0.management_token())
    except Auth0Error as error:
        for check in checks:
            for finding in _unseen(check, error, given=False):
                yield finding
        return
    for check in checks:
        try:
            findings = await check.findings(management)
        except Auth0Error as error:
            findings = _unseen(check, error, given=token is not None)
        for finding in findings:
            yield finding


def _unseen(check: ManagementCheck, error: Auth0Error, *, given: bool) -> tuple[Finding, ...]:
    """Return the findings of a check that got no answer. ``given``: whether the token was."""
    sentence = auth0_sentence(error)
    if isinstance(error, ManagementScopeError) and given:
        sentence = SCOPE_MISSING.format(scopes=check.scopes)
    elif not given and isinstance(error, RefusedError):
        sentence = NOT_CHECKED.format(scopes=check.scopes)
    return tuple(Finding(name, State.UNKNOWN, sentence) for name in check.names)


async def check_phones(management: Management, channels: tuple[Channel, ...]) -> tuple[Finding, Finding]:
    """Check whether users may enroll phones, and by which channels."""
    factor = Finding("phone_factor", State.OK, "Users may enroll phones.")
    if not await management.phone_factor_enabled():
        factor = Finding("phone_factor", State.NOT_OK, FIX_FACTOR)
    held = known(await management.message_types())
    missing = [channel for channel in channels if channel not in held]
    if not missing and not held:
        missing = [Channel.SMS]
    if missing:
        sentence = f"Off: {', '.join(missing)}. " + FIX_CHANNELS.format(channel=" --channel ".join(missing))
        return factor, Finding("channels", State.NOT_OK, sentence)
    return factor, Finding("channels", State.OK, f"On: {', '.join(held)}.")


async def check_unified_phone(management: Management) -> tuple[Finding]:
    """Tell where the tenant's phone provider is set. Newer tenants have the unified phone experience."""
    sentence = UNIFIED if await management.has_unified_phone() else NOT_UNIFIED
    return (Finding("unified_phone", State.OK, sentence),)


async def check_provider(management: Management, channels: tuple[Channel, ...]) -> tuple[Finding]:
    """Check whether somebody delivers the messages."""
    if not await management.has_unified_phone():
        own = await management.selected_provider() == "auth0"
        return (_provider(FIX_TRIAL_PROVIDER if own else None),)
    enabled = [provider for provider in await management.phone_providers() if not provider.disabled]
    if not enabled:
        return (_provider(FIX_PROVIDER),)
    delivered = {method for provider in enabled for method in provider.delivery_methods}
    missing = [channel for channel in channels if _METHODS[channel] not in delivered]
    return (_provider(FIX_DELIVERY.format(channels=", ".join(missing)) if missing else None),)


def _provider(fix: str | None) -> Finding:
    return Finding("phone_provider", State.NOT_OK if fix else State.OK, fix or PROVIDER)


async def check_protection(management: Management) -> tuple[Finding]:
    """Tell how the tenant limits repeated messages to a user."""
    sentence = PROTECTION.get(await management.phone_protection())
    state = State.OK if sentence else State.UNKNOWN
    return (Finding("phone_protection", state, sentence or UNKNOWN_PROTECTION),)


async def check_type(management: Management, client_id: str) -> tuple[Finding]:
    """Check whether the application is one that invited users can log in through."""
    application = await management.application(client_id)
    fix = None
    if application.app_type in {"spa", "non_interactive"}:
        fix = FIX_APPLICATION
    elif not application.has_credentials:
        fix = FIX_CREDENTIALS
    return (Finding("application", State.NOT_OK if fix else State.OK, fix or APPLICATION),)


def known(channels: Collection[str]) -> list[Channel]:
    """Return the channels we know; the words of the others are not repeated."""
    return [channel for channel in Channel if channel in channels]
