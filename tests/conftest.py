"""One real Temporal server and one emulator for the whole run.

Each test brings its own task queue and worker, and starts with the emulator as new.
"""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings
from temporalio.testing import WorkflowEnvironment

from emulator.tests.fixtures import address, http, visitor
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.temporal import data_converter
from tests.keys import KEYS

__all__ = ["address", "engine", "http", "visitor"]

settings.register_profile("quick", derandomize=True, deadline=None, max_examples=40)
settings.register_profile("deep", derandomize=True, deadline=None, max_examples=300)
settings.register_profile("explore", deadline=None, max_examples=5_000)
settings.load_profile("quick")


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
