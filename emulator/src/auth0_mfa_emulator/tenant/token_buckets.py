"""Token buckets: a burst, then one more every given number of seconds.

Auth0's per-user limits are token buckets with fixed-window refill (Auth0 docs, rate limit policy). A bucket counts
what is spent, not what is left, so changing a rule also applies to existing buckets.
"""

import math
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field


class Budget(BaseModel):
    """A rule: `burst` at once, then one more every `per_seconds` seconds."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    burst: int = Field(ge=0, le=1_000_000)
    per_seconds: float = Field(ge=0.001, le=86_400 * 365)  # smaller values yield too many windows to count


@dataclass
class Bucket:
    """Usage of one budget by one user, session or tenant. Times are epoch seconds."""

    spent: int = 0
    since: float = 0.0

    def left(self, rule: Budget, now: float) -> int:
        """Returns how many more can be taken now."""
        self._refill(rule, now)
        return max(0, rule.burst - self.spent)

    def take(self, rule: Budget, now: float) -> bool:
        """Spend one. Returns False, and spends nothing, if none is left."""
        if not self.left(rule, now):
            return False
        self.spent += 1
        return True

    def seconds_to_next(self, rule: Budget, now: float) -> int:
        """Returns the whole seconds until one more can be taken, 0 if one can be taken now."""
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
