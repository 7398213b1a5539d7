"""A namespace with a key file of its own, the flows in it, and a worker that remembers nothing between steps."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from phone_mfa.client import Flows
from phone_mfa.client.flows import Started
from phone_mfa.contracts import StartEnrollment
from phone_mfa.encryption.keyring_source import WatchedRing
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.temporal import data_converter
from tests.command_line import CommandLine, Ran
from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER
from tests.namespaces import new_namespace, settings_of
from tests.unit.encryption.rings import write
from worker import build_workers

PATIENCE_SECONDS = 60.0


class Installation:
    """``file``: the key file, which everything here follows."""

    def __init__(self, bare: Client, file: Path) -> None:
        write(file, new_ring().text())
        self.file, self.queue, self.auth0 = file, f"keys-{uuid.uuid4()}", ScriptedAuth0()
        self.source = WatchedRing(file)
        self._bare = bare
        self.client = self.client_with(self.source)
        self.flows = Flows(self.client, tenant="tenant", keys=self.source, task_queue=self.queue)
        self.command = CommandLine(settings_of(bare) | {"PHONE_MFA_KEYS": str(file)})

    @classmethod
    async def new(cls, engine: WorkflowEnvironment, file: Path) -> "Installation":
        made = cls(await new_namespace(engine), file)
        assert (await made.run("namespace", "prepare")).code == 0
        return made

    def client_with(self, source: WatchedRing) -> Client:
        """A client of the same namespace with its own keys."""
        converter = data_converter(source, self._bare.namespace)
        return Client(**(self._bare.config() | {"data_converter": converter}))

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        flows, calls = build_workers(self.client, self.auth0.all, task_queue=self.queue, cached=0)
        async with flows, calls:
            yield

    async def run(self, *arguments: str) -> Ran:
        return await asyncio.to_thread(self.command, *arguments)

    async def enroll(self, user: str | None = None) -> Started:
        request = StartEnrollment(phone_number=SecretStr(NUMBER), mfa_token=SecretStr(LOGIN_TOKEN))
        return await self.flows.enroll(user or str(uuid.uuid4()), request)

    async def message(self, flow: str) -> None:
        """Wait until a code is awaited."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while not (await self.flows.view(flow)).message:
            assert time.monotonic() < give_up_at
            await asyncio.sleep(0.05)

    async def running(self, count: int) -> None:
        """Wait until Temporal's list has this many running flows."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while (await self.client.count_workflows("ExecutionStatus = 'Running'")).count != count:
            assert time.monotonic() < give_up_at
            await asyncio.sleep(0.05)

    async def rotate(self, *options: str) -> tuple[str, str]:
        """Rotate the keys. Returns the old and the new key's id."""
        old = self.source.ring().current
        new = (await self.run("keys", "rotate", "--json", *options)).json["current"]
        return old, self.source.ring(having=new).current
