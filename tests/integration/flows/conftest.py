from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.integration.flows.fixtures import auth0, stage
from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage
from tests.unit.replay.frozen import HISTORIES, recorded_as

__all__ = ["auth0", "stage", "vacant_stage"]


@pytest.fixture
async def vacant_stage(
    engine: WorkflowEnvironment, auth0: ScriptedAuth0, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """A stage on which nobody works until the test says so."""
    stage = Stage(engine, auth0, cached=0 if request.config.getoption("--no-workflow-cache") else 100)
    yield stage
    if request.config.getoption("--record-histories"):
        await stage.record(HISTORIES, recorded_as(request.node.name))
