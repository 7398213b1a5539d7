"""``keys``: the ring that payloads are sealed with, and the pair that a recipient opens with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from phone_mfa.encryption import Keyring, new_recipient, public_of
from phone_mfa.encryption.keyring_file import change_ring, read_ring
from phone_mfa.encryption.rotation import new_ring, rotated, without
from phone_mfa.key_files import ANYBODY_READS, KeyFileError, create
from phone_mfa.settings import SealingSettings
from starter.cli.errors import BadInputError
from starter.output import (
    console,
    say,
    say_json,
    table,
)

from . import options as o
from .options import help_of

File = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="The key file; left out, the one that PHONE_MFA_KEYS names.")
]


def new(
    file: File = None,
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Leave a key file that is there as it is, which is no error then.")
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Make a key file: one key to seal payloads with, and one to make names opaque.

    Its mode is 0600, and a file that exists is never overwritten. Set PHONE_MFA_KEYS to its path wherever flows are
    worked, started or looked at; whoever lacks it reads nothing. Keep a copy where you keep
    secrets: without its keys, what they sealed is lost.

    \b
    phone-mfa keys new /etc/phone-mfa/keys.json
    phone-mfa keys new /etc/phone-mfa/keys.json --if-missing
    """
    path = _path(file)
    if if_missing and path.exists():
        ring = read_ring(path)
        _tell(ring, as_json, f"The key file is there already; its current key is {ring.current}.")
        return
    ring = new_ring()
    create(path, ring.text())
    _tell(ring, as_json, f"The key file is made; its current key is {ring.current}.")


def rotate(
    file: File = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="An old key that goes at the same time; repeatable.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Add a key and seal with it from now on. The others stay, for what they sealed.

    Processes that run pick the file up within a second, and need no restart. Where each has a copy of its own, copy
    the file to the workers first: until a key arrives, what was sealed with it waits.

    \b
    phone-mfa keys rotate /etc/phone-mfa/keys.json
    phone-mfa keys rotate --drop k20260601-4f9a2c
    """
    ring = change_ring(_path(file), lambda ring: without(rotated(ring), drop or ()))
    _tell(ring, as_json, f"The current key is now {ring.current}.")


def drop(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The key, by the id that `phone-mfa keys show` lists.")],
    file: File = None,
    as_json: o.Json = False,
) -> None:
    """Remove an old key; never the current one.

    What it sealed can never be opened again: flows that run and were started under it stand still, and histories stay
    closed. Wait until the last of them is past its retention, and keep replay fixtures in mind.

    \b
    phone-mfa keys drop k20260601-4f9a2c /etc/phone-mfa/keys.json
    """
    ring = change_ring(_path(file), lambda ring: without(ring, [id_]))
    _tell(ring, as_json, f"The key is dropped; the current key is {ring.current}.")


def show(file: File = None, as_json: o.Json = False) -> None:
    """List the keys: id, when it was made, which is current. Never the keys themselves.

    \b
    phone-mfa keys show
    phone-mfa keys show /etc/phone-mfa/keys.json --json
    """
    ring = read_ring(_path(file))
    if as_json:
        _tell(ring, as_json, "")
        return
    lines = ((key.id, key.created_text, "yes" if key.id == ring.current else "no") for key in ring.keys.values())
    console().print(table(("id", "created", "current"), lines))


def recipient(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the private key goes; mode 0600.")],
    public: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the public key goes; else to standard output.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Make the pair of somebody who receives tokens and recovery codes that nobody else shall read.

    What is sealed to the public key is opened with the private one alone, by `phone-mfa open`. Both are JWKs. A file
    that exists is never overwritten.

    \b
    phone-mfa keys recipient me.jwk --public me.pub.jwk
    """
    private = new_recipient()
    public_jwk = public_of(private)
    if public is not None and public.resolve() == file.resolve():
        raise BadInputError("--public must be another file than that of the private key.")
    create(file, json.dumps(private) + "\n")
    if public is not None:
        try:
            create(public, json.dumps(public_jwk) + "\n", ANYBODY_READS)
        except KeyFileError as error:
            file.unlink()  # half a pair is of no use, and in the way of the next try
            raise BadInputError(f"--public: {error}") from None
    if public is None or as_json:
        say_json(**public_jwk)
    else:
        say(f"The pair is made; its kid is {public_jwk['kid']}.")


def _path(file: Path | None) -> Path:
    path = file or SealingSettings.read().path
    if path is None:
        raise BadInputError(
            "FILE is missing: PHONE_MFA_KEYS holds the ring itself, and only files can be changed or shown."
        )
    return path


def _tell(ring: Keyring, as_json: bool, sentence: str) -> None:
    if as_json:
        say_json(current=ring.current, keys=[{"id": k.id, "created": k.created_text} for k in ring.keys.values()])
    else:
        say(sentence)


COMMANDS: tuple[Callable[..., None], ...] = (new, rotate, drop, show, recipient)

keys = typer.Typer(help="Make, rotate and show the keys that payloads are sealed with.")
for command in COMMANDS:
    keys.command(command.__name__, help=help_of(command))(command)
