"""One real Temporal server for the whole run. Each test brings its own task queue and worker."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.temporal import data_converter


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-workflow-cache", action="store_true", help="replay every flow from the start at each step")
    parser.addoption("--record-histories", action="store_true", help="write the histories the replay tests read")


@pytest.fixture(scope="session")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """Time can be skipped in it."""
    arguments = ["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        arguments += ["--search-attribute", f"{name}={kind}"]
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=str(Path(sys.executable).with_name("temporal")),
        dev_server_extra_args=arguments,
        data_converter=data_converter(),
    )
    async with environment as running:
        yield running
