"""Log of calls in order of arrival, except those to the control plane and the phone page."""

from collections import deque
from dataclasses import dataclass, field

NEWEST = 100_000
"""How many of the newest calls are kept: a day at one call a second, about 20 MB however long a load test runs."""


@dataclass(slots=True)
class Call:
    """One call. `status` is that of the processed call, None if it was not processed or is still in progress."""

    method: str
    path: str
    status: int | None = None


@dataclass
class RequestLog:
    """The newest calls since the last reset."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=NEWEST))

    def open(self, method: str, path: str) -> Call:
        """Record the arrival of a call."""
        call = Call(method, path)
        self.calls.append(call)
        return call
