"""A start that waits for its first message starts one flow, and tells of that one, however soon it waits no longer."""

import uuid
from datetime import timedelta

import pytest
from pydantic import SecretStr

from phone_mfa.contracts import Outcome, StartEnrollment
from phone_mfa.contracts.calls import Associate
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER, Stage

REQUEST = StartEnrollment(phone_number=SecretStr(NUMBER), mfa_token=SecretStr(LOGIN_TOKEN))
PATIENTLY = timedelta(seconds=15)


@pytest.fixture
def user() -> str:
    return str(uuid.uuid4())


async def test_whoever_waits_is_told_of_the_first_message(stage: Stage, user: str) -> None:
    started = await stage.flows.enroll(user, REQUEST, until_sent=PATIENTLY)
    assert started.receipt and started.receipt.sent
    assert (started.attached, started.run_id) == (False, await stage.flows.newest_run(started.flow_id))


@pytest.mark.parametrize("milliseconds", [0, 1, 2, 4, 8, 16])
async def test_whoever_waits_too_short_is_told_of_the_flow_that_was_started(
    stage: Stage, user: str, milliseconds: int
) -> None:
    before = await stage.flows.enroll(user, REQUEST, until_sent=PATIENTLY)
    await stage.submit(before.flow_id, RIGHT_CODE)
    assert (await stage.flows.result(before.flow_id)).outcome is Outcome.ENROLLED

    started = await stage.flows.enroll(user, REQUEST, until_sent=timedelta(milliseconds=milliseconds))

    assert started.run_id == await stage.flows.newest_run(started.flow_id) != before.run_id
    assert not started.attached
    await stage.message(started.flow_id, 1)


async def test_whoever_meets_a_flow_that_runs_attaches_to_it(stage: Stage, auth0: ScriptedAuth0, user: str) -> None:
    first = await stage.flows.enroll(user, REQUEST, until_sent=PATIENTLY)
    second = await stage.flows.enroll(user, REQUEST, until_sent=PATIENTLY)
    assert (second.attached, second.run_id, second.receipt) == (True, first.run_id, None)
    assert auth0.calls(Associate) == 1
