"""``keys``: manages the key ring that seals payloads, and creates recipients' key pairs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from phone_mfa.encryption import Keyring, new_recipient, public_of
from phone_mfa.encryption.keyring_file import change_ring, read_ring
from phone_mfa.encryption.rotation import new_ring, rotated, without
from phone_mfa.key_files import ANYBODY_READS, KeyFileError, create
from phone_mfa.process import help_of
from phone_mfa.settings import SealingSettings
from starter.cli.errors import BadInputError
from starter.output import console, say, say_json, table

from . import options as o

File = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="The key file. Default: the one named by PHONE_MFA_KEYS.")
]


def new(
    file: File = None,
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Keep an existing key file instead of failing.")
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Create a key file: one key to seal payloads, and one to make ids opaque.

    The file has mode 0600; an existing file is never overwritten. Set PHONE_MFA_KEYS to its path wherever flows are
    run, started or viewed; nothing can be read without it. Keep a copy with your other secrets: without the keys,
    everything sealed with them is lost.

    \b
    phone-mfa keys new /etc/phone-mfa/keys.json
    phone-mfa keys new /etc/phone-mfa/keys.json --if-missing
    """
    path = _path(file)
    if if_missing and path.exists():
        ring = read_ring(path)
        _print(ring, as_json, f"The key file already exists; its current key is {ring.current}.")
        return
    ring = new_ring()
    create(path, ring.text())
    _print(ring, as_json, f"The key file was created; its current key is {ring.current}.")


def rotate(
    file: File = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="An old key to drop at the same time; repeatable.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Add a key and seal with it from now on. The other keys stay, to open what they sealed.

    Running processes reload the file within a second; no restart is needed. If each has its own copy, copy the file to
    the workers first: payloads sealed with a key wait until it arrives.

    \b
    phone-mfa keys rotate /etc/phone-mfa/keys.json
    phone-mfa keys rotate --drop k20260601-4f9a2c
    """
    ring = change_ring(_path(file), lambda ring: without(rotated(ring), drop or ()))
    _print(ring, as_json, f"The current key is now {ring.current}.")


def drop(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as listed by `phone-mfa keys show`.")],
    file: File = None,
    as_json: o.Json = False,
) -> None:
    """Remove an old key. The current key cannot be removed.

    Nothing it sealed can be opened again: running flows that were started with it stop, and histories become
    unreadable. Wait until the last of them is past its retention. Histories recorded for replay tests need the key too.

    \b
    phone-mfa keys drop k20260601-4f9a2c /etc/phone-mfa/keys.json
    """
    ring = change_ring(_path(file), lambda ring: without(ring, [id_]))
    _print(ring, as_json, f"The key was dropped; the current key is {ring.current}.")


def show(file: File = None, as_json: o.Json = False) -> None:
    """List the keys: id, creation time and which one is current. Never the keys themselves.

    \b
    phone-mfa keys show
    phone-mfa keys show /etc/phone-mfa/keys.json --json
    """
    ring = read_ring(_path(file))
    if as_json:
        _print(ring, as_json, "")
        return
    lines = ((key.id, key.created_text, "yes" if key.id == ring.current else "no") for key in ring.keys.values())
    console().print(table(("id", "created", "current"), lines))


def recipient(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file for the private key; mode 0600.")],
    public: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file for the public key. Default: standard output.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Create a key pair for a recipient, who alone can read the tokens and recovery codes sealed to it.

    Only the private key opens what is sealed to the public one, with `phone-mfa open`. Both are JWKs. An existing file
    is never overwritten.

    \b
    phone-mfa keys recipient me.jwk --public me.pub.jwk
    """
    private = new_recipient()
    public_jwk = public_of(private)
    if public is not None and public.resolve() == file.resolve():
        raise BadInputError("--public must name a different file than the private key.")
    create(file, json.dumps(private) + "\n")
    if public is not None:
        try:
            create(public, json.dumps(public_jwk) + "\n", ANYBODY_READS)
        except KeyFileError as error:
            file.unlink()  # half a pair is useless, and would block the next attempt
            raise BadInputError(f"--public: {error}") from None
    if public is None or as_json:
        say_json(**public_jwk)
    else:
        say(f"The key pair was created; its kid is {public_jwk['kid']}.")


def _path(file: Path | None) -> Path:
    path = file or SealingSettings.read().path
    if path is None:
        raise BadInputError(
            "FILE is missing: PHONE_MFA_KEYS contains the key ring itself, and only files can be changed or shown."
        )
    return path


def _print(ring: Keyring, as_json: bool, sentence: str) -> None:
    if as_json:
        say_json(current=ring.current, keys=[{"id": k.id, "created": k.created_text} for k in ring.keys.values()])
    else:
        say(sentence)


COMMANDS: tuple[Callable[..., None], ...] = (new, rotate, drop, show, recipient)

keys = typer.Typer(help="Create, rotate and list the keys that seal payloads.")
for command in COMMANDS:
    keys.command(command.__name__, help=help_of(command))(command)
