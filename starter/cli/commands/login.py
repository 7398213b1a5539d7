"""``login`` and ``authenticators``: Auth0 calls about a user, without a flow."""

import asyncio
import sys
from typing import Annotated

import typer
from pydantic import SecretStr

from phone_mfa.auth0 import Authenticator
from phone_mfa.contracts import ProvideMfaToken, is_access_token, reveal
from phone_mfa.settings import Auth0Settings
from starter.callback_url import DEFAULT_PORT
from starter.cli.browser_login import BrowserLogin
from starter.cli.connect import open_auth0
from starter.cli.device_login import log_in_on_device
from starter.cli.errors import BadInputError
from starter.cli.login import Login, log_in
from starter.cli.prompts import MFA_TOKEN, PASSWORD, ask
from starter.output import console, hint, say, say_json, table

from . import options as o


def login(
    user: o.UserToLogIn = None,
    realm: Annotated[str | None, typer.Option(help="The connection the user is in.")] = None,
    mfa_audience: o.MfaAudience = False,
    browser: Annotated[
        bool, typer.Option("--browser", help="Log in with a browser on this computer, at Auth0's login page.")
    ] = False,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="With --browser: only show the address of the login page.")
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            envvar="PHONE_MFA_CALLBACK_PORT",
            min=1,
            max=65535,
            help="With --browser: port on 127.0.0.1 that the browser comes back to.",
        ),
    ] = DEFAULT_PORT,
    device: Annotated[
        bool, typer.Option("--device", help="Log in with a browser on any device, if the tenant allows it.")
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Log a user in to get the token that starts a flow: with a password, up to MFA, or at Auth0's login page.

    The password is read from PHONE_MFA_PASSWORD, a line of standard input or a prompt, in that order. With --browser
    and --device, no password passes through here: the user logs in at Auth0, and the token can enroll and list phones.
    --browser needs the allowed callback URL http://127.0.0.1:8250/callback in the application; --device needs a native
    application with the grant Device Code. The token is written if standard output is not a terminal, or with --json.

    \b
    phone-mfa login --user ada@example.com
    phone-mfa login --user ada@example.com | phone-mfa challenge --user ada@example.com
    phone-mfa login --browser | phone-mfa enroll --user ada@example.com --phone +15555550100
    """
    settings = Auth0Settings.read()
    if browser or device:
        _refuse_of_other_logins(user, realm, mfa_audience=mfa_audience, browser=browser, device=device)
    if no_open and not browser:
        raise BadInputError("--no-open needs --browser.")
    if browser:
        token = asyncio.run(BrowserLogin(port, hint, user, opens=not no_open).token(settings))
    elif device:
        token = asyncio.run(log_in_on_device(settings, hint))
    elif user is not None:
        token = asyncio.run(log_in(settings, Login(user, ask(PASSWORD), realm, mfa_audience)))
    else:
        raise BadInputError("--user is missing: or log in with --browser or --device.")
    _write(token, as_json, at_auth0=browser or device)


def _refuse_of_other_logins(
    user: str | None, realm: str | None, *, mfa_audience: bool, browser: bool, device: bool
) -> None:
    if browser and device:
        raise BadInputError("--browser and --device cannot be combined.")
    if realm is not None or mfa_audience:
        raise BadInputError("--realm and --mfa-audience are for logins with a password.")
    if device and user is not None:
        raise BadInputError("--user cannot be combined with --device.")


def _write(token: ProvideMfaToken, as_json: bool, *, at_auth0: bool) -> None:
    secret = reveal(token.mfa_token)
    if as_json:
        kind = "access_token" if is_access_token(token.mfa_token) else "mfa_token"
        say_json(token=secret, kind=kind, issued_at=token.issued_at)
    elif not sys.stdout.isatty():
        typer.echo(secret)
    elif at_auth0:
        say("You are logged in. The token is not shown on a terminal. Log in again with:")
        say("  phone-mfa login and the same options | phone-mfa enroll --user USER --phone NUMBER")
    else:
        say("The password is correct, and MFA is required. The token is not shown on a terminal. Continue with:")
        say("  phone-mfa enroll --login --wait --phone NUMBER --user and the same user, or")
        say("  phone-mfa challenge --login --wait --user and the same user")


def authenticators(as_json: o.Json = False) -> None:
    """List a user's authenticators, as Auth0 returns them.

    Reads an mfa_token, or an access token for the /mfa/ audience, from PHONE_MFA_TOKEN, a line of standard input or a
    prompt, in that order.

    \b
    phone-mfa login --user ada@example.com | phone-mfa authenticators
    """
    settings = Auth0Settings.read()
    token = ProvideMfaToken(mfa_token=ask(MFA_TOKEN)).mfa_token
    listed = asyncio.run(_authenticators(settings, token))
    if as_json:
        say_json(authenticators=[one.model_dump(mode="json") for one in listed])
        return
    lines = ((a.id, a.authenticator_type, a.oob_channel, a.name, "yes" if a.active else "no") for a in listed)
    console().print(table(("id", "type", "channel", "name", "active"), lines))


async def _authenticators(settings: Auth0Settings, token: SecretStr) -> list[Authenticator]:
    async with open_auth0(settings) as auth0:
        return await auth0.authenticators(token)
