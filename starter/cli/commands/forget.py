"""``forget``: what Temporal stores of a flow that is over goes before its time."""

import asyncio
from typing import Annotated

import typer

from phone_mfa.client.deletion import REMAINS
from starter.cli.connect import open_flows
from starter.cli.exit_codes import NOT_REACHED
from starter.output import say, say_json

from . import options as o


def forget(
    flow_id: o.FlowId,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not stay until Temporal has done it.")] = False,
    as_json: o.Json = False,
) -> None:
    """Remove the history of a flow that is over, with all earlier flows of the same kind of the same user.

    Its result can never be read again. Temporal takes up to a minute; then says what remains elsewhere. A flow that
    still runs is refused. Exits with 1 when Temporal has not done it after two minutes.

    \b
    phone-mfa forget enroll-9f2c...
    """
    asyncio.run(_forget(flow_id, no_wait, as_json))


async def _forget(flow_id: str, no_wait: bool, as_json: bool) -> None:
    flows = await open_flows()
    count = await flows.forget(flow_id)
    if not as_json:
        say(f"Temporal deletes {count} {'history' if count == 1 else 'histories'}, which takes it up to a minute.")
    gone = None if no_wait else await flows.until_forgotten(flow_id)
    if as_json:
        say_json(flow_id=flow_id, histories=count, gone=gone, remains=REMAINS)
    else:
        _say_what_remains(gone)
    if gone is False:
        raise typer.Exit(NOT_REACHED)


def _say_what_remains(gone: bool | None) -> None:
    if gone is not None:
        say("They are gone." if gone else "They are still there: Temporal is behind, and goes on by itself.")
    say("What remains:")
    for sentence in REMAINS:
        say(f"- {sentence}.")
