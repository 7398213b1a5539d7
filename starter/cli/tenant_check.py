"""Checks whether a tenant is ready for phone MFA, and enables what is missing.

The prerequisites are from Auth0's guides ("Enroll and Challenge SMS and Voice Authenticators", "Application Grant
Types"); each has a sentence with its fix. A check changes nothing: it probes the application with impossible tokens.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import SecretStr

from phone_mfa.auth0 import (
    MFA_GRANTS,
    Auth0,
    Auth0Error,
    ClientRejectedError,
    GrantNotAllowedError,
    Management,
    TokenRefusedError,
    discover,
)
from phone_mfa.contracts import Channel
from phone_mfa.openid import OpenIdClient, OpenIdSettings
from phone_mfa.settings import Auth0Settings

from .exit_codes import auth0_sentence
from .findings import Finding, State
from .login_check import check_login
from .management_check import check_managed, checks_of, known

FIX_GRANT: Final = (
    "Enable the MFA grant: dashboard, Applications, your application, Advanced Settings, Grant Types, MFA; "
    "or run `phone-mfa tenant enable`."
)
IMPOSSIBLE_TOKEN: Final = SecretStr("phone-mfa-tenant-check")
"""An mfa_token that Auth0 never issues. The reason it is rejected shows how far the request got."""


async def check(
    http: httpx.AsyncClient,
    settings: Auth0Settings,
    token: SecretStr | None,
    channels: tuple[Channel, ...],
    logins: OpenIdSettings | None = None,
) -> AsyncIterator[Finding]:
    """Check every prerequisite, one after another.

    ``token``: for the Management API; without it the application requests its own. ``channels``: those that must be
    enabled; if empty, any one is enough. ``logins``: of invited users, if there are any.
    """
    domain = await check_domain(http, settings)
    yield domain
    managed = checks_of(settings.client_id, channels, with_links=logins is not None)
    if domain.state is not State.OK:
        login = ("login",) if logins else ()
        for name in ("client", "mfa_grant", *login, *(name for check in managed for name in check.names)):
            yield Finding(name, State.UNKNOWN, "Not checked: fix the domain first.")
        return
    auth0 = Auth0(http, base_url=settings.base_url, credentials=settings.credentials)
    for finding in await check_application(auth0):
        yield finding
    if logins:
        yield await check_login(http, OpenIdClient(http, logins))
    async for finding in check_managed(http, auth0, settings.base_url, token, managed):
        yield finding


async def check_domain(http: httpx.AsyncClient, settings: Auth0Settings) -> Finding:
    """Check whether an Auth0 tenant responds at the domain and has it as its issuer."""
    try:
        discovery = await discover(http, settings.base_url)
    except Auth0Error:
        fix = "No Auth0 tenant responds there: check AUTH0_DOMAIN (such as tenant.eu.auth0.com) and the network."
        return Finding("domain", State.NOT_OK, fix)
    if discovery.issuer.rstrip("/") != settings.base_url:
        fix = "The tenant there has another issuer: set AUTH0_DOMAIN to the issuer's domain."
        return Finding("domain", State.NOT_OK, fix)
    return Finding("domain", State.OK, "The tenant responds at this domain.")


async def check_application(auth0: Auth0) -> tuple[Finding, Finding]:
    """Check whether the tenant accepts our application, and whether it has the grants for codes and recovery codes."""

    async def with_code() -> object:
        return await auth0.exchange_oob(IMPOSSIBLE_TOKEN, oob_code=IMPOSSIBLE_TOKEN, binding_code=SecretStr("000000"))

    async def with_recovery_code() -> object:
        return await auth0.exchange_recovery_code(IMPOSSIBLE_TOKEN, SecretStr("0" * 24))

    for probe in (with_code, with_recovery_code):
        findings = await _probe(probe)
        if findings[1].state is not State.OK:
            break
    return findings


async def _probe(exchange: Callable[[], Awaitable[object]]) -> tuple[Finding, Finding]:
    accepted = Finding("client", State.OK, "Auth0 accepts the application's credentials.")
    try:
        await exchange()
    except ClientRejectedError as error:
        unseen = Finding("mfa_grant", State.UNKNOWN, "Not checked: fix the application's credentials first.")
        return Finding("client", State.NOT_OK, auth0_sentence(error)), unseen
    except GrantNotAllowedError:
        return accepted, Finding("mfa_grant", State.NOT_OK, FIX_GRANT)
    except TokenRefusedError:
        pass
    except Auth0Error as error:
        sentence = auth0_sentence(error)
        return Finding("client", State.UNKNOWN, sentence), Finding("mfa_grant", State.UNKNOWN, sentence)
    return accepted, Finding("mfa_grant", State.OK, "The application has the MFA grant.")


@dataclass(frozen=True, slots=True)
class Step:
    """One setting that ``enable`` ensured; ``changed``: whether it had to be changed."""

    name: str
    changed: bool
    sentence: str


async def enable(management: Management, client_id: str, channels: tuple[Channel, ...]) -> AsyncIterator[Step]:
    """Apply missing settings. Each step is yielded as soon as it is done, so a later failure hides none.

    Enabled channels stay enabled.
    """
    held = await management.client_grants(client_id)
    lacking = any(grant not in held for grant in MFA_GRANTS)
    if lacking:
        await management.allow_grants(client_id, MFA_GRANTS)
    yield Step("mfa_grant", lacking, "The application has the MFA grant.")
    off = not await management.phone_factor_enabled()
    if off:
        await management.enable_phone_factor()
    yield Step("phone_factor", off, "Users may enroll phones.")
    on = await management.message_types()
    wanted = list(dict.fromkeys([*on, *channels]))
    if len(wanted) > len(on):
        await management.set_message_types(wanted)
    yield Step("channels", len(wanted) > len(on), f"On: {', '.join(known(wanted))}.")
