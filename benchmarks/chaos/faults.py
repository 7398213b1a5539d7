"""Carries the faults of a plan out. Whatever was frozen or ended runs again when this is done."""

import asyncio
import signal
from collections.abc import Sequence
from typing import Final

from .plan import WORKERS, Fault, FaultKind
from .processes import Process, Processes
from .tally import Tally
from .tenant import Tenant

TABLE: Final = "faults"


class Faults:
    """The faults of one run."""

    def __init__(self, processes: Processes, tenant: Tenant, tally: Tally) -> None:
        self._processes, self._tenant, self._tally = processes, tenant, tally

    async def strike(self, faults: Sequence[Fault]) -> None:
        """Each at its time. One whose target is down already does not strike."""
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, fault.at - self._tally.seconds))
                group.create_task(self._one(fault))

    async def _one(self, fault: Fault) -> None:
        struck = await self._answer(fault) if fault.kind is FaultKind.ANSWER else await self._process(fault)
        self._tally.count(TABLE, fault.label if struck else "none: the target was down")

    async def _answer(self, fault: Fault) -> bool:
        self._tally.note(f"{fault.label} on {(fault.order or {})['path']}")
        return await self._tenant.order(fault.order or {})

    async def _process(self, fault: Fault) -> bool:
        free = [process for process in self._meant(fault) if not process.lock.locked()]
        await asyncio.gather(*(self._strike(process, fault) for process in free))
        return bool(free)

    def _meant(self, fault: Fault) -> list[Process]:
        everything = self._processes.all
        if fault.target == WORKERS:
            return [process for name, process in everything.items() if name.startswith("worker")]
        return [everything[fault.target]]

    async def _strike(self, process: Process, fault: Fault) -> None:
        async with process.lock:
            self._tally.note(f"{fault.kind} {process.name}")
            if fault.kind is FaultKind.FREEZE:
                async with process.frozen():
                    await asyncio.sleep(fault.seconds)
                self._tally.note(f"{process.name} goes on")
                return
            await process.end(signal.SIGKILL if fault.kind is FaultKind.KILL else signal.SIGTERM)
            self._tally.note(f"{process.name} is gone")
            await asyncio.sleep(fault.seconds)
            await process.start()
            self._tally.note(f"{process.name} is started")
