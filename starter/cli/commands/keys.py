"""``keys``: manages the key ring that seals payloads, and creates recipients' key pairs."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from phone_mfa.encryption import Keyring, new_recipient, public_of
from phone_mfa.encryption.keyring_file import change_ring, read_ring
from phone_mfa.encryption.rotation import new_ring, renamed, rotated, without
from phone_mfa.key_files import ANYBODY_READS, KeyFileError, create
from phone_mfa.process import help_of
from phone_mfa.settings import SealingSettings
from starter.cli.errors import BadInputError
from starter.cli.key_guard import require_no_flows, require_unneeded
from starter.output import console, say, say_json, table

from . import options as o

File = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="The key file. Default: the one named by PHONE_MFA_KEYS.")
]

Force = Annotated[bool, typer.Option("--force", help="Do it without asking Temporal which running flows it affects.")]


def new(
    file: File = None,
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Keep an existing key file instead of failing.")
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Create a key file: one key to seal payloads and sign flow tokens, and one to make ids opaque.

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
    revoke_tokens: Annotated[
        bool, typer.Option("--revoke-tokens", help="Accept no more flow tokens signed with the other keys.")
    ] = False,
    force: Force = False,
    as_json: o.Json = False,
) -> None:
    """Add a key, and seal and sign with it from now on. The other keys stay, to open and verify what they made.

    Running processes reload the file within a second; no restart is needed. If each has its own copy, copy the file to
    the workers first: payloads sealed with a key wait until it arrives. With --revoke-tokens, for a stolen key file,
    browsers need new flow tokens from the service that started their flow.

    \b
    phone-mfa keys rotate /etc/phone-mfa/keys.json
    phone-mfa keys rotate --drop k20260601-4f9a2c
    phone-mfa keys rotate --revoke-tokens
    """
    path, dropped = _path(file), drop or ()
    if dropped:
        _unneeded(path, dropped, force)
    ring = change_ring(path, lambda ring: rotated(without(ring, dropped), revoke_tokens=revoke_tokens))
    _print(ring, as_json, f"The current key is now {ring.current}.")


def drop(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as listed by `phone-mfa keys show`.")],
    file: File = None,
    force: Force = False,
    as_json: o.Json = False,
) -> None:
    """Remove an old key. The current key cannot be removed.

    Nothing it sealed can be opened again, and flow tokens signed with it are no longer accepted. Reads the histories of
    all running flows in Temporal, and refuses while one of them needs the key: it would stop. Results and histories of
    flows that have ended become unreadable: wait until the last of them is past its retention. Histories recorded for
    replay tests need the key too.

    \b
    phone-mfa keys drop k20260601-4f9a2c /etc/phone-mfa/keys.json
    """
    path = _path(file)
    checked = _unneeded(path, [id_], force)
    ring = change_ring(path, lambda ring: without(ring, [id_]))
    _print(ring, as_json, f"The key was dropped{checked}; the current key is {ring.current}.")


def rename(file: File = None, force: Force = False, as_json: o.Json = False) -> None:
    """Replace the naming key: from now on, the same user's flows have other ids. Other keys stay.

    For a stolen key file, whose holder can derive the id of any user's flow. Refuses while flows run: a running flow is
    no longer found by user, so that a second start does not attach to it, and a repeated start or code is not
    recognized. It keeps its id, by which everybody who has it still finds it.

    \b
    phone-mfa keys rename /etc/phone-mfa/keys.json
    """
    path = _path(file)
    checked = "" if force else f": {asyncio.run(require_no_flows(read_ring(path)))}"
    ring = change_ring(path, renamed)
    _print(ring, as_json, f"The naming key was replaced{checked}; the current key is still {ring.current}.")


def show(file: File = None, as_json: o.Json = False) -> None:
    """List the keys: id, creation time, which one is current, whether flow tokens signed with it are accepted.

    Never the keys themselves.

    \b
    phone-mfa keys show
    phone-mfa keys show /etc/phone-mfa/keys.json --json
    """
    ring = read_ring(_path(file))
    if as_json:
        _print(ring, as_json, "")
        return
    lines = (
        (key.id, key.created_text, _yes_or_no(key.id == ring.current), _yes_or_no(key.flow_tokens))
        for key in ring.keys.values()
    )
    console().print(table(("id", "created", "current", "flow tokens"), lines))


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


def _unneeded(path: Path, ids: Sequence[str], force: bool) -> str:
    """Check that these keys can be dropped. Returns a clause that says what was found; empty if nothing was checked."""
    ring = read_ring(path)
    without(ring, ids)
    return "" if force else f": {asyncio.run(require_unneeded(ring, ids))}"


def _yes_or_no(true: bool) -> str:
    return "yes" if true else "no"


def _print(ring: Keyring, as_json: bool, sentence: str) -> None:
    if as_json:
        keys = [{"id": k.id, "created": k.created_text, "flow_tokens": k.flow_tokens} for k in ring.keys.values()]
        say_json(current=ring.current, keys=keys)
    else:
        say(sentence)


COMMANDS: tuple[Callable[..., None], ...] = (new, rotate, drop, rename, show, recipient)

keys = typer.Typer(help="Create, rotate and list the keys that seal payloads, sign flow tokens and name flows.")
for command in COMMANDS:
    keys.command(command.__name__, help=help_of(command))(command)
