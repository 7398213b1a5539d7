"""Counters of budgets, by the library ``limits``: in this process's memory, or in Redis.

While Redis does not answer, counts in this process's memory: budgets still hold, for each worker by itself, and flows
go on. Closed counters would let nobody log in, and Auth0 has budgets of its own behind these.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, TypeVar

import structlog
from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from phone_mfa.settings import MEMORY

ANSWER_SECONDS: Final = 1.0
"""How long Redis may take to answer. In a data center it takes a millisecond."""

RETRY_SECONDS: Final = 5.0
"""How long after a failure Redis is asked again, so that a call to Auth0 is delayed by one failure at most."""

_PREFIX: Final = "phone-mfa"

Answer = TypeVar("Answer")


class Window(NamedTuple):
    """A counter's window. ``left``: what may still be counted. ``seconds``: until the window ends, one at least."""

    left: int
    seconds: float


class BudgetStore:
    """Counts by name in windows that begin with the first count.

    Args:
        address: ``memory``, or the address of a Redis server, such as ``redis://host:6379/0``. To be closed.
    """

    def __init__(self, address: str = MEMORY) -> None:
        self._memory = FixedWindowRateLimiter(MemoryStorage())
        self._pool = None if address == MEMORY else _connections(address)
        self._shared = FixedWindowRateLimiter(_redis(address, self._pool)) if self._pool else None
        self._ask_again_at = 0.0

    async def warn_unless_answering(self) -> None:
        """Log a warning if Redis does not answer, or refuses us: budgets are then counted in memory."""
        if self._pool is None:
            return
        async with Redis(connection_pool=self._pool) as redis:
            try:
                await redis.ping()
            except (RedisError, OSError) as error:
                structlog.get_logger("activities").warning("budgets.redis_not_usable", reason=type(error).__name__)

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        if self._pool:
            await self._pool.disconnect()

    async def add(self, rate: RateLimitItem, name: str) -> bool:
        """Count. Returns whether the rate still allows it; it counts in any case."""
        return await self._ask(lambda counters: counters.hit(rate, name))

    async def take_back(self, rate: RateLimitItem, name: str) -> None:
        """Count one less, but never less than none: the window may have ended, or the other counters may have it."""
        if (await self.window(rate, name)).left < rate.amount:
            await self._ask(lambda counters: counters.hit(rate, name, cost=-1))

    async def window(self, rate: RateLimitItem, name: str) -> Window:
        """Return the window of a counter."""
        found = await self._ask(lambda counters: counters.get_window_stats(rate, name))
        return Window(found.remaining, max(1.0, found.reset_time - time.time()))

    async def clear(self, rate: RateLimitItem, name: str) -> None:
        """Start from zero."""
        await self._ask(lambda counters: counters.clear(rate, name))

    async def _ask(self, ask: Callable[[FixedWindowRateLimiter], Awaitable[Answer]]) -> Answer:
        if self._shared and time.monotonic() >= self._ask_again_at:
            try:
                return await ask(self._shared)
            except StorageError as error:
                self._ask_again_at = time.monotonic() + RETRY_SECONDS
                reason = type(error.storage_error).__name__  # its text has the address
                structlog.get_logger("activities").error("budgets.counted_in_memory", reason=reason)
        return await ask(self._memory)


def _connections(address: str) -> ConnectionPool:
    return ConnectionPool.from_url(
        address, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
    )


def _redis(address: str, connections: ConnectionPool) -> RedisStorage:
    return RedisStorage(
        f"async+{address}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix=_PREFIX,
        connection_pool=connections,  # type: ignore[arg-type]  # passed on to redis
    )
