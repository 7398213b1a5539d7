"""``rescue``: resets a flow whose next step keeps failing to a point from which no Auth0 call is repeated."""

import asyncio
from typing import Annotated

import typer

from phone_mfa.client.errors import RefusedMessageError
from phone_mfa.client.flows import Flows
from phone_mfa.contracts import FlowView, Phase, Trouble
from starter.cli import reset_point
from starter.cli.connect import open_flows
from starter.cli.exit_codes import OUTCOME_NOT_REACHED
from starter.output import moment, say, say_json

from . import options as o

PATIENCE_SECONDS = 20
"""A worker takes a step in less than a second, or after ten if the previous attempt is lost."""

NOT_STUCK = "The flow's next step does not fail: there is nothing to rescue. See `phone-mfa status`."


def rescue(
    flow_id: o.FlowId,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: o.Json = False,
) -> None:
    """Reset a flow whose next step keeps failing to the last point from which no send or check is repeated.

    Shows the plan, asks for confirmation and performs the reset. Messages sent to the flow since then are redelivered.
    Refuses if there is no such point or the flow is not stuck. With --json and without --yes, only shows the plan.
    Exits with 0 if the flow resumes.

    \b
    phone-mfa rescue enroll-9f2c...
    """
    asyncio.run(_rescue(flow_id, yes, as_json))


async def _rescue(flow_id: str, yes: bool, as_json: bool) -> None:
    flows = await open_flows()
    if (await flows.view(flow_id)).trouble is not Trouble.STEP_FAILS:
        raise RefusedMessageError(NOT_STUCK)
    plan = await reset_point.plan_reset(flows.client, flow_id, (await flows.described(flow_id)).run_id)
    if not as_json:
        say(
            f"Resets to event {plan.step} of {moment(plan.since)}. Events discarded: {plan.dropped}. "
            f"Messages among them that are redelivered: {plan.messages}. No send or check is repeated."
        )
    if not yes and (as_json or not typer.confirm("Reset the flow?")):
        if as_json:
            say_json(flow_id=flow_id, reset_to=plan.step, dropped=plan.dropped, messages=plan.messages, done=False)
        return
    await reset_point.reset(flows.client, plan)
    view = await _settled(flows, flow_id)
    goes_on = view.trouble is None and view.phase is not Phase.FAILED
    if as_json:
        say_json(view, flow_id=flow_id, reset_to=plan.step, dropped=plan.dropped, messages=plan.messages, done=goes_on)
    else:
        say(f"The flow resumes: {view.phase}." if goes_on else "Its next step still fails, or no worker takes it.")
    if not goes_on:
        raise typer.Exit(OUTCOME_NOT_REACHED)


async def _settled(flows: Flows, flow_id: str) -> FlowView:
    """Return the view once a worker has taken the next step, or has had time to."""
    for _ in range(PATIENCE_SECONDS):
        if not (await flows.described(flow_id)).raw_description.HasField("pending_workflow_task"):
            break
        await asyncio.sleep(1)
    return await flows.view(flow_id)
