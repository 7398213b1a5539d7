"""Flows at the limits of the engine: some at its own, some at those of a server on which little is allowed."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.temporal import data_converter
from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage
from tests.keys import KEYS
from tests.unit.replay.frozen import HISTORIES, recorded_as

STRICT = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.maximumSignalsPerExecution": "300",
    "history.maxTotalUpdates": "30",
    "history.maxInFlightUpdates": "2",
    "limit.historySize.error": "3000000",
    "limit.historyCount.suggestContinueAsNew": "150",
}
"""Temporal's limits, and how low they are on the strict server: by default 10,000, 2,000, 10, 50 MiB and 4,096."""


@pytest.fixture(scope="session")
async def strict_engine() -> AsyncIterator[WorkflowEnvironment]:
    """A server that takes few messages."""
    arguments = [f"--dynamic-config-value={key}={value}" for key, value in STRICT.items()]
    arguments += [f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=str(Path(sys.executable).with_name("temporal")),
        dev_server_extra_args=arguments,
        data_converter=data_converter(KEYS, "default"),
        identity="tests",
    )
    async with environment as running:
        yield running


@pytest.fixture
async def vacant_strict_stage(strict_engine: WorkflowEnvironment, auth0: ScriptedAuth0) -> Stage:
    return Stage(strict_engine, auth0, cached=100)


@pytest.fixture
async def recorded_stage(strict_stage: Stage, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A strict stage whose histories are for the replay tests, too."""
    yield strict_stage
    if request.config.getoption("--record-histories"):
        await strict_stage.record(HISTORIES, recorded_as(request.node.name))


@pytest.fixture
async def strict_stage(vacant_strict_stage: Stage) -> AsyncIterator[Stage]:
    async with vacant_strict_stage.worker():
        yield vacant_strict_stage
