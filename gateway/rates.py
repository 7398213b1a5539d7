"""How often one API key may ask, and how often one flow may be spoken to. Counted in this process, by moving window."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from .problems import ProblemError


@dataclass(frozen=True)
class Rates:
    """The two limits. Raises ``ProblemError`` where one is reached, with the time of the next chance."""

    key: RateLimitItem
    flow: RateLimitItem
    limiter: MovingWindowRateLimiter

    @classmethod
    def of(cls, key: str, flow: str) -> Self:
        """As settings write them: ``60/minute``. Raises ``ValueError``."""
        return cls(parse(key), parse(flow), MovingWindowRateLimiter(MemoryStorage()))

    async def count_key(self, name: str) -> None:
        """A service asked."""
        await self._count(self.key, "key", name)

    async def count_flow(self, flow_id: str) -> None:
        """A flow was spoken to."""
        await self._count(self.flow, "flow", flow_id)

    async def _count(self, rate: RateLimitItem, kind: str, name: str) -> None:
        if not await self.limiter.hit(rate, kind, name):
            window = await self.limiter.get_window_stats(rate, kind, name)
            again = datetime.fromtimestamp(math.ceil(window.reset_time), UTC)
            raise ProblemError("too-many-requests", f"There may be {rate} of a {kind}.", retry_at=again)
