"""The tenant's clock: real time until it is advanced, set or frozen.

Every lifetime and budget uses this clock, so advancing it ages them all at once.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

EARLIEST = datetime(2002, 1, 1, tzinfo=UTC).timestamp()
"""Earliest time the clock can be set to: epoch seconds since then, and so tokens, have today's length."""
FURTHEST_SECONDS = 10 * 365 * 86_400
"""How far ahead of real time the clock can be set, in seconds: ten years keeps every date printable."""


@dataclass(frozen=True)
class Reading:
    """Deviation of the clock from real time: `offset` seconds ahead, or frozen at epoch second `frozen_at`."""

    offset: float = 0.0
    frozen_at: float | None = None

    def at(self, real: float) -> float:
        """Returns the clock's time at a given real time, both in epoch seconds."""
        return real + self.offset if self.frozen_at is None else self.frozen_at


@dataclass
class Clock:
    """A clock in epoch seconds. Its whole state is `reading`, which is replaced and never mutated."""

    reading: Reading = field(default_factory=Reading)

    @property
    def frozen(self) -> bool:
        """Whether the clock is frozen."""
        return self.reading.frozen_at is not None

    def now(self) -> float:
        """Returns the time in epoch seconds."""
        return self.reading.at(time.time())

    def change(self, *, to: float | None = None, by: float = 0.0, frozen: bool | None = None) -> None:
        """Set, advance `by` seconds, and freeze or resume. Raises ValueError, and changes nothing, out of range."""
        real = time.time()
        if to is not None and not EARLIEST <= to <= real + FURTHEST_SECONDS:
            raise ValueError("set must be from 2002-01-01T00:00:00Z to ten years ahead")
        moment = (self.reading.at(real) if to is None else to) + by
        if by > 0 and moment > real + FURTHEST_SECONDS:
            raise ValueError("advance_seconds would set the clock more than ten years ahead")
        stands = self.frozen if frozen is None else frozen
        self.reading = Reading(moment - real, moment if stands else None)


def iso(moment: float) -> str:
    """Formats epoch seconds like Auth0's dates: 2026-01-31T12:00:00.000Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
