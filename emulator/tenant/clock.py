"""The one clock of the pretend tenant: real time plus what a test has advanced it by.

Every lifetime and budget reads this clock, so advancing it ages all of them at once.
"""

import time
from datetime import UTC, datetime

FURTHEST_SECONDS = 10 * 365 * 86_400
"""How far ahead the clock may be set, in seconds: ten years keeps every date printable."""


class Clock:
    """Seconds since 1970, which can be advanced and never goes back."""

    def __init__(self) -> None:
        self._offset = 0.0

    def now(self) -> float:
        """The time in epoch seconds."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Move everything `seconds` into the future; ValueError beyond ten years in all."""
        if self._offset + seconds > FURTHEST_SECONDS:
            raise ValueError("advance_seconds would set the clock more than ten years ahead")
        self._offset += seconds


def iso(moment: float) -> str:
    """Epoch seconds as Auth0 prints dates: 2026-01-31T12:00:00.000Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
