"""``forget``: deletes an ended flow's history from Temporal before its retention ends."""

import asyncio
from typing import Annotated

import typer

from phone_mfa.client.deletion import REMAINS
from starter.cli.connect import open_flows
from starter.cli.exit_codes import OUTCOME_NOT_REACHED
from starter.output import say, say_json

from . import options as o


def forget(
    flow_id: o.FlowId,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until Temporal has deleted it.")] = False,
    as_json: o.Json = False,
) -> None:
    """Delete the history of an ended flow, and of all earlier flows of the same kind of the same user.

    The result can never be read again. Temporal takes up to a minute; the command then lists what remains elsewhere. A
    running flow is refused. Exits with 1 if Temporal has not deleted it after two minutes.

    \b
    phone-mfa forget enroll-9f2c...
    """
    asyncio.run(_forget(flow_id, no_wait, as_json))


async def _forget(flow_id: str, no_wait: bool, as_json: bool) -> None:
    flows = await open_flows()
    count = await flows.forget(flow_id)
    if not as_json:
        say(f"Temporal is deleting {count} {'history' if count == 1 else 'histories'}, which takes up to a minute.")
    gone = None if no_wait else await flows.until_forgotten(flow_id)
    if as_json:
        say_json(flow_id=flow_id, histories=count, gone=gone, remains=REMAINS)
    else:
        _say_what_remains(gone)
    if gone is False:
        raise typer.Exit(OUTCOME_NOT_REACHED)


def _say_what_remains(gone: bool | None) -> None:
    if gone is not None:
        say("Deleted." if gone else "Not deleted yet: Temporal is behind, and continues by itself.")
    say("What remains:")
    for sentence in REMAINS:
        say(f"- {sentence}.")
