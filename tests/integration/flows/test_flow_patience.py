"""What a caller hears when an answer does not come in time."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from phone_mfa.client import Flows, NoAnswerYetError, NoWorkerError
from phone_mfa.contracts import BindingCode, Outcome, Phase, Trouble, Verdict
from phone_mfa.contracts.calls import CheckCode, Refusal
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import Stage
from tests.keys import KEYS

CODE = BindingCode(code=SecretStr(RIGHT_CODE), submission_id="once")


TELLING_SECONDS = 11.0
"""Temporal shows a step that no worker takes after five seconds, and it counts as such after four more."""


def impatient(stage: Stage, seconds: float = 2) -> Flows:
    timeout = timedelta(seconds=seconds)
    return Flows(stage.engine.client, tenant="tenant", keys=KEYS, answer_timeout=timeout)


async def test_without_a_worker_the_caller_is_told_so_and_may_ask_again(vacant_stage: Stage) -> None:
    stage = vacant_stage
    async with stage.worker():
        flow = await stage.enroll()
        await stage.message(flow, 1)
    with pytest.raises(NoWorkerError):
        await impatient(stage, TELLING_SECONDS).check_binding_code(flow, CODE)
    assert (await stage.flows.view(flow)).trouble is Trouble.NO_WORKER
    async with stage.worker():
        assert (await stage.flows.check_binding_code(flow, CODE)).verdict is Verdict.ACCEPTED
        assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED
    assert stage.auth0.calls(CheckCode) == 1


async def test_a_verdict_auth0_puts_off_can_be_asked_for_again(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, seconds=60)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    with pytest.raises(NoAnswerYetError):
        await impatient(stage).check_binding_code(flow, CODE)
    await stage.phase(flow, Phase.COOLING_DOWN)
    await stage.later(flow, seconds=61)
    assert (await stage.flows.check_binding_code(flow, CODE)).verdict is Verdict.ACCEPTED
    assert auth0.calls(CheckCode) == 2
