"""Flows that run today must go on under the code of tomorrow: recorded histories still lead to the same decisions.

``make histories`` records one for each new test in ``tests/integration/flows``. Recorded ones are frozen. One that no
longer replays means that running flows would break: keep the old path with ``workflow.patched``, whose marker new flows
carry.
"""

import ast
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from phone_mfa.temporal import data_converter
from tests.keys import KEYS
from tests.unit.replay.frozen import HISTORIES as FOLDER
from tests.unit.replay.frozen import listed, there
from workflows import ArgumentGuard, ChallengeWorkflow, EnrollmentWorkflow, GuardedRunner, engine_limits

FLOW_TESTS = sorted((Path(__file__).parents[2] / "integration" / "flows").glob("test_*.py"))
HISTORIES = sorted(FOLDER.glob("*.json"))


class Replays:
    """One replayer for all histories: each new one would import the workflows again, once for each of them."""

    def __init__(self) -> None:
        self._histories: asyncio.Queue[WorkflowHistory] = asyncio.Queue()
        self._replayer = Replayer(
            workflows=[EnrollmentWorkflow, ChallengeWorkflow],
            interceptors=[ArgumentGuard()],
            workflow_runner=GuardedRunner(SandboxedWorkflowRunner()),
            data_converter=data_converter(KEYS, "default"),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Replays"]:
        async with self._replayer.workflow_replay_iterator(self._given()) as self._results:
            yield self

    async def _given(self) -> AsyncIterator[WorkflowHistory]:
        while True:
            yield await self._histories.get()

    async def failure_of(self, history: WorkflowHistory) -> Exception | None:
        """What went wrong, if anything."""
        self._histories.put_nowait(history)
        return (await anext(self._results)).replay_failure


@pytest.fixture(scope="module")
async def replays() -> AsyncIterator[Replays]:
    async with Replays().running() as replays:
        yield replays


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_recorded_flow_replays(file: Path, replays: Replays) -> None:
    failure = await replays.failure_of(WorkflowHistory.from_json(flow_in(file), file.read_text()))
    if failure:
        raise failure


def flow_in(history: Path) -> str:
    """Whose history it is: what is sealed in it opens for that flow only."""
    first = json.loads(history.read_text())["events"][0]
    return str(first["workflowExecutionStartedEventAttributes"]["workflowId"])


def test_every_history_is_as_it_was_when_it_was_recorded() -> None:
    assert there() == listed(), "make histories adds new ones; those that are listed stay as they are"


def test_the_limits_that_decide_when_a_command_is_given_are_those_that_running_flows_began_with() -> None:
    """No recorded flow is long enough to fail when one of them changes: that, too, needs ``workflow.patched``."""
    limits = engine_limits.LONG_HISTORY, engine_limits.MOST_AT_ONCE, engine_limits.MOST_BEFORE_AN_ANSWER
    assert limits == (2_000, 250, 100)


def test_there_is_a_history_for_every_test_that_plays_a_flow() -> None:
    recorded = {file.stem for file in HISTORIES}
    for file in FLOW_TESTS:
        tree = ast.parse(file.read_text())
        played = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and plays_a_flow(node)]
        for test in played:
            name = test.name.removeprefix("test_")
            assert any(stem.startswith(name) for stem in recorded), f"make histories: {name}"


def plays_a_flow(test: ast.AsyncFunctionDef) -> bool:
    calls = {ast.unparse(node.func) for node in ast.walk(test) if isinstance(node, ast.Call)}
    return test.name.startswith("test_") and bool(calls & {"stage.enroll", "stage.challenge"})
