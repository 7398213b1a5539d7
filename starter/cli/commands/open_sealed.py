"""``open``: decrypts what was sealed to a recipient."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from phone_mfa.key_files import read
from starter.cli.errors import BadInputError
from starter.cli.recipient_keys import open_document, read_jwk

from . import options as o

_LONGEST = 128 * 1024
"""Maximum length of a JWE in characters: longer than any we create."""


def open_(
    key: Annotated[
        Path, typer.Option(metavar="FILE", help="The private JWK, as created by `phone-mfa keys recipient`.")
    ],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The sealed compact JWE. Default: standard input.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Decrypt what was sealed to you and write the JSON: tokens and recovery codes, so be careful where you send it.

    The private key is read from a file, never from an argument. With --json, the output is one line.

    \b
    phone-mfa open --key me.jwk sealed.jwe
    phone-mfa open --key me.jwk --json < sealed.jwe
    """
    document = open_document(read_jwk(key, "--key", "private"), _sealed(file))
    typer.echo(json.dumps(document, indent=None if as_json else 2))


def _sealed(path: Path | None) -> str:
    if path is not None:
        return read(path).strip()
    if sys.stdin is None or sys.stdin.isatty():
        raise BadInputError("FILE is missing: name it, or pipe the JWE in.")
    try:
        return sys.stdin.read(_LONGEST).strip()
    except UnicodeDecodeError:
        raise BadInputError("Standard input must be text in UTF-8.") from None
