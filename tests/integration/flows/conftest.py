from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage
from tests.unit.replay.frozen import record


@pytest.fixture
def auth0() -> ScriptedAuth0:
    return ScriptedAuth0()


@pytest.fixture
async def vacant_stage(
    engine: WorkflowEnvironment, auth0: ScriptedAuth0, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """A stage on which nobody works until the test says so."""
    stage = Stage(engine, auth0, cached=0 if request.config.getoption("--no-workflow-cache") else 100)
    yield stage
    if request.config.getoption("--record-histories"):
        await record(stage, request.node.name)


@pytest.fixture
async def stage(vacant_stage: Stage) -> AsyncIterator[Stage]:
    async with vacant_stage.worker():
        yield vacant_stage
