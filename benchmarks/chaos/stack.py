"""The stack under test: Temporal with a database file, the emulator with a state file, workers, a gateway.

The only module that knows how to start and configure each process, and how to check that it is ready.
"""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from temporalio.client import Client
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError

from phone_mfa.api_keys import add_key
from phone_mfa.client import Flows
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.encryption import KeyringSource, keyring_source_of
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.key_files import create
from phone_mfa.temporal import DEFAULT_NAMESPACE, data_converter
from starter.local.ports import ANY, LOOPBACK, Ports
from starter.local.stack import CLIENT, SERVER_SETTINGS

from .other_version import other_version
from .processes import ROOT, Process, Processes

READY_SECONDS: Final = 60.0
LOOK_EVERY_SECONDS: Final = 0.2

TEMPORAL: Final = "temporal"
EMULATOR: Final = "emulator"
GATEWAY: Final = "gateway"
KEYS: Final = "keys.json"
DEPLOYMENT: Final = "phone-mfa"
TEMPORAL_COMMAND: Final = str(Path(sys.executable).with_name("temporal"))
UNREACHABLE_EXIT: Final = 3
"""The exit code of a worker or gateway that cannot reach Temporal and has to be restarted."""


class NotReadyError(Exception):
    """A process was not ready in time. The message names it, with its last line of output."""


def worker_name(number: int) -> str:
    """Return the name of a worker; numbers start at 1."""
    return f"worker {number}"


def _build_id(worker: str) -> str:
    return worker.split()[-1]


@dataclass(frozen=True)
class Stack:
    """The stack and its clients. ``client``: for Temporal, with the keys; ``http``: for everything else.

    ``versions``: as in ``Plan``.
    """

    processes: Processes
    ports: Ports
    keys: KeyringSource
    api_key: str
    client: Client
    http: httpx.AsyncClient
    workers: int
    versions: bool

    @property
    def emulator(self) -> str:
        """The address of the emulated tenant."""
        return f"http://{LOOPBACK}:{self.ports.auth0}"

    @property
    def gateway(self) -> str:
        """The address of the gateway."""
        return f"http://{LOOPBACK}:{self.ports.gateway}"

    @property
    def flows(self) -> Flows:
        """The same flows that the gateway starts and addresses."""
        return Flows(self.client, tenant=self.emulator, keys=self.keys)

    async def start(self) -> None:
        """Start everything in order of dependency."""
        processes = self.processes.all
        for name in (TEMPORAL, EMULATOR):
            await processes[name].start()
        await self._until(processes[TEMPORAL], self._temporal_answers)
        await self._until(processes[EMULATOR], lambda: self._answers(f"{self.emulator}/_control/health"))
        for number in range(1 if self.versions else self.workers):
            await processes[worker_name(number + 1)].start()
        if self.versions:
            await self.make_current(worker_name(1))
        await processes[GATEWAY].start()
        await self.until_ready()

    async def until_ready(self) -> None:
        """Wait until all processes are ready. Raises ``NotReadyError``."""
        processes = self.processes.all
        await self._until(processes[TEMPORAL], self._temporal_answers)
        await self._until(processes[EMULATOR], lambda: self._answers(f"{self.emulator}/_control/health"))
        for worker in self._started_workers:
            await self._until(worker, lambda worker=worker: _said(worker, "worker.started"))  # type: ignore[misc]
        await self._until(processes[GATEWAY], lambda: self._answers(f"{self.gateway}/readyz"))

    async def renew_workers(self) -> None:
        """Replace all workers with new ones that have no cached flows."""
        for worker in self._started_workers:
            async with worker.lock:
                await worker.end(signal.SIGTERM)
                await worker.start()
        await self.until_ready()

    @property
    def _started_workers(self) -> list[Process]:
        workers = (self.processes.all[worker_name(number + 1)] for number in range(self.workers))
        return [worker for worker in workers if worker.starts]

    async def make_current(self, worker: str) -> None:
        """Make a worker's version current with the command from ``docs/running.md``, once the version is known.

        Raises ``NotReadyError``.
        """
        options = ("--address", f"{LOOPBACK}:{self.ports.temporal}", "--yes", "--build-id", _build_id(worker))
        command = (TEMPORAL_COMMAND, "worker", "deployment", "set-current-version", "--deployment-name", DEPLOYMENT)

        async def made() -> bool:
            quiet = asyncio.subprocess.DEVNULL
            process = await asyncio.create_subprocess_exec(*command, *options, stdout=quiet, stderr=quiet)
            return await process.wait() == 0

        await self._until(self.processes.all[worker], made)

    async def _until(self, process: Process, ready: Callable[[], Awaitable[bool]]) -> None:
        give_up_at = time.monotonic() + READY_SECONDS
        while not await ready():
            if time.monotonic() > give_up_at:
                raise NotReadyError(f"The {process.name} was not ready in time: {process.last_line()}")
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _temporal_answers(self) -> bool:
        with contextlib.suppress(RuntimeError, RPCError):
            return await self.client.service_client.check_health()
        return False

    async def _answers(self, address: str) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return (await self.http.get(address)).is_success
        return False


async def _said(process: Process, words: str) -> bool:
    return process.exit_code is None and words in process.log.read_text(errors="replace")


@asynccontextmanager
async def running(folder: Path, workers: int, *, versions: bool = False) -> AsyncIterator[Stack]:
    """Run everything inside the context, restarting processes that end by themselves. Cleans up on exit."""
    stack = await _prepared(folder, workers, versions=versions)
    watching = None
    try:
        await stack.start()
        watching = asyncio.create_task(stack.processes.watch())
        yield stack
    finally:
        if watching is not None:
            watching.cancel()
            await asyncio.wait({watching})
        await stack.http.aclose()
        await stack.processes.stop()


async def _prepared(folder: Path, workers: int, *, versions: bool) -> Stack:
    create(folder / KEYS, new_ring().text())
    keys, api_key = keyring_source_of(str(folder / KEYS)), add_key(folder / "api-keys.json", "chaos")
    ports, processes = ANY.free(), Processes(folder)
    temporal, tenant = f"{LOOPBACK}:{ports.temporal}", f"http://{LOOPBACK}:{ports.auth0}"
    reached = {"TEMPORAL_ADDRESS": temporal, "PHONE_MFA_KEYS": str(folder / KEYS), "AUTH0_DOMAIN": tenant}
    _add_temporal(processes, ports)
    state = str(folder / "tenant.state")
    processes.add(EMULATOR, *_python("auth0_mfa_emulator", "--port", str(ports.auth0), "--state", state))
    secret = {"AUTH0_CLIENT_ID": CLIENT[0], "AUTH0_CLIENT_SECRET": CLIENT[1]}
    other = other_version(folder / "code") if versions else ROOT
    for name in (worker_name(number + 1) for number in range(workers)):
        version = {"PHONE_MFA_BUILD_ID": _build_id(name)} if versions else {}
        code = ROOT if name == worker_name(1) else other
        processes.add(name, *_python("worker", "--log-json"), settings=reached | secret | version, code=code)
    gateway = {
        "PHONE_MFA_GATEWAY_API_KEYS": str(folder / "api-keys.json"),
        "PHONE_MFA_GATEWAY_KEY_RATE": "60000/minute",  # the limits are tested elsewhere
        "PHONE_MFA_GATEWAY_FLOW_RATE": "600/minute",
    }
    options = ("--port", str(ports.gateway), "--log-json")
    processes.add(GATEWAY, *_python("gateway", *options), settings=reached | gateway)
    converter = data_converter(keys, DEFAULT_NAMESPACE)
    # Lazy: the server need not be up yet, or at the first call.
    client = await Client.connect(temporal, data_converter=converter, identity="chaos", lazy=True, runtime=_quiet())
    return Stack(processes, ports, keys, api_key, client, _http(), workers, versions)


def _add_temporal(processes: Processes, ports: Ports) -> None:
    options = ["--headless", "--ip", LOOPBACK, "--port", str(ports.temporal), "--log-level", "error"]
    options += ["--db-filename", str(processes.folder / "temporal.db"), "--sqlite-pragma", "journal_mode=wal"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        options += ["--search-attribute", f"{name}={kind}"]
    for setting in SERVER_SETTINGS:
        options += ["--dynamic-config-value", setting]
    processes.add(TEMPORAL, TEMPORAL_COMMAND, "server", "start-dev", *options)


def _python(module: str, *options: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *options)


def _quiet() -> Runtime:
    """Suppress the log line per retried call, since nearly all are retried here."""
    lines = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(logging=lines))


def _http() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    return httpx.AsyncClient(trust_env=False, limits=limits, timeout=httpx.Timeout(60, connect=5))
