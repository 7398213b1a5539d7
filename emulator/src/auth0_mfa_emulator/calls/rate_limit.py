"""The tenant-wide limit on calls to the Authentication API.

Auth0 documents limits of the Management API too; this project has no numbers for them, and it is not limited here.
"""

import math
from dataclasses import dataclass, field

from auth0_mfa_emulator.tenant.settings import Plan, Settings
from auth0_mfa_emulator.tenant.token_buckets import Bucket, Budget

PLANS: dict[Plan, Budget] = {
    "free": Budget(burst=300, per_seconds=60 / 300),
    "essentials": Budget(burst=25, per_seconds=1 / 25),
    "professional": Budget(burst=25, per_seconds=1 / 25),
    "enterprise": Budget(burst=100, per_seconds=1 / 100),
}
"""Calls a tenant may receive in production (Auth0 docs, rate limit configurations)."""
FREE_TOKENS = Budget(burst=30, per_seconds=1 / 30)
"""What the free plan allows of `/oauth/token`, within the limit of all calls (Auth0 docs, the same page)."""
_UNLIMITED = ("/api/v2/", "/.well-known/")


@dataclass(frozen=True)
class Standing:
    """How a call fared: whether it is admitted, and the seconds and the epoch second until another will be."""

    admitted: bool
    limit: int
    remaining: int
    wait_seconds: int
    reset_at: int

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every answer of a limited tenant, the reset in epoch seconds (Auth0 docs, use cases)."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(self.reset_at),
        }


@dataclass
class RateLimit:
    """What was spent of the limits: of all calls, and of those to `/oauth/token`."""

    calls: Bucket = field(default_factory=Bucket)
    tokens: Bucket = field(default_factory=Bucket)

    def admit(self, path: str, settings: Settings, now: float) -> Standing | None:
        """Spend one call to `path`, or nothing when it is refused; None when it is not limited."""
        limits = [] if path.startswith(_UNLIMITED) else self._limits(path, settings)
        if not limits:
            return None
        admitted = all(bucket.left(rule, now) for bucket, rule in limits)
        if admitted:
            for bucket, rule in limits:
                bucket.take(rule, now)
        bucket, rule = min(limits, key=lambda it: (it[0].left(it[1], now), -it[0].seconds_to_next(it[1], now)))
        wait = bucket.seconds_to_next(rule, now)
        return Standing(admitted, rule.burst, bucket.left(rule, now), wait, math.ceil(now + wait))

    def _limits(self, path: str, settings: Settings) -> list[tuple[Bucket, Budget]]:
        if settings.rate_limit:
            return [(self.calls, settings.rate_limit)]
        if not settings.plan:
            return []
        of_all = (self.calls, PLANS[settings.plan])
        return [of_all, (self.tokens, FREE_TOKENS)] if (settings.plan, path) == ("free", "/oauth/token") else [of_all]
