"""Injects the faults of a plan. Every frozen or killed process runs again at the end."""

import asyncio
import signal
from collections.abc import Sequence
from typing import Final

from .plan import WORKERS, Fault, FaultKind
from .processes import Process
from .stack import Stack
from .tally import Tally
from .tenant import Tenant

TABLE: Final = "faults"


class Faults:
    """The faults of one run."""

    def __init__(self, stack: Stack, tenant: Tenant, tally: Tally) -> None:
        self._stack, self._tenant, self._tally = stack, tenant, tally

    async def strike(self, faults: Sequence[Fault]) -> None:
        """Inject each fault at its time, except those whose target is already down."""
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, fault.at - self._tally.seconds))
                group.create_task(self._one(fault))

    async def _one(self, fault: Fault) -> None:
        match fault.kind:
            case FaultKind.ANSWER:
                struck = await self._answer(fault)
            case FaultKind.MAKE_CURRENT:
                struck = await self._make_current(fault)
            case _:
                struck = await self._process(fault)
        self._tally.count(TABLE, fault.label if struck else "none: the target was down")

    async def _answer(self, fault: Fault) -> bool:
        self._tally.note(f"{fault.label} on {(fault.order or {})['path']}")
        return await self._tenant.order(fault.order or {})

    async def _make_current(self, fault: Fault) -> bool:
        await self._stack.make_current(fault.target)
        self._tally.note(f"the version of {fault.target} is current")
        return True

    async def _process(self, fault: Fault) -> bool:
        free = [process for process in self._meant(fault) if not process.lock.locked()]
        await asyncio.gather(*(self._strike(process, fault) for process in free))
        return bool(free)

    def _meant(self, fault: Fault) -> list[Process]:
        everything = self._stack.processes.all
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
            if fault.kind is not FaultKind.START:
                await process.end(signal.SIGKILL if fault.kind is FaultKind.KILL else signal.SIGTERM)
                self._tally.note(f"{process.name} is gone")
            if fault.kind is not FaultKind.STOP:
                await asyncio.sleep(fault.seconds)
                await process.start()
                self._tally.note(f"{process.name} is started")
