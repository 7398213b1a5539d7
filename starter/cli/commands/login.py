"""``login`` and ``authenticators``: Auth0 calls about a user, without a flow."""

import asyncio
import sys
from typing import Annotated

import typer
from pydantic import SecretStr

from phone_mfa.auth0 import Authenticator
from phone_mfa.contracts import ProvideMfaToken, is_access_token, reveal
from phone_mfa.settings import Auth0Settings
from starter.cli.connect import open_auth0
from starter.cli.login import Login, log_in
from starter.cli.prompts import MFA_TOKEN, PASSWORD, ask
from starter.output import console, say, say_json, table

from . import options as o


def login(
    user: o.LoginUser,
    realm: Annotated[str | None, typer.Option(help="The connection the user is in.")] = None,
    mfa_audience: o.MfaAudience = False,
    as_json: o.Json = False,
) -> None:
    """Log a user in with a password, up to MFA, to get the token that starts a flow.

    The password is read from PHONE_MFA_PASSWORD, a line of standard input or a prompt, in that order. The token is
    written if standard output is not a terminal, or with --json.

    \b
    phone-mfa login --user ada@example.com
    phone-mfa login --user ada@example.com | phone-mfa challenge --user ada@example.com
    """
    settings = Auth0Settings.read()
    wanted = Login(user, ask(PASSWORD), realm, mfa_audience)
    token = asyncio.run(log_in(settings, wanted))
    secret = reveal(token.mfa_token)
    if as_json:
        kind = "access_token" if is_access_token(token.mfa_token) else "mfa_token"
        issued_at = token.issued_at and token.issued_at.isoformat()
        say_json(token=secret, kind=kind, issued_at=issued_at)
    elif sys.stdout.isatty():
        say("The password is correct, and MFA is required. The token is not shown on a terminal. Continue with:")
        say("  phone-mfa enroll --login --wait --phone NUMBER --user and the same user, or")
        say("  phone-mfa challenge --login --wait --user and the same user")
    else:
        typer.echo(secret)


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
