"""Key ring files: reading and atomic changes."""

from collections.abc import Callable
from pathlib import Path

from phone_mfa.key_files import changing, read_regular, warn_if_others_read

from .keyring import Keyring, parse_ring


def read_ring(path: Path) -> Keyring:
    """Read the ring from a file. Raises ``KeyFileError`` and ``KeyringError``."""
    ring = parse_ring(read_regular(path))
    warn_if_others_read(path)
    return ring


def change_ring(path: Path, change: Callable[[Keyring], Keyring]) -> Keyring:
    """Replace the ring in a file by a changed one. Concurrent changes are serialized.

    Raises ``KeyFileError`` and ``KeyringError``.
    """
    with changing(path) as put:
        ring = change(read_ring(path))
        put(ring.text())
    return ring
