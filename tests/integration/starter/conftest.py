"""The command line, set for the emulator, which each test finds as new."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.command_line import CommandLine
from tests.integration.flows.fixtures import auth0, vacant_stage
from tests.integration.flows.stage import Stage
from tests.keys import RING

__all__ = ["auth0", "run", "stage", "tenant", "vacant_stage"]

APPLICATION = {"AUTH0_CLIENT_ID": "emulator-client", "AUTH0_CLIENT_SECRET": "emulator-secret"}
SETTINGS = APPLICATION | {"PHONE_MFA_KEYS": RING.text()}


@pytest.fixture
async def tenant(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """The control plane, with one user: ada@example.com, whose password is "correct horse"."""
    async with httpx.AsyncClient(base_url=address) as http:
        await http.post("/_control/reset")
        user = {"email": "ada@example.com", "password": "correct horse"}
        (await http.post("/_control/users", json=user)).raise_for_status()
        yield http


@pytest.fixture
def run(address: str, tenant: httpx.AsyncClient) -> CommandLine:
    """The command, set for the emulator, with no Temporal anywhere."""
    return CommandLine({"AUTH0_DOMAIN": address, "TEMPORAL_ADDRESS": "127.0.0.1:1", **SETTINGS})


@pytest.fixture
def stage(vacant_stage: Stage) -> Stage:
    """A stage without a worker: each test says when one runs."""
    return vacant_stage
