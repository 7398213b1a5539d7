"""The record of every call that was neither to the control plane nor to the phone, in the order they arrived."""

from collections import deque
from dataclasses import dataclass, field

NEWEST = 100_000
"""How many calls are kept, the newest: a day of one call a second, in some 20 MB however long a load run lasts."""


@dataclass(slots=True)
class Call:
    """One call. `status` is that of the work done, None when no work was done or it is not done yet."""

    method: str
    path: str
    status: int | None = None


@dataclass
class RequestLog:
    """The newest calls since the last reset."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=NEWEST))

    def open(self, method: str, path: str) -> Call:
        """Record a call that has arrived."""
        call = Call(method, path)
        self.calls.append(call)
        return call
