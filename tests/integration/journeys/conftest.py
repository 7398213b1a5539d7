"""Nothing scripted: flows, activities, the Auth0 client, and a pretend tenant behind a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from activities import MfaActivities
from emulator.tests.visitor import Visitor
from phone_mfa.auth0 import Auth0, ClientSecret
from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage
from worker import build_workers


class Journey(Stage):
    """A stage with a real tenant's behaviour. ``visitor`` holds the phones."""

    def __init__(self, engine: WorkflowEnvironment, visitor: Visitor, client: Auth0) -> None:
        super().__init__(engine, ScriptedAuth0(), cached=100)
        self.visitor, self.client = visitor, client

    @asynccontextmanager
    async def worker(self, client: Auth0 | None = None) -> AsyncIterator[None]:
        activities = MfaActivities(client or self.client).all
        flows, calls = build_workers(self.engine.client, activities, task_queue=self.task_queue)
        async with flows, calls:
            yield


@pytest.fixture
def client(http: httpx.AsyncClient, address: str) -> Auth0:
    credentials = ClientSecret("emulator-client", SecretStr("emulator-secret"))
    return Auth0(http, base_url=address, credentials=credentials, timeout_seconds=5)


@pytest.fixture
def vacant_journey(engine: WorkflowEnvironment, visitor: Visitor, client: Auth0) -> Journey:
    """One on which nobody works until the test says so."""
    return Journey(engine, visitor, client)


@pytest.fixture
async def journey(vacant_journey: Journey) -> AsyncIterator[Journey]:
    async with vacant_journey.worker():
        yield vacant_journey
