"""Where a running process has its ring from. A file that is rotated is picked up without a restart."""

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
    """Gives the ring of the moment."""

    def ring(self, having: str | None = None) -> Keyring:
        """The newest good ring. ``having``: a key id; when it is not there, look again at once."""
        ...


class FixedRing:
    """A ring that stays as it is."""

    def __init__(self, ring: Keyring) -> None:
        self._ring = ring

    def ring(self, having: str | None = None) -> Keyring:
        """The ring."""
        return self._ring


class WatchedRing:
    """The ring in a file, read again when the file changed.

    A file that is broken or gone leaves the last good ring in use, and one warning. ``clock``: seconds that only grow.
    Raises ``KeyringError`` when it is broken from the start.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = WatchedFile(path, clock)
        try:
            self._ring = read_ring(path)
        except KeyFileError as error:
            raise KeyringError(f"The key ring: {_inside(error)}") from None

    def ring(self, having: str | None = None) -> Keyring:
        """The newest good ring. ``having``: a key id; when it is not there, look again at once."""
        if self._file.changed(at_once=having is not None and having not in self._ring.keys):
            self._refresh()
        return self._ring

    def _refresh(self) -> None:
        try:
            self._ring = self._successor(read_ring(self._file.path))
        except (KeyFileError, KeyringError) as error:
            _log.warning("the key file changed and is of no use, the ring before it stays in use: %s", error)
        else:
            _log.info("the key ring was read again, its current key is %s", self._ring.current)

    def _successor(self, ring: Keyring) -> Keyring:
        """The ring, if it came of the one before: a rotation keeps the naming key."""
        if ring.naming_key != self._ring.naming_key:
            raise KeyringError("The key ring is another one: its naming key differs.")
        return ring


def keyring_source_of(setting: str) -> KeyringSource:
    """The source that ``PHONE_MFA_KEYS`` names: a ring in JSON, or the path of its file. Raises ``KeyringError``."""
    if setting.lstrip().startswith("{"):
        return FixedRing(parse_ring(setting))
    return WatchedRing(Path(setting))


def _inside(error: KeyFileError) -> str:
    return str(error)[:1].lower() + str(error)[1:]
