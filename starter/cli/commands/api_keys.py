"""``api-keys``: which services may call the gateway."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from phone_mfa.api_keys import add_key, prepare, read_keys, revoke_key
from starter.cli.errors import BadInputError
from starter.output import (
    console,
    say,
    say_json,
    table,
)

from . import options as o
from .options import help_of

SETTING = "PHONE_MFA_GATEWAY_API_KEYS"


def _a_file(value: str) -> Path:
    if value.lstrip().startswith(("[", "{")):
        raise BadInputError(
            f"FILE is missing: {SETTING} holds the list itself, and only files can be changed or shown."
        )
    return Path(value)


Name = Annotated[str, typer.Argument(metavar="NAME", help="What the key is called: whose it is, or what for.")]
File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        parser=_a_file,
        envvar=SETTING,
        help="The file of API keys; left out, the one that PHONE_MFA_GATEWAY_API_KEYS names.",
    ),
]


def new(name: Name, file: File, as_json: o.Json = False) -> None:
    """Make an API key, allow it, and write it to standard output: this once, as only its hash is kept.

    The file is made, with mode 0600, where there is none. A gateway that runs picks it up within a second. To renew a
    key, make one under another name, hand it out, and revoke the old one.

    \b
    phone-mfa api-keys new onboarding /etc/phone-mfa/api-keys.json
    """
    key = add_key(file, name)
    if as_json:
        say_json(name=name, key=key)
    else:
        typer.echo(key)


def revoke(name: Name, file: File, as_json: o.Json = False) -> None:
    """Allow an API key no longer. A gateway that runs refuses it within a second.

    \b
    phone-mfa api-keys revoke onboarding /etc/phone-mfa/api-keys.json
    """
    left = [key.name for key in revoke_key(file, name).keys]
    if as_json:
        say_json(revoked=name, left=left)
    else:
        say(f"The key is revoked. Still allowed: {', '.join(left) or 'none'}.")


def show(file: File, as_json: o.Json = False) -> None:
    """List the API keys: their names and when each was made. Neither keys nor hashes.

    \b
    phone-mfa api-keys show /etc/phone-mfa/api-keys.json
    """
    keys = read_keys(file).keys
    if as_json:
        say_json(keys=[{"name": key.name, "created": key.created_text} for key in keys])
    else:
        console().print(table(("name", "created"), ((key.name, key.created_text) for key in keys)))


def prepare_(file: File, as_json: o.Json = False) -> None:
    """Make an empty list where there is no file yet: a gateway may start then, and nobody may call it.

    \b
    phone-mfa api-keys prepare /etc/phone-mfa/api-keys.json
    """
    prepare(file)
    if as_json:
        show(file, as_json)


COMMANDS: tuple[Callable[..., None], ...] = (new, revoke, show, prepare_)

api_keys = typer.Typer(help="Make, revoke and list the keys that services call the gateway with.")
for command in COMMANDS:
    api_keys.command(command.__name__.rstrip("_"), help=help_of(command))(command)
