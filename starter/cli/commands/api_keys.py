"""``api-keys``: manages the API keys of services that call the gateway."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from phone_mfa.api_keys import add_key, prepare, read_keys, revoke_key
from phone_mfa.process import help_of
from starter.cli.errors import BadInputError
from starter.output import console, say, say_json, table

from . import options as o

SETTING = "PHONE_MFA_GATEWAY_API_KEYS"


def _a_file(value: str) -> Path:
    if value.lstrip().startswith(("[", "{")):
        raise BadInputError(
            f"FILE is missing: {SETTING} contains the list itself, and only files can be changed or shown."
        )
    return Path(value)


Name = Annotated[str, typer.Argument(metavar="NAME", help="The key's name: its owner or purpose.")]
File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        parser=_a_file,
        envvar=SETTING,
        help="The file of API keys. Default: the one named by PHONE_MFA_GATEWAY_API_KEYS.",
    ),
]


def new(name: Name, file: File, as_json: o.Json = False) -> None:
    """Create an API key and write it to standard output, this once: only its hash is stored.

    Creates the file, with mode 0600, if it does not exist. A running gateway accepts the key within a second. To renew
    a key, create one under another name, distribute it and revoke the old one.

    \b
    phone-mfa api-keys new onboarding /etc/phone-mfa/api-keys.json
    """
    key = add_key(file, name)
    if as_json:
        say_json(name=name, key=key)
    else:
        typer.echo(key)


def revoke(name: Name, file: File, as_json: o.Json = False) -> None:
    """Revoke an API key. A running gateway rejects it within a second.

    \b
    phone-mfa api-keys revoke onboarding /etc/phone-mfa/api-keys.json
    """
    left = [key.name for key in revoke_key(file, name).keys]
    if as_json:
        say_json(revoked=name, left=left)
    else:
        say(f"The key is revoked. Still valid: {', '.join(left) or 'none'}.")


def show(file: File, as_json: o.Json = False) -> None:
    """List the API keys by name and creation time, without keys or hashes.

    \b
    phone-mfa api-keys show /etc/phone-mfa/api-keys.json
    """
    keys = read_keys(file).keys
    if as_json:
        say_json(keys=[{"name": key.name, "created": key.created_text} for key in keys])
    else:
        console().print(table(("name", "created"), ((key.name, key.created_text) for key in keys)))


def prepare_(file: File, as_json: o.Json = False) -> None:
    """Create an empty list if the file does not exist: a gateway can start with it, but accepts no API key.

    \b
    phone-mfa api-keys prepare /etc/phone-mfa/api-keys.json
    """
    prepare(file)
    if as_json:
        show(file, as_json)


COMMANDS: tuple[Callable[..., None], ...] = (new, revoke, show, prepare_)

api_keys = typer.Typer(help="Create, revoke and list the API keys of services that call the gateway.")
for command in COMMANDS:
    api_keys.command(command.__name__.rstrip("_"), help=help_of(command))(command)
