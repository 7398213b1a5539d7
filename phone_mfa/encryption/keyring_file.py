"""The file that a key ring is in."""

from collections.abc import Callable
from pathlib import Path

from phone_mfa.key_files import changing, read_regular, warn_if_others_read

from .keyring import Keyring, parse_ring


def read_ring(path: Path) -> Keyring:
    """The ring in a file. Raises ``KeyFileError`` and ``KeyringError``."""
    ring = parse_ring(read_regular(path))
    warn_if_others_read(path)
    return ring


def change_ring(path: Path, change: Callable[[Keyring], Keyring]) -> Keyring:
    """Put a changed ring in the place of the one in the file, one change after the other.

    Raises ``KeyFileError`` and ``KeyringError``.
    """
    with changing(path) as put:
        ring = change(read_ring(path))
        put(ring.text())
    return ring
