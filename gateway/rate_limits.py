"""Rate limits per API key, and write and read limits per flow. Counted in this process.

Has its own moving window: the one of ``limits`` sweeps all names after each hit, and took most of a core with a few
hundred flows. That library only parses the rates in settings.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from limits import RateLimitItem, parse_many

from .problems import ProblemError

READS_PER_WRITE: Final = 10
"""How many reads of its flow a browser has per write."""


class Window:
    """A moving window that limits the hits per name. ``clock``: monotonic seconds."""

    def __init__(self, rate: RateLimitItem, times: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = rate.amount * times, rate.get_expiry(), clock
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()  # the most recent name is last

    def hit(self, name: str) -> float | None:
        """Count a hit. Returns ``None`` if it is allowed, otherwise the seconds until the next one is."""
        now = self._clock()
        self._forget(now)
        hits = self._hits.setdefault(name, deque())
        while hits and hits[0] <= now - self._seconds:
            hits.popleft()
        if len(hits) >= self._most:
            return hits[0] + self._seconds - now
        hits.append(now)
        self._hits.move_to_end(name)
        return None

    def _forget(self, now: float) -> None:
        """Drop names without a hit in the last window."""
        while self._hits:
            hits = next(iter(self._hits.values()))
            if hits and hits[-1] > now - self._seconds:
                return
            self._hits.popitem(last=False)


class RateLimits:
    """The rate limits, written like ``60/minute``. Raises ``ValueError``.

    Counting raises ``ProblemError`` when a limit is reached, with the time of the next allowed request.
    """

    def __init__(self, key: str, flow: str) -> None:
        self._key, self._flow = Window(_rate(key)), Window(_rate(flow))
        self._reads = Window(_rate(flow), READS_PER_WRITE)

    def count_key(self, name: str) -> None:
        """Count a request of a service."""
        _count(self._key, name)

    def count_flow(self, caller: str) -> None:
        """Count a write to a flow. ``caller``: the flow and the caller, so that callers do not share a limit."""
        _count(self._flow, caller)

    def count_read(self, caller: str) -> None:
        """Count a browser's read of its flow."""
        _count(self._reads, caller)


def _rate(text: str) -> RateLimitItem:
    rates = parse_many(text)
    if len(rates) != 1 or rates[0].amount < 1:
        raise ValueError("expected one rate with an amount of at least one")
    return rates[0]


def _count(window: Window, name: str) -> None:
    wait = window.hit(name)
    if wait is not None:
        again = datetime.fromtimestamp(time.time() + wait, UTC)
        raise ProblemError("too-many-requests", "Too many requests in a short time.", retry_at=again)
