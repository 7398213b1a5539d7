"""Tenant-wide rate limits on calls to the Authentication API and to the Management API.

This project has no numbers of Auth0's limits on the Management API, so that a plan does not apply any.
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
"""Each plan's limit on calls to a production tenant (Auth0 docs, rate limit configurations)."""
FREE_TOKENS = Budget(burst=30, per_seconds=1 / 30)
"""The free plan's limit on `/oauth/token`, within the limit on all calls (Auth0 docs, same page)."""
_MANAGEMENT = "/api/v2/"
_UNLIMITED = "/.well-known/"


@dataclass(frozen=True)
class Standing:
    """Result of a check: whether the call is admitted, and when the next one will be, relative and absolute."""

    admitted: bool
    limit: int
    remaining: int
    wait_seconds: int
    reset_at: int

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every response of a limited tenant, the reset in epoch seconds (Auth0 docs, use cases)."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(self.reset_at),
        }


@dataclass
class RateLimit:
    """Usage of the limits on all calls, on `/oauth/token`, and on the Management API."""

    calls: Bucket = field(default_factory=Bucket)
    tokens: Bucket = field(default_factory=Bucket)
    management_calls: Bucket = field(default_factory=Bucket)

    def admit(self, path: str, settings: Settings, now: float) -> Standing | None:
        """Count a call to `path` unless it is refused. Returns None if no limit applies."""
        limits = self._limits(path, settings)
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
        if path.startswith(_MANAGEMENT):
            rule = settings.management_rate_limit
            return [(self.management_calls, rule)] if rule else []
        if path.startswith(_UNLIMITED):
            return []
        if settings.rate_limit:
            return [(self.calls, settings.rate_limit)]
        if not settings.plan:
            return []
        of_all = (self.calls, PLANS[settings.plan])
        return [of_all, (self.tokens, FREE_TOKENS)] if (settings.plan, path) == ("free", "/oauth/token") else [of_all]
