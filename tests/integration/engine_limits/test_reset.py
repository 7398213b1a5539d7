"""An operator resets a flow that waits: it goes on in a new run, as the same flow (situation 6)."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from phone_mfa.contracts import FlowView, Outcome, Phase, Verdict, names
from phone_mfa.contracts.calls import Associate, CheckCode, Refusal
from tests.integration.engine_limits.pokes import addressed, binding_code, either_way
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import Stage, patient
from tests.integration.gateway.door import events_in, opened

WRONG_CODE = "271828"
Told = TypeVar("Told")


async def reset(stage: Stage, flow: str) -> str:
    """Reset a flow to its newest workflow task, as ``temporal workflow reset --type LastWorkflowTask`` does."""
    handle = stage.handle(flow)
    history = await handle.fetch_history()
    done = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    newest = max(event.event_id for event in history.events if event.event_type == done)
    request = ResetWorkflowExecutionRequest(
        namespace=stage.engine.client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=flow, run_id=history.run_id),
        reason="a test",
        workflow_task_finish_event_id=newest,
        request_id=str(uuid.uuid4()),
    )
    return (await stage.engine.client.workflow_service.reset_workflow_execution(request)).run_id


@either_way
async def test_situation_6_a_flow_that_was_reset_shows_as_before_and_takes_the_right_code(
    stage: Stage, auth0: ScriptedAuth0, how: str
) -> None:
    flow = await stage.enroll(policy=patient(resend_after_seconds=(600,)))
    before, flows = await stage.message(flow, 1), await addressed(stage, flow, how)
    first_run = await stage.flows.newest_run(flow)

    run = await reset(stage, flow)

    assert run != first_run == await flows.newest_run(flow)
    assert await stage.message(flow, 1) == before == await flows.view(flow)
    assert not (await flows.resend(flow)).sent
    assert (await flows.check_binding_code(flow, binding_code(WRONG_CODE))).verdict is Verdict.WRONG
    assert (await flows.check_binding_code(flow, binding_code(RIGHT_CODE))).verdict is Verdict.ACCEPTED
    result = await flows.result(flow)
    assert (result.outcome, result.run_id, result.wrong_codes) == (Outcome.ENROLLED, first_run, 1)
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (1, 2)


@either_way
async def test_situation_6_who_follows_a_flow_follows_it_into_the_run_that_a_reset_began(
    stage: Stage, how: str
) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    flows = await addressed(stage, flow, how)
    waiting = asyncio.create_task(flows.result(flow))
    views, moves = flows.watch(flow, timedelta(milliseconds=20)), flows.steps(flow)
    assert (await anext(views)).phase is Phase.WAITING_FOR_CODE
    await anext(moves)

    await reset(stage, flow)
    watching, moving = asyncio.create_task(all_of(views)), asyncio.create_task(all_of(moves))
    await flows.submit_binding_code(flow, binding_code(RIGHT_CODE))

    assert (await waiting).outcome is Outcome.ENROLLED
    assert (await watching)[-1].phase is Phase.DONE
    assert await moving


async def test_situation_6_a_browser_goes_on_in_the_run_that_a_reset_began_and_its_open_stream_tells_the_end(
    stage: Stage, tmp_path: Path
) -> None:
    async with opened(stage, tmp_path) as door:
        flow, browser = await door.enrolling()
        async with door.anybody.stream("GET", f"/v1/flows/{flow}/events", headers=browser) as stream:
            events = events_in(stream)
            began = await anext(events)
            await reset(stage, flow)
            await stage.message(flow, 1)

            seen = await door.anybody.get(f"/v1/flows/{flow}", headers=browser)
            code = {"code": RIGHT_CODE}
            checked = await door.anybody.post(f"/v1/flows/{flow}/binding-code", headers=browser, json=code)
            last = (await all_of(events))[-1]

    assert (began["event"], began["data"]["phase"]) == ("view", "waiting_for_code")
    assert (seen.status_code, seen.json()["phase"]) == (200, "waiting_for_code")
    assert (checked.status_code, checked.json()["verdict"]) == (200, "accepted")
    assert (last["event"], last["data"]) == ("end", {"outcome": "enrolled"})


async def test_situation_6_a_verdict_that_was_waited_for_comes_from_the_run_that_a_reset_began(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.refuse(CheckCode, Refusal.RATE_LIMITED, seconds=200)
    flow = await stage.enroll()
    await stage.message(flow, 1)
    flows = stage.flows.in_run(await stage.flows.newest_run(flow))
    verdict = asyncio.create_task(flows.check_binding_code(flow, binding_code(RIGHT_CODE)))
    await stage.phase(flow, Phase.COOLING_DOWN)

    await reset(stage, flow)
    await stage.later(flow, seconds=201)

    assert (await verdict).verdict is Verdict.ACCEPTED
    assert auth0.calls(CheckCode) == 2


async def test_situation_6_a_flow_that_was_reset_can_be_cancelled(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await reset(stage, flow)
    await stage.flows.cancel(flow)
    assert (await stage.flows.result(flow)).outcome is Outcome.CANCELLED


async def test_situation_6_a_flow_that_failed_goes_on_after_a_reset(stage: Stage, auth0: ScriptedAuth0) -> None:
    auth0.refuse(Associate, Refusal.CHANNEL_DISABLED)
    flow = await stage.enroll()
    await stage.phase(flow, Phase.FAILED)
    await reset(stage, flow)
    await stage.until(flow, lambda view: view.phase is not Phase.FAILED)


async def all_of(told: AsyncIterator[Told]) -> list[Told]:
    return [each async for each in told]


async def test_the_clocks_of_a_flow_that_is_reset_while_it_sends_run_from_its_start(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow, first = await stage.sending()
    second = auth0.hold(Associate)
    await reset(stage, flow)
    first.release()
    await second.reached.wait()
    seen, said = await stage.flows.view(flow), await stage.handle(flow).query(names.VIEW, result_type=FlowView)
    second.release()
    assert (seen.flow_expires_at, seen.token_expires_at) == (said.flow_expires_at, said.token_expires_at)
