"""One real Temporal server and one emulator for the whole run.

Each test brings its own task queue and worker, and starts with the emulator as new.
"""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings
from temporalio.testing import WorkflowEnvironment

from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.temporal import data_converter
from tests.emulator.visitor import Visitor
from tests.keys import KEYS

settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore", max_examples=5_000)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-workflow-cache", action="store_true", help="replay every flow from the start at each step")
    parser.addoption("--record-histories", action="store_true", help="write the histories the replay tests read")
    parser.addoption("--page-images", action="store_true", help="write the pictures of the page into docs/images")


@pytest.fixture(scope="session")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """Time can be skipped in it."""
    arguments = ["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        arguments += ["--search-attribute", f"{name}={kind}"]
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=str(Path(sys.executable).with_name("temporal")),
        dev_server_extra_args=arguments,
        data_converter=data_converter(KEYS, "default"),
        identity="tests",
    )
    async with environment as running:
        yield running


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
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        yield http


@pytest.fixture
async def visitor(http: httpx.AsyncClient) -> Visitor:
    await http.post("/_control/reset")
    return Visitor(http)
