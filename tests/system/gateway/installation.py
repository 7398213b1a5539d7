"""All that stands behind the page, as processes of their own: Temporal, a tenant with phones, a worker, the gateway."""

import asyncio
import contextlib
import hashlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from emulator.tests.visitor import Visitor
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.encryption.keyring_source import WatchedRing
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.temporal import data_converter
from tests.flow_time import FlowTime
from tests.ports import free_port
from tests.system.leaks.processes import TEMPORAL, Processes
from tests.system.leaks.stack import eventually

API_KEY = f"pmk_{'k' * 43}"
APP = "https://app.example.com"
RETURN_URL = f"{APP}/signed-in"
HELP_URL = "mailto:help@example.com"
THEME = Path(__file__).parent / "theme"
"""What an operator brings along: a language written from right to left, which is to be good enough for tests."""


class Worker:
    """The worker, which may leave and come back."""

    def __init__(self, processes: Processes, settings: dict[str, str], name: str = "worker", *options: str) -> None:
        self._processes, self._settings = processes, settings
        self._name, self._options = name, options
        self._stack = contextlib.AsyncExitStack()

    async def start(self) -> None:
        command = (sys.executable, "-m", "worker", "--log-json", *self._options)
        await self._stack.enter_async_context(self._processes.running(self._name, *command, settings=self._settings))

    async def stop(self) -> None:
        await self._stack.aclose()


@dataclass(frozen=True)
class Installation:
    """What runs. ``address``: of the gateway. ``service``: its API, as our own service calls it."""

    address: str
    service: httpx.AsyncClient
    visitor: Visitor
    worker: Worker
    temporal: Client
    processes: Processes
    settings: dict[str, str]

    async def start(self, kind: str, **request: Any) -> dict[str, Any]:
        """Start a flow; ``kind`` is enrollments or challenges."""
        started: dict[str, Any] = await self.ask("POST", f"/v1/{kind}", **request)
        return started

    @asynccontextmanager
    async def another_gateway(self, **settings: str) -> AsyncIterator[str]:
        """One more gateway, with settings of its own, until the end of the block. Its log is ``another-gateway``."""
        async with _gateway(self.processes, self.settings | settings, "another-gateway") as address:
            yield address

    async def ask(self, method: str, path: str, **request: Any) -> Any:
        answer = await self.service.request(method, path, json=request)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def signal(self, flow: str, name: str, message: object) -> None:
        """Send a signal as another service with the keys does, whose client checks nothing."""
        keys = WatchedRing(Path(self.settings["PHONE_MFA_KEYS"]))
        sealing = Client(**self.temporal.config() | {"data_converter": data_converter(keys, self.temporal.namespace)})
        await sealing.get_workflow_handle(flow).signal(name, message)

    async def later(self, flow: str, **time: float) -> None:
        """Let this much time pass for a flow, or less when it ends meanwhile."""
        await FlowTime(self.temporal).later(flow, **time)


@asynccontextmanager
async def installed(folder: Path, **more: str) -> AsyncIterator[Installation]:
    """Everything, until the end of the block. ``more``: settings."""
    processes = Processes(folder)
    (folder / "keys.json").write_text(new_ring().text())
    (folder / "keys.json").chmod(0o600)
    async with _emulator(processes) as tenant, _temporal(processes) as temporal:
        settings = {
            "TEMPORAL_ADDRESS": temporal,
            "AUTH0_DOMAIN": tenant,
            "AUTH0_CLIENT_ID": "emulator-client",
            "AUTH0_CLIENT_SECRET": "emulator-secret",
            "PHONE_MFA_KEYS": str(folder / "keys.json"),
            **more,
        }
        worker = Worker(processes, settings)
        await worker.start()
        async with (
            _gateway(processes, settings) as address,
            _http(tenant) as phones,
            _http(address, Authorization=f"Bearer {API_KEY}") as service,
        ):
            client = await Client.connect(temporal, identity="tests")
            try:
                yield Installation(address, service, Visitor(phones), worker, client, processes, settings)
            finally:
                await worker.stop()


def _http(address: str, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=60)


@asynccontextmanager
async def _emulator(processes: Processes) -> AsyncIterator[str]:
    async with processes.running("emulator", sys.executable, "-m", "auth0_mfa_emulator", "--port", "0") as process:
        yield await _said(process)


@asynccontextmanager
async def _gateway(processes: Processes, settings: dict[str, str], name: str = "gateway") -> AsyncIterator[str]:
    keys = [{"name": "tests", "sha256": hashlib.sha256(API_KEY.encode()).hexdigest()}]
    address = f"http://127.0.0.1:{free_port()}"
    more = {
        "PHONE_MFA_GATEWAY_PUBLIC_URL": address,
        "PHONE_MFA_GATEWAY_RETURN_ORIGINS": APP,
        "PHONE_MFA_GATEWAY_API_KEYS": json.dumps(keys),
        "PHONE_MFA_GATEWAY_RETURN_URL": RETURN_URL,
        "PHONE_MFA_GATEWAY_HELP_URL": HELP_URL,
        "PHONE_MFA_GATEWAY_THEME": str(THEME),
        "PHONE_MFA_GATEWAY_FLOW_RATE": "6000/minute",
    }
    command = (sys.executable, "-m", "gateway", "--port", address.rpartition(":")[2], "--log-json")
    async with processes.running(name, *command, settings=settings | more) as process:
        yield await _said(process)


@asynccontextmanager
async def _temporal(processes: Processes) -> AsyncIterator[str]:
    address = f"127.0.0.1:{free_port()}"
    options = ["--headless", "--ip", "127.0.0.1", "--port", address.rpartition(":")[2]]
    options += ["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        options += ["--search-attribute", f"{name}={kind}"]
    async with processes.running("temporal", TEMPORAL, "server", "start-dev", *options):
        await eventually(lambda: _answers(address))
        yield address


async def _answers(address: str) -> bool:
    with contextlib.suppress(RuntimeError, RPCError):
        return await (await Client.connect(address, identity="tests")).service_client.check_health()
    return False


async def _said(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    return (await asyncio.wait_for(process.stdout.readline(), 30)).split()[-1].decode()


@pytest.fixture(scope="session")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """One installation for the run."""
    async with installed(tmp_path_factory.mktemp("installation")) as installation:
        yield installation


@pytest.fixture
async def installation(whole: Installation) -> Installation:
    await whole.visitor.http.post("/_control/reset")
    return whole
