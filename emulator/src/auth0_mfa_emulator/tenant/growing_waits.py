"""Waits between texts and calls that grow with each message: Auth0's protection against SMS pumping.

A few messages go out at once; then each must wait twice as long after the one before, from one minute up to 32
(reference, addendum 6; Auth0 docs, exponential backoff for SMS). Auth0 adds a random part to each wait, and does not
say how many messages are free or how fast waits shrink; the emulator adds none, and takes the other two from `Waits`.
"""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field


class Waits(BaseModel):
    """`free` messages at once, then waits from `first_seconds`, doubled each time, to at most `longest_seconds`.

    Each `shrink_seconds` without a message take one message back.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    free: int = Field(3, ge=1, le=1_000)
    first_seconds: float = Field(60, ge=1, le=86_400)
    longest_seconds: float = Field(1_920, ge=1, le=86_400)
    shrink_seconds: float = Field(1_920, ge=1, le=86_400 * 365)


@dataclass
class GrowingWait:
    """Messages sent to one user, and the time of the last one in epoch seconds."""

    sent: int = 0
    last: float = 0.0

    def take(self, rule: Waits, now: float) -> bool:
        """Count one message. Returns False, and counts nothing, while the user must wait."""
        self.last = min(self.last, now)  # the clock may have been set back
        counted = max(0, self.sent - int((now - self.last) // rule.shrink_seconds))
        if now < self.last + self._wait(rule, counted):
            return False
        self.sent, self.last = counted + 1, now
        return True

    def _wait(self, rule: Waits, counted: int) -> float:
        doublings = min(counted - rule.free, 20)
        return 0.0 if doublings < 0 else min(rule.longest_seconds, rule.first_seconds * 2.0**doublings)
