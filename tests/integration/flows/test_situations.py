"""What once went wrong for somebody, each with the number it has in our collection of situations."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle, WorkflowUpdateStage

from phone_mfa.client import FailedFlowError, FinishedFlowError
from phone_mfa.contracts import Channel, Outcome, Phase, Verdict, WaitReason
from phone_mfa.contracts.calls import Associate, CheckCode, ListPhones, Refusal, RemovePending
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import ACCESS_TOKEN, LOGIN_TOKEN, NUMBER, OTHER_NUMBER, Stage, patient

ENDED_BADLY = "MfaPhase = 'failed' OR ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')"


async def accepted(stage: Stage, flow: str, update: str, *arguments: object) -> Any:
    """An update that the flow has taken, and answers later."""
    return await stage.handle(flow).start_update(
        update, args=list(arguments), wait_for_stage=WorkflowUpdateStage.ACCEPTED
    )


@pytest.mark.parametrize(
    ("number_first", "withheld"),
    [(True, "later"), (False, "too_early")],
    ids=["the number first", "the resend first"],
)
async def test_situation_2_each_caller_gets_the_answer_to_what_it_asked_though_a_check_locks_meanwhile(
    stage: Stage, auth0: ScriptedAuth0, number_first: bool, withheld: str
) -> None:
    """Auth0 sends nothing for a while: the new number is noted, and a resend joins it, or comes too early alone."""
    flow = await stage.enroll(policy=patient(resend_after_seconds=(0,)))
    await stage.message(flow, 1)
    checking = auth0.hold(CheckCode)
    auth0.refuse(CheckCode, Refusal.TOO_MANY_CODES, 600)
    await stage.submit(flow, RIGHT_CODE)
    await checking.reached.wait()
    if number_first:
        change = await accepted(stage, flow, "change_phone_number", {"phone_number": OTHER_NUMBER})
        resend = await accepted(stage, flow, "resend_code")
    else:
        resend = await accepted(stage, flow, "resend_code")
        change = await accepted(stage, flow, "change_phone_number", {"phone_number": OTHER_NUMBER})
    checking.release()

    changed, resent = await change.result(), await resend.result()

    assert (changed["withheld"], changed["sends_left"], changed["phone_number"]) == ("later", 4, "XXXXXXXX9876")
    asked_for = "XXXXXXXX9876" if number_first else "XXXXXXXX0123"
    assert (resent["withheld"], resent["sends_left"], resent["phone_number"]) == (withheld, 4, asked_for)


async def test_situation_5_a_terminated_flow_is_failed_says_why_and_allows_nothing(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.handle(flow).terminate(reason="asked by phone")

    view = await stage.flows.view(flow)

    assert (view.phase, view.outcome, view.allowed_actions, view.wait) == (Phase.FAILED, None, (), None)
    assert view.failure == "The flow was terminated: asked by phone"
    with pytest.raises(FailedFlowError):
        await stage.flows.result(flow)
    with pytest.raises(FinishedFlowError):
        await stage.flows.resend(flow)
    await stage.eventually(lambda: listed_as_failed(stage, flow))


async def test_situation_5_a_flow_that_ran_into_temporals_time_limit_is_failed(stage: Stage) -> None:
    flow = f"enroll-{uuid.uuid4()}"
    handle = await stage.engine.client.start_workflow(
        "EnrollmentWorkflow",
        {"phone_number": NUMBER, "mfa_token": "Fe26.2*an*opaque*mfa*token"},
        id=flow,
        task_queue=stage.task_queue,
        execution_timeout=timedelta(seconds=2),
    )
    await over(handle)

    view = await stage.flows.view(flow)

    assert (view.phase, view.allowed_actions) == (Phase.FAILED, ())
    assert "time limit" in view.failure


async def test_situation_5_a_flow_whose_channel_is_off_is_failed_in_view_and_list(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.refuse(Associate, Refusal.CHANNEL_DISABLED)
    flow = await stage.enroll(channel=Channel.VOICE)
    await over(stage.handle(flow))

    view = await stage.flows.view(flow)

    assert (view.phase, view.allowed_actions) == (Phase.FAILED, ())
    assert "does not send codes by voice" in view.failure
    await stage.eventually(lambda: listed_as_failed(stage, flow))


async def over(handle: WorkflowHandle[Any, Any]) -> None:
    with pytest.raises(Exception, match="Workflow execution"):
        await handle.result()


async def listed_as_failed(stage: Stage, flow: str) -> bool:
    return (flow, Phase.FAILED) in [(each.flow_id, each.phase) async for each in stage.flows.list(ENDED_BADLY)]


async def test_situation_7_a_code_of_a_message_whose_answer_was_lost_costs_no_try_and_is_told_so(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.refuse(Associate, Refusal.AMBIGUOUS)
    auth0.refuse(Associate, Refusal.AMBIGUOUS)
    flow = await stage.enroll()
    await stage.until(flow, lambda view: view.sends_left == 3 and view.phase is Phase.WAITING_FOR_CODE)

    verdict = await stage.check(flow, RIGHT_CODE)

    assert (verdict.verdict, verdict.tries_left, auth0.calls(CheckCode)) == (Verdict.SUPERSEDED, 5, 0)
    assert "Auth0 did not confirm the message" in verdict.reason


async def test_situation_7_so_is_a_code_of_a_lost_message_while_an_older_code_lives(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll(policy=patient(resend_after_seconds=(0,)))
    await stage.message(flow, 1)
    auth0.refuse(Associate, Refusal.AMBIGUOUS)
    auth0.refuse(Associate, Refusal.AMBIGUOUS)
    assert not (await stage.flows.resend(flow)).sent

    view = await stage.flows.view(flow)
    assert view.wait and view.wait.reason is WaitReason.SENDS_LOST
    newest = await stage.check(flow, "271828", message=view.message)
    older = await stage.check(flow, RIGHT_CODE, message=1)

    assert (newest.verdict, newest.tries_left) == (Verdict.SUPERSEDED, 5)
    assert (older.verdict, auth0.calls(CheckCode)) == (Verdict.ACCEPTED, 1)


async def test_situation_8_the_twins_that_resends_left_are_removed_where_the_token_allows_it(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await stage.enroll(token=ACCESS_TOKEN, policy=patient(resend_after_seconds=(0,)))
    await stage.message(flow, 1)
    assert (await stage.flows.resend(flow)).sent
    await stage.check(flow, RIGHT_CODE)

    result = await stage.flows.result(flow)

    assert auth0.calls(RemovePending) == 1
    assert (result.outcome, result.cleanup) == (Outcome.ENROLLED, "")


async def test_situation_8_and_said_to_be_left_where_it_does_not(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(policy=patient(resend_after_seconds=(0,)))
    await stage.message(flow, 1)
    assert (await stage.flows.resend(flow)).sent
    await stage.check(flow, RIGHT_CODE)

    result, view = await stage.flows.result(flow), await stage.flows.view(flow)

    assert "may be left at Auth0" in result.cleanup
    assert (view.cleanup, view.note, auth0.calls(RemovePending)) == (result.cleanup, "", 0)


@pytest.mark.parametrize("token", [LOGIN_TOKEN, ACCESS_TOKEN])
async def test_situation_8_and_nothing_is_said_where_nothing_is_left(
    stage: Stage, auth0: ScriptedAuth0, token: str
) -> None:
    flow = await stage.enroll(token=token)
    await stage.message(flow, 1)
    await stage.check(flow, RIGHT_CODE)

    result, view = await stage.flows.result(flow), await stage.flows.view(flow)

    assert (result.outcome, result.cleanup, view.cleanup) == (Outcome.ENROLLED, "", "")
    assert auth0.calls(RemovePending) == 0


async def test_a_removal_that_auth0_refuses_is_said_in_view_and_result(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll(token=ACCESS_TOKEN)
    await stage.message(flow, 1)
    auth0.refuse(RemovePending, Refusal.TOKEN_REFUSED)
    await stage.flows.cancel(flow, "the customer left")

    result = await stage.flows.result(flow)

    assert (result.outcome, result.note) == (Outcome.CANCELLED, "the customer left")
    assert "may be left at Auth0" in result.cleanup


async def test_a_good_result_tells_nothing_of_a_trouble_that_passed(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(Associate, Refusal.AMBIGUOUS)
    flow = await stage.enroll()
    await stage.message(flow, 2)
    assert "lost" in (await stage.flows.view(flow)).note
    await stage.check(flow, RIGHT_CODE)
    assert (await stage.flows.result(flow)).note == ""


@pytest.mark.parametrize(
    ("refusal", "seconds", "phase", "reason"),
    [
        (Refusal.RATE_LIMITED, 900.0, Phase.COOLING_DOWN, WaitReason.RATE_LIMITED),
        (Refusal.NOT_REACHED, None, Phase.COOLING_DOWN, WaitReason.AUTH0_UNREACHABLE),
        (Refusal.TOO_LATE, None, Phase.COOLING_DOWN, WaitReason.TOO_LATE),
        (Refusal.TOO_MANY_SENDS, None, Phase.COOLING_DOWN, WaitReason.TOO_MANY_SENDS),
        (Refusal.TOKEN_REFUSED, None, Phase.WAITING_FOR_TOKEN, WaitReason.TOKEN_REFUSED),
        (Refusal.SCOPE_MISSING, None, Phase.WAITING_FOR_TOKEN, WaitReason.SCOPE_MISSING),
    ],
)
async def test_situation_9_a_wait_says_why_since_when_and_what_ends_it(
    stage: Stage, auth0: ScriptedAuth0, refusal: Refusal, seconds: float | None, phase: Phase, reason: WaitReason
) -> None:
    for _ in range(6):
        auth0.refuse(Associate, refusal, seconds)
    asked_at = stage.clock()
    flow = await stage.enroll()

    wait = (await stage.until(flow, lambda view: view.phase is phase)).wait

    assert wait and wait.reason is reason
    assert wait.why and wait.ends_with
    assert asked_at <= wait.since <= await stage.now(flow)
    assert (wait.until is None) == (phase is Phase.WAITING_FOR_TOKEN)
    assert seconds is None or wait.until == wait.since + timedelta(seconds=seconds)


async def test_situation_9_lost_answers_are_a_reason_too(stage: Stage, auth0: ScriptedAuth0) -> None:
    for _ in range(6):
        auth0.refuse(Associate, Refusal.AMBIGUOUS)
    flow = await stage.enroll()
    view = await stage.until(flow, lambda view: view.phase is Phase.WAITING_FOR_CODE)
    assert view.wait and view.wait.reason is WaitReason.SENDS_LOST


async def test_a_wait_for_the_person_and_for_a_first_token_have_their_reasons(stage: Stage) -> None:
    without, sent = await stage.enroll(token=None), await stage.enroll()
    waiting = await stage.phase(without, Phase.WAITING_FOR_TOKEN)
    typed = await stage.message(sent, 1)
    assert waiting.wait and waiting.wait.reason is WaitReason.TOKEN_NOT_GIVEN
    assert typed.wait and (typed.wait.reason, typed.wait.until) == (WaitReason.CODE_NOT_TYPED, typed.code_expires_at)


@pytest.mark.parametrize("refusal", [Refusal.RATE_LIMITED, Refusal.TOO_LATE])
async def test_the_timeline_tells_refused_calls_and_their_waits_apart(
    stage: Stage, auth0: ScriptedAuth0, refusal: Refusal
) -> None:
    auth0.refuse(Associate, refusal, 1)
    flow = await stage.enroll()
    await stage.message(flow, 1)

    summaries = await summaries_of(stage, flow)

    assert f"cooling_down: {refusal}" in summaries
    assert f"associate by sms, message 1 (again after {refusal})" in summaries


async def summaries_of(stage: Stage, flow: str) -> list[str]:
    history = await stage.handle(flow).fetch_history()
    payloads = [event.user_metadata.summary for event in history.events if event.user_metadata.HasField("summary")]
    return [str(text) for text in await stage.handle(flow)._data_converter.decode(payloads)]


@pytest.mark.parametrize(
    ("workflow", "arguments"),
    [
        ("EnrollmentWorkflow", []),
        ("ChallengeWorkflow", []),
        ("EnrollmentWorkflow", [{"phone_number": NUMBER}, {"phone_number": NUMBER}]),
        ("NoSuchWorkflow", [{"phone_number": NUMBER}]),
        ("NoSuchWorkflow", []),
    ],
)
async def test_situation_10_a_start_without_sense_fails_once_with_a_reason(
    stage: Stage, workflow: str, arguments: list[object]
) -> None:
    flow = f"enroll-{uuid.uuid4()}"
    await stage.engine.client.start_workflow(workflow, args=arguments, id=flow, task_queue=stage.task_queue)

    with pytest.raises(FailedFlowError, match=r"(one argument|no workflow of that type)"):
        await stage.flows.result(flow)

    history = await stage.handle(flow).fetch_history()
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in [event.event_type for event in history.events]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("policy", {"sends": 10**9}),
        ("policy", {"resend_after_seconds": list(range(1000))}),
        ("flow_seconds", 10**12),
        ("mfa_token", "x" * 100_000),
    ],
)
async def test_an_absurd_start_fails_at_once_and_names_the_field(stage: Stage, member: str, value: object) -> None:
    flow = f"enroll-{uuid.uuid4()}"
    request = {"phone_number": NUMBER, member: value}
    await stage.engine.client.start_workflow("EnrollmentWorkflow", request, id=flow, task_queue=stage.task_queue)
    with pytest.raises(FailedFlowError, match=member):
        await stage.flows.result(flow)


async def test_a_list_that_stays_away_is_a_reason_as_well(stage: Stage, auth0: ScriptedAuth0) -> None:
    for _ in range(3):
        auth0.refuse(ListPhones, Refusal.RATE_LIMITED, 60)
    flow = await stage.challenge()
    view = await stage.phase(flow, Phase.COOLING_DOWN)
    assert view.wait and view.wait.reason is WaitReason.RATE_LIMITED
