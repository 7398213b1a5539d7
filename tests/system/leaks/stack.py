"""A whole installation for one run: Temporal with a database file, a tenant, two workers, a codec server, a gateway."""

import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from temporalio.client import Client
from temporalio.service import RPCError

from phone_mfa.api_keys import add_key
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.encryption import Keyring
from phone_mfa.encryption.rotation import new_ring, rotated
from tests.integration.codec_server.codec_process import CodecProcess, codec_process
from tests.ports import free_port
from tests.system.leaks.processes import TEMPORAL, Processes
from tests.system.leaks.relay import Relay, relayed

PATIENCE_SECONDS = 40
LOOK_EVERY_SECONDS = 0.05

TASK_QUEUE = "phone-mfa"
DISTRUSTED = "distrusted"
"""The task queue of a worker whose client secret Auth0 does not accept."""

API_KEYS = "api-keys.json"
"""The file that lists who may call the gateway."""
PUBLIC_URL = "http://127.0.0.1:8088"
"""Where users are told the gateway is. It listens elsewhere; those who play go there with what they are told."""
RETURN_ORIGIN = "https://app.example.com"


@dataclass(frozen=True)
class Own:
    """The secrets of the installation itself, new for each run."""

    ring: Keyring
    client_secret: str
    wrong_secret: str
    codec_token: str
    api_key: str


@dataclass(frozen=True)
class Stack:
    """All of it while it runs. ``tenant``: Auth0, as our processes know it; ``temporal``: host and port."""

    processes: Processes
    own: Own
    relay: Relay
    tenant: str
    temporal: str
    codec: CodecProcess
    metrics: str

    @property
    def database(self) -> Path:
        """The file that Temporal keeps everything in."""
        return self.processes.folder / "temporal.db"

    @property
    def settings(self) -> dict[str, str]:
        """What our processes are told."""
        return {
            "TEMPORAL_ADDRESS": self.temporal,
            "AUTH0_DOMAIN": self.tenant,
            "AUTH0_CLIENT_ID": "our-application",
            "AUTH0_CLIENT_SECRET": self.own.client_secret,
            "PHONE_MFA_KEYS": str(self.processes.folder / "keys.json"),
            "PHONE_MFA_TASK_QUEUE": TASK_QUEUE,
        }

    async def uncoded(self) -> Client:
        """A client as anybody has one who reaches Temporal: without our keys."""
        return await Client.connect(self.temporal, identity="somebody")

    @asynccontextmanager
    async def worker(self, name: str, *options: str, **changed: str) -> AsyncIterator[None]:
        """A worker that runs until the end of the block."""
        command = (sys.executable, "-m", "worker", "--log-level", "DEBUG", "--log-json", *options)
        async with self.processes.running(name, *command, settings=self.settings | changed):
            yield

    @asynccontextmanager
    async def gateway(self, name: str, **changed: str) -> AsyncIterator[str]:
        """A gateway that runs until the end of the block, by its address."""
        command = (sys.executable, "-m", "gateway", "--port", "0", "--log-level", "DEBUG", "--log-json")
        own = {
            "PHONE_MFA_GATEWAY_API_KEYS": str(self.processes.folder / API_KEYS),
            "PHONE_MFA_GATEWAY_PUBLIC_URL": PUBLIC_URL,
            "PHONE_MFA_GATEWAY_RETURN_ORIGINS": RETURN_ORIGIN,
        }
        async with self.processes.running(name, *command, settings=self.settings | own | changed) as process:
            yield await _said(process)


@asynccontextmanager
async def installed(folder: Path) -> AsyncIterator[Stack]:
    """Everything, until the end of the block; the database and the logs stay."""
    client_secret, wrong_secret, codec_token = (secrets.token_urlsafe(30) for _ in range(3))
    api_key = add_key(folder / API_KEYS, "onboarding")
    own = Own(rotated(new_ring()), client_secret, wrong_secret, codec_token, api_key)
    (folder / "keys.json").write_text(own.ring.text())
    processes = Processes(folder)
    async with (
        _emulator(processes) as emulator,
        relayed(emulator) as (relay, tenant),
        _temporal(processes) as temporal,
    ):
        with codec_process(folder, token=own.codec_token, PHONE_MFA_KEYS=str(folder / "keys.json")) as codec:
            processes.note("codec", codec.process.pid)
            await _register(tenant, own)
            metrics = f"127.0.0.1:{free_port()}"
            stack = Stack(processes, own, relay, tenant, temporal, codec, metrics)
            async with (
                stack.worker("worker", "--metrics", metrics),
                stack.worker("distrusted", AUTH0_CLIENT_SECRET=own.wrong_secret, PHONE_MFA_TASK_QUEUE=DISTRUSTED),
            ):
                yield stack


@asynccontextmanager
async def _emulator(processes: Processes) -> AsyncIterator[str]:
    state = str(processes.folder / "tenant.state")
    command = (sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--state", state)
    async with processes.running("emulator", *command) as process:
        yield await _said(process)


async def _said(process: asyncio.subprocess.Process) -> str:
    """The address that a process says it listens at."""
    assert process.stdout
    return (await process.stdout.readline()).split()[-1].decode()


@asynccontextmanager
async def _temporal(processes: Processes) -> AsyncIterator[str]:
    port = free_port()
    options = ["--headless", "--ip", "127.0.0.1", "--port", str(port), "--log-level", "info"]
    options += ["--db-filename", str(processes.folder / "temporal.db")]
    options += ["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"]
    options += ["--sqlite-pragma", "journal_mode=wal"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        options += ["--search-attribute", f"{name}={kind}"]
    async with processes.running("temporal", TEMPORAL, "server", "start-dev", *options):
        address = f"127.0.0.1:{port}"
        await eventually(lambda: _answers(address))
        yield address


async def _answers(address: str) -> bool:
    with contextlib.suppress(RuntimeError, RPCError):
        client = await Client.connect(address, identity="somebody")
        return await client.service_client.check_health()
    return False


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what comes true a little later."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not await true():
        assert time.monotonic() < give_up_at, "it never came true"
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _register(tenant: str, own: Own) -> None:
    application: Mapping[str, object] = {
        "client_id": "our-application",
        "client_secret": own.client_secret,
        "callbacks": [f"{PUBLIC_URL}/login/callback"],
    }
    async with httpx.AsyncClient(base_url=tenant, trust_env=False) as http:
        (await http.post("/_control/clients", json=application)).raise_for_status()
        (await http.patch("/_control/tenant", json={"enroll_on_login_pages": False})).raise_for_status()
