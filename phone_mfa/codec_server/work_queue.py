"""Work that would block the event loop runs in a thread, a few requests at a time, and a limited number wait."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool

from .errors import RefusedError

AT_ONCE: Final = 2
"""Threads that work: they share one interpreter, so that more would only delay the event loop."""
MAX_WAITING: Final = 100
"""Maximum number of requests that wait. Each holds a body of at most 4 MiB."""

_Result = TypeVar("_Result")


class WorkQueue:
    """Runs functions in threads, in the order in which they came."""

    def __init__(self, at_once: int = AT_ONCE, max_waiting: int = MAX_WAITING) -> None:
        self._turns, self._most, self._here = asyncio.Semaphore(at_once), at_once + max_waiting, 0

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Run a function and return its result. Raises ``RefusedError`` if too many wait."""
        if self._here >= self._most:
            message = "The codec server is busy: try again."
            raise RefusedError(503, message, reason="busy", headers={"Retry-After": "1"})
        self._here += 1
        try:
            async with self._turns:
                return await run_in_threadpool(work)
        finally:
            self._here -= 1
