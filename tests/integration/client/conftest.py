import pytest
from temporalio.testing import WorkflowEnvironment

from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage


@pytest.fixture
def auth0() -> ScriptedAuth0:
    return ScriptedAuth0()


@pytest.fixture
def stage(engine: WorkflowEnvironment, auth0: ScriptedAuth0) -> Stage:
    """A stage without a worker: each test says when one runs."""
    return Stage(engine, auth0, cached=100)
