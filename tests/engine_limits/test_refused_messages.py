"""What is refused without thought leaves no trace, however often it is sent."""

import pytest
from pydantic import ValidationError
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from phone_mfa.contracts import Verdict, Withheld
from phone_mfa.contracts.calls import CheckCode
from tests.engine_limits.pokes import each, stored
from tests.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.flows.stage import Stage, patient

LONG = "1" * 64_000
"""A code of 64 kB."""


async def test_situation_3_the_right_code_is_accepted_after_2000_resends_that_came_too_early(stage: Stage) -> None:
    flow = await stage.enroll(policy=patient(resend_after_seconds=(600,)))
    await stage.message(flow, 1)
    before = await stored(stage, flow)

    async def resend_too_early(_: int) -> None:
        receipt = await stage.flows.resend(flow)
        assert (receipt.sent, receipt.withheld, receipt.sends_left) == (False, Withheld.TOO_EARLY, 4)

    await each(2_000, resend_too_early, at_once=8)

    assert await stored(stage, flow) == before
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_what_is_refused_does_not_count_towards_the_updates_that_temporal_allows(strict_stage: Stage) -> None:
    stage = strict_stage
    flow = await stage.enroll(policy=patient(resend_after_seconds=(600,)))
    await stage.message(flow, 1)
    for _ in range(40):
        assert (await stage.flows.resend(flow)).withheld is Withheld.TOO_EARLY
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("field", ["code", "submission_id"])
async def test_situation_4_a_code_that_is_too_long_is_refused_before_it_is_sent(stage: Stage, field: str) -> None:
    flow = await stage.enroll()
    before = await stored_when_sent(stage, flow)
    with pytest.raises(ValidationError) as refused:
        await stage.submit(flow, **{"code": RIGHT_CODE, field: LONG})
    assert field in str(refused.value) and LONG not in str(refused.value)
    assert await stored(stage, flow) == before


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ("check_binding_code", {"code": LONG}),
        ("check_binding_code", {"code": RIGHT_CODE, "submission_id": LONG}),
        ("renew_mfa_token", {"mfa_token": LONG}),
        ("change_phone_number", {"phone_number": LONG}),
        ("switch_channel", {"channel": LONG}),
        ("resend_code", {"sent_at": LONG}),
        ("no_such_update", {"code": LONG}),
    ],
)
async def test_situation_4_a_long_text_in_an_update_from_elsewhere_is_refused_and_not_stored(
    stage: Stage, update: str, message: dict[str, str]
) -> None:
    flow = await stage.enroll()
    before = await stored_when_sent(stage, flow)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await stage.handle(flow).execute_update(update, message)
    assert isinstance(refused.value.cause, ApplicationError) and LONG not in str(refused.value.cause)
    assert await stored(stage, flow) == before
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        ("submit_binding_code", {"code": LONG}),
        ("submit_binding_code", {"code": RIGHT_CODE, "submission_id": LONG}),
        ("provide_mfa_token", {"mfa_token": LONG}),
        ("cancel_flow", {"reason": LONG}),
        ("no_such_signal", {"code": LONG}),
    ],
)
async def test_situation_4_a_long_text_in_a_signal_from_elsewhere_is_dropped_and_the_flow_goes_on(
    stage: Stage, auth0: ScriptedAuth0, signal: str, message: dict[str, str]
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.handle(flow).signal(signal, message)
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert auth0.calls(CheckCode) == 1


async def stored_when_sent(stage: Stage, flow: str) -> tuple[int, int]:
    await stage.message(flow, 1)
    return await stored(stage, flow)


async def test_an_update_larger_than_temporal_stores_is_refused_and_fails_no_step(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    with pytest.raises((WorkflowUpdateFailedError, RPCError)):
        await stage.handle(flow).execute_update("check_binding_code", {"code": "1" * 2_500_000})
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    types = [event.event_type for event in (await stage.handle(flow).fetch_history()).events]
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in types
