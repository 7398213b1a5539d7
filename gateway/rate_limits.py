"""How often one API key may ask, and how often one flow be spoken to and looked at. Counted in this process.

A moving window of our own: the one of ``limits`` sweeps all names after each hit, and took most of a core with some
hundred flows. Of that library are the words in which settings write a rate.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from limits import RateLimitItem, parse_many

from .problems import ProblemError

LOOKS: Final = 10
"""How much more often a browser may look at its flow than speak to it."""


class Window:
    """At most so many hits of one name in so many seconds. ``clock``: seconds that only grow."""

    def __init__(self, rate: RateLimitItem, times: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = rate.amount * times, rate.get_expiry(), clock
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()  # who was heard last is the last

    def hit(self, name: str) -> float | None:
        """Count one. Seconds until there may be another; ``None`` when this one may be."""
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
        """Let go of who was not heard for a whole window."""
        while self._hits:
            hits = next(iter(self._hits.values()))
            if hits and hits[-1] > now - self._seconds:
                return
            self._hits.popitem(last=False)


class Rates:
    """The limits, as settings write them: ``60/minute``. Raises ``ValueError``.

    Where one is reached, counting raises ``ProblemError``, with the time of the next chance.
    """

    def __init__(self, key: str, flow: str) -> None:
        self._key, self._flow = Window(_rate(key)), Window(_rate(flow))
        self._looks = Window(_rate(flow), LOOKS)

    def count_key(self, name: str) -> None:
        """A service asked."""
        _count(self._key, name)

    def count_flow(self, speaker: str) -> None:
        """A flow was spoken to. ``speaker``: which flow, and by whom, so that nobody uses up another's share."""
        _count(self._flow, speaker)

    def count_look(self, looker: str) -> None:
        """A browser looked at its flow."""
        _count(self._looks, looker)


def _rate(text: str) -> RateLimitItem:
    rates = parse_many(text)
    if len(rates) != 1 or rates[0].amount < 1:
        raise ValueError("one rate, of at least one")
    return rates[0]


def _count(window: Window, name: str) -> None:
    wait = window.hit(name)
    if wait is not None:
        again = datetime.fromtimestamp(time.time() + wait, UTC)
        raise ProblemError("too-many-requests", "That was too often in too short a time.", retry_at=again)
