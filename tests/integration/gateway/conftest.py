from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.flows.fixtures import auth0, stage, vacant_stage
from tests.integration.flows.stage import Stage
from tests.integration.gateway.door import Door, opened

__all__ = ["auth0", "stage", "vacant_stage"]


@pytest.fixture
async def door(vacant_stage: Stage, tmp_path: Path) -> AsyncIterator[Door]:
    """A gateway at a socket, before the flows of the stage."""
    async with opened(vacant_stage, tmp_path) as door:
        yield door
