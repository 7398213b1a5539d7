"""``rescue``: a flow whose next step fails again and again is set back to where nothing is repeated."""

import asyncio
from typing import Annotated

import typer

from phone_mfa.client.errors import RefusedMessageError
from phone_mfa.client.flows import Flows
from phone_mfa.contracts import FlowView, Phase, Trouble
from starter.cli import reset_point as rescues
from starter.cli.connect import open_flows
from starter.cli.exit_codes import NOT_REACHED
from starter.output import moment, say, say_json

from . import options as o

PATIENCE_SECONDS = 20
"""A worker takes a step in less than a second, or, when the one before is lost, after ten."""

NOT_STUCK = "The flow's next step does not fail: there is nothing to rescue. See: phone-mfa status"


def rescue(
    flow_id: o.FlowId,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: o.Json = False,
) -> None:
    """Set a flow whose next step fails again and again back to the last point from which no send and no check is
    repeated.

    Says what it would do, asks, and does it. What was said to the flow since then is said to it again. Refuses where
    there is no such point, and where the flow is not stuck. With --json and without --yes it only says what it would
    do. Exits with 0 when the flow goes on.

    \b
    phone-mfa rescue enroll-9f2c...
    """
    asyncio.run(_rescue(flow_id, yes, as_json))


async def _rescue(flow_id: str, yes: bool, as_json: bool) -> None:
    flows = await open_flows()
    if (await flows.view(flow_id)).trouble is not Trouble.STEP_FAILS:
        raise RefusedMessageError(NOT_STUCK)
    plan = await rescues.planned(flows.client, flow_id, (await flows.described(flow_id)).run_id)
    if not as_json:
        say(
            f"Resets to event {plan.step} of {moment(plan.since)}. Events taken back: {plan.dropped}. "
            f"Messages among them that are handed in again: {plan.messages}. No send and no check is repeated."
        )
    if not yes and (as_json or not typer.confirm("Do it?")):
        if as_json:
            say_json(flow_id=flow_id, reset_to=plan.step, dropped=plan.dropped, messages=plan.messages, done=False)
        return
    await rescues.done(flows.client, plan)
    view = await _settled(flows, flow_id)
    goes_on = view.trouble is None and view.phase is not Phase.FAILED
    if as_json:
        say_json(view, flow_id=flow_id, reset_to=plan.step, dropped=plan.dropped, messages=plan.messages, done=goes_on)
    else:
        say(f"It goes on: {view.phase}." if goes_on else "Its next step still fails, or no worker takes it.")
    if not goes_on:
        raise typer.Exit(NOT_REACHED)


async def _settled(flows: Flows, flow_id: str) -> FlowView:
    """The view once a worker took the next step, or could have."""
    for _ in range(PATIENCE_SECONDS):
        if not (await flows.described(flow_id)).raw_description.HasField("pending_workflow_task"):
            break
        await asyncio.sleep(1)
    return await flows.view(flow_id)
