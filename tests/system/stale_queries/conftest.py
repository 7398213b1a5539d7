import pytest

from tests.integration.flows.fixtures import auth0, vacant_stage
from tests.integration.flows.stage import Stage

__all__ = ["auth0", "stage", "vacant_stage"]


@pytest.fixture
def stage(vacant_stage: Stage) -> Stage:
    """A stage without a worker: each test says when one runs."""
    return vacant_stage
