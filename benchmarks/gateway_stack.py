"""The full stack as separate processes, and the CPU time of each."""

import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starter.local.ports import ANY
from starter.local.stack import Stack, running_stack

from .process import Served

_CORES = os.cpu_count() or 1


@asynccontextmanager
async def running() -> AsyncIterator[Stack]:
    """Run Temporal, the emulator, a worker and a gateway inside the context."""
    async with running_stack(ANY) as (stack, _):
        await stack.start_worker()
        await stack.start_gateway()
        yield stack


def spent(stack: Stack) -> "Spent":
    """Return the CPU time of every process so far."""
    own = {name: Served(0, pid).cpu_seconds for name, pid in stack.processes.pids.items()}
    return Spent(time.monotonic(), own | {"load": time.process_time()}, _busy_seconds())


@dataclass(frozen=True)
class Spent:
    """CPU seconds by process at one moment. ``machine``: all processes on this machine, ours or not."""

    at: float
    own: Mapping[str, float]
    machine: float

    def since(self, before: "Spent") -> dict[str, float]:
        """Return the cores busy in between, by process, including foreign processes and idle cores."""
        seconds = self.at - before.at
        busy = {name: (cpu - before.own.get(name, 0)) / seconds for name, cpu in self.own.items()}
        busy["others"] = max(0.0, (self.machine - before.machine) / seconds - sum(busy.values()))
        busy["idle"] = max(0.0, _CORES - sum(busy.values()))
        return busy


def _busy_seconds() -> float:
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, softirq = (int(field) for field in fields[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
