"""Token buckets: so many at once, then one more every so many seconds.

Auth0's per-user limits are token buckets with fixed-window refill (Auth0 docs, rate limit policy). A bucket counts
what was spent and not what is left, so a rule changed by a test governs the buckets that already exist.
"""

import math
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field


class Budget(BaseModel):
    """A rule: `burst` at once, then one more every `per_seconds` seconds."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    burst: int = Field(ge=0, le=1_000_000)
    per_seconds: float = Field(ge=0.001, le=86_400 * 365)  # finer would leave more windows than can be counted


@dataclass
class Bucket:
    """What one user, session or tenant has spent of one budget. Moments are epoch seconds."""

    spent: int = 0
    since: float = 0.0

    def left(self, rule: Budget, now: float) -> int:
        """How many more may be taken at once."""
        self._refill(rule, now)
        return max(0, rule.burst - self.spent)

    def take(self, rule: Budget, now: float) -> bool:
        """Spend one; False, and nothing spent, when none is left."""
        if not self.left(rule, now):
            return False
        self.spent += 1
        return True

    def seconds_to_next(self, rule: Budget, now: float) -> int:
        """Whole seconds until one more may be taken, 0 when one may be taken now."""
        if self.left(rule, now):
            return 0
        missing = self.spent - rule.burst + 1
        return max(1, math.ceil(self.since + missing * rule.per_seconds - now))

    def _refill(self, rule: Budget, now: float) -> None:
        self.since = min(self.since, now)  # the clock may have been set back
        windows = int((now - self.since) // rule.per_seconds)
        if self.spent <= windows:
            self.spent, self.since = 0, now
        elif windows > 0:
            self.spent -= windows
            self.since += windows * rule.per_seconds
