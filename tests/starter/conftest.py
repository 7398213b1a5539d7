"""An emulator process for the whole run, back to its beginning before each test."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.starter.command_line import CommandLine

APPLICATION = {"AUTH0_CLIENT_ID": "emulator-client", "AUTH0_CLIENT_SECRET": "emulator-secret"}


@pytest.fixture(scope="session")
def tenant_address() -> Iterator[str]:
    command = [sys.executable, "-m", "emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
        process.terminate()
        assert process.wait(10) == 0


@pytest.fixture
async def tenant(tenant_address: str) -> AsyncIterator[httpx.AsyncClient]:
    """The control plane, with one user: ada@example.com, whose password is "correct horse"."""
    async with httpx.AsyncClient(base_url=tenant_address) as http:
        await http.post("/_control/reset")
        user = {"email": "ada@example.com", "password": "correct horse", "email_verified": True}
        (await http.post("/_control/users", json=user)).raise_for_status()
        yield http


@pytest.fixture
def run(tenant_address: str, tenant: httpx.AsyncClient) -> CommandLine:
    """The command, set for the emulator, with no Temporal anywhere."""
    return CommandLine({"AUTH0_DOMAIN": tenant_address, "TEMPORAL_ADDRESS": "127.0.0.1:1", **APPLICATION})
