from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage
from tests.integration.gateway.door import Door, opened
from tests.integration.gateway.installation import installation, whole

__all__ = ["installation", "whole"]


@pytest.fixture
def auth0() -> ScriptedAuth0:
    return ScriptedAuth0()


@pytest.fixture
async def vacant_stage(engine: WorkflowEnvironment, auth0: ScriptedAuth0) -> Stage:
    return Stage(engine, auth0, cached=100)


@pytest.fixture
async def stage(vacant_stage: Stage) -> AsyncIterator[Stage]:
    async with vacant_stage.worker():
        yield vacant_stage


@pytest.fixture
async def door(vacant_stage: Stage, tmp_path: Path) -> AsyncIterator[Door]:
    """A gateway at a socket, before the flows of the stage."""
    async with opened(vacant_stage, tmp_path) as door:
        yield door
