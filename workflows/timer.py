"""The timer of a flow at rest: one, which says only that it is time to look what is due."""

import asyncio
from datetime import datetime

from temporalio import workflow

from .engine_limits import SHORTEST_TIMER


class Timer:
    """It is started anew only when what it is for has changed."""

    def __init__(self) -> None:
        self._for: tuple[datetime, str | None] | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def fired(self) -> bool:
        """Whether it is over."""
        return self._running is not None and self._running.done()

    def start(self, due_at: datetime, summary: str | None) -> None:
        """Have it fire then. ``summary`` is open to read in the Temporal UI."""
        if self._for != (due_at, summary):
            self.stop()
            self._for = (due_at, summary)
            self._running = asyncio.create_task(self._run(due_at, summary))

    def stop(self) -> None:
        """Have it fire no more."""
        if self._running:
            self._running.cancel()
        self._for, self._running = None, None

    async def _run(self, due_at: datetime, summary: str | None) -> None:
        await workflow.sleep(max(SHORTEST_TIMER, due_at - workflow.now()), summary=summary)
