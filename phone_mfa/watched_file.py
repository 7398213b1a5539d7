"""Detects changes of a file, so that a process can reload it."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

LOOK_EVERY: Final = 1.0
"""Seconds between checks of the file: a check costs microseconds, and changes are not urgent."""

_Seen = tuple[int, int, int] | None
"""State that identifies a version of the file: modification time in ns, size, inode. None: there is no file."""


class WatchedFile:
    """A file and its state at the last check; the first check is on creation. ``clock``: monotonic, in seconds."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path, self._clock = path, clock
        self._seen, self._looked = self._look(), clock()

    def changed(self, *, at_once: bool = False) -> bool:
        """Whether the file has changed. Call before reading it. ``at_once``: check even right after the last check."""
        if not at_once and self._clock() - self._looked < LOOK_EVERY:
            return False
        # Checked before the content is read, so that a change in between is noticed at the next check.
        before, self._seen, self._looked = self._seen, self._look(), self._clock()
        return self._seen != before

    def _look(self) -> _Seen:
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
