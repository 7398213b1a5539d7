"""Flows that run today must go on under the code of tomorrow: recorded histories still lead to the same decisions.

``make histories`` records them anew, one for each test in ``tests/flows``. A history that no longer replays means that
running flows would break: keep the old path with ``workflow.patched`` instead of recording over it.
"""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from phone_mfa.temporal import data_converter
from workflows import ChallengeWorkflow, EnrollmentWorkflow

HISTORIES = sorted(Path(__file__).with_name("histories").glob("*.json"))


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_recorded_flow_replays(file: Path) -> None:
    replayer = Replayer(workflows=[EnrollmentWorkflow, ChallengeWorkflow], data_converter=data_converter())
    await replayer.replay_workflow(WorkflowHistory.from_json(file.stem, file.read_text()))


def test_there_is_a_history_for_every_path() -> None:
    assert len(HISTORIES) > 60
