"""The one clock of the pretend tenant: real time until somebody moves it, sets it or stops it.

Every lifetime and budget reads this clock, so advancing it ages all of them at once.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

EARLIEST = datetime(2002, 1, 1, tzinfo=UTC).timestamp()
"""The earliest moment the clock may be set to: epoch seconds since then, and so tokens, are as long as today's."""
FURTHEST_SECONDS = 10 * 365 * 86_400
"""How far ahead of real time the clock may be set, in seconds: ten years keeps every date printable."""


@dataclass(frozen=True)
class Reading:
    """How the clock departs from real time: `offset` seconds ahead, or standing still at epoch second `frozen_at`."""

    offset: float = 0.0
    frozen_at: float | None = None

    def at(self, real: float) -> float:
        """What the clock shows at a moment of real time, both in epoch seconds."""
        return real + self.offset if self.frozen_at is None else self.frozen_at


@dataclass
class Clock:
    """Seconds since 1970. All that can change is in `reading`, which is replaced and never altered."""

    reading: Reading = field(default_factory=Reading)

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self.reading.frozen_at is not None

    def now(self) -> float:
        """The time in epoch seconds."""
        return self.reading.at(time.time())

    def change(self, *, to: float | None = None, by: float = 0.0, frozen: bool | None = None) -> None:
        """Set the clock, move it `by` seconds, and stop it or let it go; ValueError, and no change, out of range."""
        real = time.time()
        if to is not None and not EARLIEST <= to <= real + FURTHEST_SECONDS:
            raise ValueError("set must be from 2002-01-01T00:00:00Z to ten years ahead")
        moment = (self.reading.at(real) if to is None else to) + by
        if by > 0 and moment > real + FURTHEST_SECONDS:
            raise ValueError("advance_seconds would set the clock more than ten years ahead")
        stands = self.frozen if frozen is None else frozen
        self.reading = Reading(moment - real, moment if stands else None)


def iso(moment: float) -> str:
    """Epoch seconds as Auth0 prints dates: 2026-01-31T12:00:00.000Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
