"""The timers of a flow at rest, which say only that it is time to look what is due.

None is ever cancelled. A query that was asked while no worker was there runs the flow ahead of its next workflow task,
and holds back what it commands: a timer that is cancelled so, and fires before that task, is a fatal error of the SDK's
core (docs/decisions/0013). So a timer that is no longer needed still fires, and nothing comes of it.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow

from .engine_limits import SHORTEST_TIMER


@dataclass(frozen=True)
class _Timer:
    due_at: datetime
    sleep: asyncio.Task[None]


class Timers:
    """Those that were started and have not passed. Which are there depends on the flow's own clock alone."""

    def __init__(self) -> None:
        self._ahead: list[_Timer] = []

    @property
    def next(self) -> datetime | None:
        """When the next one is due."""
        return min((timer.due_at for timer in self._ahead), default=None)

    @property
    def fired(self) -> bool:
        """Whether one fired that the flow's clock has not come to yet."""
        return any(timer.sleep.done() for timer in self._ahead)

    def pass_to(self, at: datetime) -> None:
        """Forget those that were due until then, whether they fired or will soon."""
        self._ahead = [timer for timer in self._ahead if timer.due_at > at]

    def wake_at(self, due_at: datetime, summary: str | None) -> None:
        """Have one fire then, unless one fires before. ``summary`` is open to read in the Temporal UI."""
        if self.next is None or self.next > due_at:
            self._ahead.append(_Timer(due_at, asyncio.create_task(_sleep_until(due_at, summary))))


async def _sleep_until(due_at: datetime, summary: str | None) -> None:
    await workflow.sleep(max(SHORTEST_TIMER, due_at - workflow.now()), summary=summary)
