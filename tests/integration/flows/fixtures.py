"""A stage for flows, with an Auth0 that plays a script."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage


@pytest.fixture
def auth0() -> ScriptedAuth0:
    return ScriptedAuth0()


@pytest.fixture
async def vacant_stage(engine: WorkflowEnvironment, auth0: ScriptedAuth0) -> Stage:
    """A stage on which nobody works until the test says so."""
    return Stage(engine, auth0, cached=100)


@pytest.fixture
async def stage(vacant_stage: Stage) -> AsyncIterator[Stage]:
    """A stage with a worker."""
    async with vacant_stage.worker():
        yield vacant_stage
