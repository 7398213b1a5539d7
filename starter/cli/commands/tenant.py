"""``tenant check`` and ``tenant enable``: check and set the prerequisites in Auth0."""

import asyncio
import re
from typing import Annotated

import typer
from pydantic import SecretStr

from phone_mfa.auth0 import Management
from phone_mfa.contracts import Channel
from phone_mfa.http_client import http_client
from phone_mfa.invitations import CALLBACK
from phone_mfa.openid import OpenIdSettings
from phone_mfa.process import help_of
from phone_mfa.settings import Auth0Settings, InvitationSettings
from starter.cli.errors import BadInputError
from starter.cli.exit_codes import OUTCOME_NOT_REACHED
from starter.cli.findings import Finding, State
from starter.cli.prompts import MANAGEMENT_TOKEN, ask, given_in_environment
from starter.cli.tenant_check import Step, check, enable
from starter.output import say, say_json

from . import options as o


def check_tenant(
    channel: Annotated[
        list[Channel] | None, typer.Option(help="A channel that must be enabled; repeatable. Default: any one.")
    ] = None,
    ask_token: Annotated[
        bool, typer.Option("--ask-token", help="Prompt for the Management API token, or read it from standard input.")
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Check whether the tenant is ready: domain, client, MFA grant, phone factor and provider. Changes nothing.

    With PHONE_MFA_GATEWAY_PUBLIC_URL, also checks whether invited users can log in and come back to the gateway.
    To check the factor, its channels and what delivers messages, a Management API token is needed, from
    AUTH0_MANAGEMENT_TOKEN, --ask-token, or the application itself if it may request one. Its scopes are
    read:guardian_factors, read:tenant_settings, read:phone_providers, read:attack_protection and, for invited users,
    read:clients; what a missing one hides is reported as unknown. Exits with 0 if all checks pass, otherwise with 1.

    \b
    phone-mfa tenant check
    phone-mfa tenant check --channel sms --channel voice --json
    """
    settings = Auth0Settings.read()
    token = ask(MANAGEMENT_TOKEN) if ask_token else given_in_environment(MANAGEMENT_TOKEN)
    findings = asyncio.run(_findings(settings, _header_safe(token), tuple(channel or ()), as_json))
    ready = all(finding.state is State.OK for finding in findings)
    if as_json:
        checks = [{"name": f.name, "state": f.state, "sentence": f.sentence} for f in findings]
        say_json(ready=ready, checks=checks)
    if not ready:
        raise typer.Exit(OUTCOME_NOT_REACHED)


async def _findings(
    settings: Auth0Settings, token: SecretStr | None, channels: tuple[Channel, ...], as_json: bool
) -> list[Finding]:
    findings, logins = [], _logins_of(settings, InvitationSettings.read())
    async with http_client() as http:
        async for finding in check(http, settings, token, channels, logins):
            findings.append(finding)
            if not as_json:
                say(_line(finding.state.replace("_", " "), finding.name, finding.sentence))
    return findings


def _logins_of(settings: Auth0Settings, links: InvitationSettings) -> OpenIdSettings | None:
    """The logins of invited users, as the gateway begins them; None if it issues no links."""
    if links.public_url is None:
        return None
    callback = f"{links.public_url}{CALLBACK}"
    return OpenIdSettings(settings.base_url, settings.credentials, callback, organization=links.organization)


def enable_tenant(
    channel: Annotated[
        list[Channel] | None, typer.Option(help="A channel to enable; repeatable. Default: sms and voice.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Set up the tenant: MFA grant, phone factor, channels. Idempotent; whatever is enabled stays enabled.

    Reads a Management API token with read:clients, update:clients, read:guardian_factors and update:guardian_factors
    from AUTH0_MANAGEMENT_TOKEN, a line of standard input or a prompt, in that order.

    \b
    phone-mfa tenant enable
    phone-mfa tenant enable --channel sms
    """
    settings = Auth0Settings.read()
    token = _header_safe(ask(MANAGEMENT_TOKEN))
    asyncio.run(_enable(settings, token or SecretStr(""), tuple(channel or Channel), as_json))


async def _enable(settings: Auth0Settings, token: SecretStr, channels: tuple[Channel, ...], as_json: bool) -> None:
    steps: list[Step] = []
    async with http_client() as http:
        management = Management(http, base_url=settings.base_url, token=token)
        try:
            async for step in enable(management, settings.client_id, channels):
                steps.append(step)
                if not as_json:
                    say(_line("changed" if step.changed else "was set", step.name, step.sentence))
        finally:
            if as_json and steps:
                say_json(steps=[{"name": s.name, "changed": s.changed, "sentence": s.sentence} for s in steps])


def _line(state: str, name: str, sentence: str) -> str:
    return f"{state:<8} {name.replace('_', ' '):<16} {sentence}"


def _header_safe(token: SecretStr | None) -> SecretStr | None:
    if token and not re.fullmatch(r"[\x21-\x7e]+", token.get_secret_value()):
        raise BadInputError("management_token must be visible ASCII without spaces.")
    return token


tenant = typer.Typer(help="Check and set what phone MFA needs in the Auth0 tenant.")
tenant.command("check", help=help_of(check_tenant))(check_tenant)
tenant.command("enable", help=help_of(enable_tenant))(enable_tenant)
