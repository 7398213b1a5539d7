"""The whole of it, each part a process of its own, and what each of them costs."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from phone_mfa.api_keys import add_key
from phone_mfa.key_files import create
from phone_mfa.sealing.making import new_ring
from starter.demo.stack import Stack

from .process import Served

_CORES = os.cpu_count() or 1


class GatewayStack(Stack):
    """The demo's processes, and a gateway. ``api_key``: of the service that starts flows."""

    api_key: str = ""
    gateway_port: int = 0

    @property
    def emulator_port(self) -> int:
        """Where Auth0 and the phones are pretended."""
        return urlsplit(self.auth0).port or 0

    async def start_gateway(self) -> None:
        """Start the gateway and wait until it listens."""
        list_of_keys = self.folder / "api-keys.json"
        self.api_key = add_key(list_of_keys, "benchmark")
        extra = self.environment | {"PHONE_MFA_GATEWAY_API_KEYS": str(list_of_keys)}
        command = (sys.executable, "-m", "gateway", "--port", "0", "--log-json")
        await self._start("gateway", *command, extra=extra)
        line = await self._until_said("gateway", "gateway listening on ")
        self.gateway_port = int(line.rpartition(":")[2])

    def spent(self) -> "Spent":
        """What every process took so far."""
        own = {name: Served(0, process.pid).cpu_seconds for name, process in self.processes.items()}
        own["load"] = time.process_time()
        return Spent(time.monotonic(), own, _busy_seconds())


@asynccontextmanager
async def running() -> AsyncIterator[GatewayStack]:
    """All processes, while inside."""
    with tempfile.TemporaryDirectory(prefix="phone-mfa-bench-") as folder:
        key_file = Path(folder, "keys.json")
        create(key_file, new_ring().text())
        stack = GatewayStack(Path(folder), key_file)
        try:
            await asyncio.gather(stack.start_temporal(), stack.start_auth0())
            await stack.start_worker()
            await stack.start_gateway()
            yield stack
        finally:
            await stack.stop()


@dataclass(frozen=True)
class Spent:
    """CPU seconds by process at a moment. ``machine``: of all that runs on this machine, ours or not."""

    at: float
    own: Mapping[str, float]
    machine: float

    def since(self, before: "Spent") -> dict[str, float]:
        """Cores that were busy in between, by process; those of strangers too, and those that were idle."""
        seconds = self.at - before.at
        busy = {name: (cpu - before.own.get(name, 0)) / seconds for name, cpu in self.own.items()}
        busy["others"] = max(0.0, (self.machine - before.machine) / seconds - sum(busy.values()))
        busy["idle"] = max(0.0, _CORES - sum(busy.values()))
        return busy


def _busy_seconds() -> float:
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, softirq = (int(field) for field in fields[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
