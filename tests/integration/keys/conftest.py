from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.integration.keys.installation import Installation


@pytest.fixture
async def installation(engine: WorkflowEnvironment, tmp_path: Path) -> Installation:
    return await Installation.new(engine, tmp_path / "keys.json")
