"""Key ring sources of a running process. A rotated file is reloaded without a restart."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from phone_mfa.key_files import KeyFileError
from phone_mfa.watched_file import WatchedFile

from .keyring import Keyring, KeyringError, parse_ring
from .keyring_file import read_ring

_log = logging.getLogger(__name__)


class KeyringSource(Protocol):
    """Provides the current key ring."""

    def ring(self, having: str | None = None) -> Keyring:
        """Returns the newest valid ring. ``having``: a key id; if it is missing, check for a new ring at once."""
        ...


class FixedRing:
    """A ring that never changes."""

    def __init__(self, ring: Keyring) -> None:
        self._ring = ring

    def ring(self, having: str | None = None) -> Keyring:
        """Returns the ring."""
        return self._ring


class WatchedRing:
    """The ring in a file, reloaded when the file changes.

    If the file becomes invalid or disappears, the last valid ring stays in use and one warning is logged. ``clock``:
    monotonic, in seconds. Raises ``KeyringError`` if the file is invalid at the start.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = WatchedFile(path, clock)
        try:
            self._ring = read_ring(path)
        except KeyFileError as error:
            raise KeyringError(f"The key ring: {_inside(error)}") from None

    def ring(self, having: str | None = None) -> Keyring:
        """Returns the newest valid ring. ``having``: a key id; if it is missing, check for a new ring at once."""
        if self._file.changed(at_once=having is not None and having not in self._ring.keys):
            self._refresh()
        return self._ring

    def _refresh(self) -> None:
        try:
            self._ring = self._successor(read_ring(self._file.path))
        except (KeyFileError, KeyringError) as error:
            _log.warning("the changed key file cannot be used, keeping the previous key ring: %s", error)
        else:
            _log.info("reloaded the key ring, its current key is %s", self._ring.current)

    def _successor(self, ring: Keyring) -> Keyring:
        """Returns the ring if it is the same one, with other keys."""
        if ring.id != self._ring.id:
            raise KeyringError("This is a different key ring: its id differs.")
        return ring


def keyring_source_of(setting: str) -> KeyringSource:
    """Returns the source for ``PHONE_MFA_KEYS``: a ring in JSON, or the path of its file. Raises ``KeyringError``."""
    if setting.lstrip().startswith("{"):
        return FixedRing(parse_ring(setting))
    return WatchedRing(Path(setting))


def _inside(error: KeyFileError) -> str:
    return str(error)[:1].lower() + str(error)[1:]
