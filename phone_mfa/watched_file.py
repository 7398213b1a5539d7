"""Notices that a file changed, for processes that read it again then."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at the file: a look costs microseconds, and a change is no hurry."""

_Seen = tuple[int, int, int] | None
"""What tells one content of a file from the next: time of change in ns, size, inode. None: there is no file."""


class WatchedFile:
    """A file as it was when it was last looked at; first when this is made. ``clock``: seconds that only grow."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path, self._clock = path, clock
        self._seen, self._looked = self._look(), clock()

    def changed(self, *, at_once: bool = False) -> bool:
        """Whether the file is another one now. Ask before reading it. ``at_once``: look, however short ago we did."""
        if not at_once and self._clock() - self._looked < LOOK_EVERY:
            return False
        # Before the content, never after: what changes in between is then seen at the next look.
        before, self._seen, self._looked = self._seen, self._look(), self._clock()
        return self._seen != before

    def _look(self) -> _Seen:
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
