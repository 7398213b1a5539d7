"""The record of every call that was not to the control plane, in the order they arrived."""

from dataclasses import dataclass, field


@dataclass
class Call:
    """One call. `status` is that of the work done, None when no work was done or it is not done yet."""

    method: str
    path: str
    status: int | None = None


@dataclass
class Journal:
    """All calls since the last reset."""

    calls: list[Call] = field(default_factory=list)

    def open(self, method: str, path: str) -> Call:
        """Record a call that has arrived."""
        call = Call(method, path)
        self.calls.append(call)
        return call
