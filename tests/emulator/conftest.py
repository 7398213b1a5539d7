"""One emulator process for the whole run, back to its beginning before each test."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.emulator.visitor import Visitor


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    command = [sys.executable, "-m", "emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
        process.terminate()
        assert process.wait(10) == 0


@pytest.fixture(scope="session")
async def http(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address) as http:
        yield http


@pytest.fixture
async def visitor(http: httpx.AsyncClient) -> Visitor:
    await http.post("/_control/reset")
    return Visitor(http)
