"""HTTPS: the emulator's own certificate authority, which issues a new server certificate at each start.

Clients that trust the authority's certificate trust the emulator. Its folder has two files: `emulator-ca.pem` is
public; `emulator-ca-key.pem` lets anyone who has it impersonate any site to clients that trust the authority.
"""

import contextlib
import fcntl
import os
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_LEAF_DAYS = 397
"""Lifetime of the emulator's certificate, in days: browsers reject one valid for over 825 (Apple support 103769)."""
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Tls:
    """The server's TLS context, and the certificate file of its authority."""

    context: ssl.SSLContext
    authority: Path


@contextlib.contextmanager
def prepared(folder: Path | None, host: str) -> Iterator[Tls]:
    """Provide a certificate for the local host names and `host`.

    The authority's files are created in `folder` once and reused; without `folder` they are in a private temporary one.
    Raises OSError if the folder cannot be used, ValueError if no certificate can name `host`.
    """
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emulator-")))
        authority, file = _authority(place)
        yield Tls(_context(authority, host), file)


def _context(authority: trustme.CA, host: str) -> ssl.SSLContext:
    yesterday = datetime.now(UTC) - timedelta(days=1)  # tolerates clock skew
    names, end = dict.fromkeys([*_OWN_NAMES, host or "localhost"]), yesterday + timedelta(days=_LEAF_DAYS)
    try:
        certificate = authority.issue_cert(*names, common_name="emulator", not_before=yesterday, not_after=end)
    except ValueError:
        raise ValueError(f"no certificate can name the host {host}") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _authority(folder: Path) -> tuple[trustme.CA, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    certificate, key = folder / "emulator-ca.pem", folder / "emulator-ca-key.pem"
    with _alone_in(folder):
        authority = _found(certificate, key)
        if not authority:
            authority = trustme.CA(path_length=0, organization_name="emulator", organization_unit_name="pretend tenant")
            _write(key, authority.private_key_pem.bytes(), 0o600)
            _write(certificate, authority.cert_pem.bytes(), 0o644)
    return authority, certificate


def _found(certificate: Path, key: Path) -> trustme.CA | None:
    """Returns the authority of these files; None if they are missing, damaged, mismatched or expired."""
    try:
        shown, private = certificate.read_bytes(), key.read_bytes()
        known = x509.load_pem_x509_certificate(shown)
        if load_pem_private_key(private, None).public_key() != known.public_key():
            return None
    except (FileNotFoundError, ValueError, TypeError, UnsupportedAlgorithm):  # the last two: not a key we wrote
        return None
    return trustme.CA.from_pem(shown, private) if known.not_valid_after_utc > datetime.now(UTC) else None


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Lock the folder, so that two emulators starting at once cannot each write half of a pair."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Write a file atomically, never readable with more permissions than `mode`."""
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as draft:  # created with mode 0600
        draft.write(content)
    Path(draft.name).chmod(mode)
    Path(draft.name).replace(file)
