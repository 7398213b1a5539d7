"""HTTPS: an authority of the emulator's own, and the certificate it gives the emulator at each start.

Whoever trusts the authority's certificate file trusts the emulator. The two files in its folder:
`emulator-ca.pem` may be shown to anybody; who has `emulator-ca-key.pem` can play any site to those who trust it.
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
"""Life of the emulator's certificate, in days: no browser takes one that lives over 825 (Apple support 103769)."""
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Tls:
    """What the server shows its callers, and the file by which they can tell that it is genuine."""

    context: ssl.SSLContext
    authority: Path


@contextlib.contextmanager
def prepared(folder: Path | None, host: str) -> Iterator[Tls]:
    """A certificate for this computer's own names and `host`.

    The authority's files are made in `folder` once and found again; without one they are in a private folder that is
    gone afterwards. OSError when the folder cannot be used, ValueError when no certificate can name `host`.
    """
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emulator-")))
        authority, file = _authority(place)
        yield Tls(_context(authority, host), file)


def _context(authority: trustme.CA, host: str) -> ssl.SSLContext:
    yesterday = datetime.now(UTC) - timedelta(days=1)  # clocks differ
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
    """The authority of these files; None when they are absent, damaged, not of one pair, or expired."""
    try:
        shown, private = certificate.read_bytes(), key.read_bytes()
        known = x509.load_pem_x509_certificate(shown)
        if load_pem_private_key(private, None).public_key() != known.public_key():
            return None
    except (FileNotFoundError, ValueError, TypeError, UnsupportedAlgorithm):  # the last two: not a key of ours
        return None
    return trustme.CA.from_pem(shown, private) if known.not_valid_after_utc > datetime.now(UTC) else None


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two emulators that start at once must not each write one half of a pair."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Write a file that nobody sees half-written, nor with more rights than `mode`."""
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as draft:  # made with mode 0600
        draft.write(content)
    Path(draft.name).chmod(mode)
    Path(draft.name).replace(file)
