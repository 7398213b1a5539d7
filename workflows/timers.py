"""Timers of a waiting flow. They only wake it to check what is due.

Timers are never cancelled. A query received while no worker was running runs the flow ahead of its next workflow task
and holds its commands back. A timer cancelled that way that fires before that task causes a fatal error in the SDK's
core (docs/decisions/0013). So a timer that is no longer needed still fires, without effect.
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
    """Timers that are started and not yet past. Which ones are listed depends only on the flow's own clock."""

    def __init__(self) -> None:
        self._ahead: list[_Timer] = []

    @property
    def next(self) -> datetime | None:
        """When the next timer is due."""
        return min((timer.due_at for timer in self._ahead), default=None)

    @property
    def fired(self) -> bool:
        """Whether a timer fired that the flow's clock has not reached yet."""
        return any(timer.sleep.done() for timer in self._ahead)

    def forget_until(self, at: datetime) -> None:
        """Forget timers due at or before ``at``, whether they have fired or are about to."""
        self._ahead = [timer for timer in self._ahead if timer.due_at > at]

    def start(self, due_at: datetime, summary: str | None) -> None:
        """Start a timer, unless one fires at or before that time. ``summary`` is shown unsealed in the Temporal UI."""
        if self.next is None or self.next > due_at:
            self._ahead.append(_Timer(due_at, asyncio.create_task(_sleep_until(due_at, summary))))


async def _sleep_until(due_at: datetime, summary: str | None) -> None:
    await workflow.sleep(max(SHORTEST_TIMER, due_at - workflow.now()), summary=summary)
