"""Codes by the thousand, while Auth0 wants to be left alone."""

from temporalio.api.enums.v1 import EventType

from phone_mfa.contracts import Outcome, Phase, Verdict
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal
from tests.integration.engine_limits.pokes import each
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import Stage
from workflows.engine_limits import MOST_AT_ONCE

FIRST_CODE = "271828"


async def test_of_more_codes_than_can_be_checked_the_first_wait_and_the_others_are_answered_at_once(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await cooling_down_before_a_check(stage, auth0)
    await each(1_000, lambda number: stage.submit(flow, f"{number:06}"))
    told = await stage.check(flow, RIGHT_CODE)
    assert (told.verdict, told.reason) == (Verdict.LOCKED_OUT, "Too many codes are already waiting to be checked.")
    await stage.flows.cancel(flow)
    assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED


async def test_a_code_sent_again_under_a_thousand_names_is_checked_once(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await cooling_down_before_a_check(stage, auth0)
    await each(1_000, lambda number: stage.submit(flow, RIGHT_CODE, submission_id=f"{number:0255}"))
    await stage.later(flow, seconds=201)
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED
    assert auth0.calls(CheckCode) == 3


async def test_an_answer_of_auth0s_is_not_kept_waiting_by_codes_that_came_meanwhile(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow, held = await stage.sending()
    await each(4 * MOST_AT_ONCE, lambda number: stage.submit(flow, f"{number:06}"))
    auth0.refuse(Associate, Refusal.RATE_LIMITED, seconds=200)
    held.release()
    await stage.phase(flow, Phase.COOLING_DOWN)
    kinds = [event.event_type async for event in stage.handle(flow).fetch_history_events()]
    answered = kinds.index(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
    published = kinds.index(EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED, answered)
    assert kinds[answered:published].count(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) == 1
    await stage.flows.cancel(flow)
    assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED


async def cooling_down_before_a_check(stage: Stage, auth0: ScriptedAuth0) -> str:
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, seconds=200)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.submit(flow, FIRST_CODE)
    await stage.phase(flow, Phase.COOLING_DOWN)
    return flow
