"""How a flow stands that was ended from outside: with what it had reached, and nothing that is still to come."""

import asyncio

from pydantic import SecretStr

from phone_mfa.client.listing import filter_of
from phone_mfa.contracts import Action, FlowView, Outcome, Phase, masked, names
from phone_mfa.contracts.calls import Associate, Challenge, RemovePending
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import ACCESS_TOKEN, NUMBER, OTHER_NUMBER, Stage, patient


async def terminated_at_clean_up(stage: Stage, auth0: ScriptedAuth0) -> str:
    """An enrollment that is terminated while it removes the twin that a resend left."""
    flow = await stage.enroll(token=ACCESS_TOKEN, policy=patient(resend_after_seconds=(0,)))
    await stage.message(flow, 1)
    assert (await stage.flows.resend(flow)).sent
    removing = auth0.hold(RemovePending)
    await stage.submit(flow, RIGHT_CODE)
    await removing.reached.wait()
    await stage.handle(flow).terminate(reason="asked by phone")
    removing.release()
    return flow


async def test_an_outcome_stands_though_the_flow_is_terminated_at_its_clean_up(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    flow = await terminated_at_clean_up(stage, auth0)

    view, result = await stage.flows.view(flow), await stage.flows.result(flow)
    watched = [view async for view in stage.flows.watch(flow)]

    assert (view.phase, view.outcome, view.trouble) == (Phase.DONE, Outcome.ENROLLED, None)
    assert view.failure.endswith("The flow was terminated: asked by phone")
    assert "may be left at Auth0" in view.cleanup
    assert (result.outcome, result.cleanup, result.run_id) == (Outcome.ENROLLED, view.cleanup, view.run_id)
    assert "terminated: asked by phone" in result.note
    assert watched == [view]


async def test_lists_know_the_outcome_of_such_a_flow_too(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await terminated_at_clean_up(stage, auth0)

    async def listed(phase: Phase) -> list[tuple[Phase | None, Outcome | None]]:
        summaries = [each async for each in stage.flows.list(filter_of(phase, None)) if each.flow_id == flow]
        return [(each.phase, each.outcome) for each in summaries if each.status == "terminated"]

    async def is_done() -> bool:
        return await listed(Phase.DONE) == [(Phase.DONE, Outcome.ENROLLED)]

    await stage.eventually(is_done)
    assert await listed(Phase.FAILED) == []


async def test_a_terminated_flow_shows_nothing_that_is_still_to_come(stage: Stage) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    await stage.handle(flow).terminate()

    view = await stage.flows.view(flow)

    assert (view.phase, view.outcome, view.message) == (Phase.FAILED, None, 1)
    assert (view.code_expires_at, view.token_expires_at, view.flow_expires_at) == (None, None, None)
    assert (view.resend_allowed_at, view.retry_at) == (None, None)
    assert (view.sends_left, view.tries_left) == (0, 0)


async def test_a_terminated_enrollment_says_that_something_may_be_left_when_it_had_begun_to_send(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    sending = auth0.hold(Associate)
    begun, waiting = await stage.enroll(), await stage.enroll(token=None)
    await sending.reached.wait()
    await stage.phase(waiting, Phase.WAITING_FOR_TOKEN)
    for flow in (begun, waiting):
        await stage.handle(flow).terminate()
    sending.release()

    assert "may be left at Auth0" in (await stage.flows.view(begun)).cleanup
    assert (await stage.flows.view(waiting)).cleanup == ""


async def same_as_the_flow_says(stage: Stage, flow: str) -> FlowView:
    """The view, which has to be the flow's own, but for the clock by which it waits for Auth0."""
    seen, said = await stage.flows.view(flow), await stage.handle(flow).query(names.VIEW, result_type=FlowView)
    assert seen.wait and said.wait
    since = said.wait.model_copy(update={"since": seen.wait.since})
    assert seen == said.model_copy(update={"wait": since})
    return seen


async def test_whoever_looks_while_the_first_message_is_sent_sees_what_the_flow_knows(stage: Stage) -> None:
    flow, sending = await stage.sending()
    view = await same_as_the_flow_says(stage, flow)
    assert view.flow_expires_at and Action.CANCEL in view.allowed_actions
    sending.release()


async def test_whoever_looks_while_the_phone_is_challenged_sees_what_the_flow_knows(
    stage: Stage, auth0: ScriptedAuth0
) -> None:
    auth0.list_phone(NUMBER, active=True)
    sending = auth0.hold(Challenge)
    flow = await stage.challenge()
    await sending.reached.wait()
    await same_as_the_flow_says(stage, flow)
    sending.release()


async def test_another_number_is_shown_while_its_first_message_is_sent(stage: Stage, auth0: ScriptedAuth0) -> None:
    flow = await stage.enroll()
    await stage.message(flow, 1)
    sending = auth0.hold(Associate)
    changed = asyncio.create_task(stage.flows.change_number(flow, SecretStr(OTHER_NUMBER)))
    await sending.reached.wait()
    view = await same_as_the_flow_says(stage, flow)
    assert (view.phone_number, view.code_expires_at) == (masked(OTHER_NUMBER), None)
    sending.release()
    await changed
