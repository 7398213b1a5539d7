"""What may be seen of flows: one status, a live one, the result, the list."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from phone_mfa.client.flows import Flows, Result
from phone_mfa.client.listing import FlowSummary, filter_of
from phone_mfa.contracts import FlowView, Outcome, Phase
from starter.cli.connect import open_flows
from starter.cli.exit_codes import NOT_REACHED
from starter.cli.recipient_keys import read_jwk
from starter.cli.watch import watch_lines, watch_live
from starter.output import (
    console,
    moment,
    rows,
    say_json,
    table,
    view_table,
)

from . import options as o
from .ending import exit_by_outcome
from .results import opened_result, result_rows


def status(flow_id: o.FlowId, as_json: o.Json = False) -> None:
    """Show where a flow stands: phase, why it waits, clocks, what is left, what may be asked of it. No secrets.

    Needs no worker: it shows what the flow published last, and says when no worker answers.

    \b
    phone-mfa status enroll-9f2c...
    """
    view = asyncio.run(_view(flow_id))
    if as_json:
        say_json(view, flow_id=flow_id)
    else:
        console().print(view_table(flow_id, view))


async def _view(flow_id: str) -> FlowView:
    return await (await open_flows()).status(flow_id)


def watch(flow_id: o.FlowId, as_json: o.Json = False) -> None:
    """Show a flow live until it is over.

    On a terminal one picture that changes; elsewhere, and with --json, one line for each change. Exits with 0 when
    the phone was proved, with 1 when not. Ending it with Ctrl-C leaves the flow alone.

    \b
    phone-mfa watch enroll-9f2c...
    """
    exit_by_outcome(asyncio.run(_watch(flow_id, as_json)))


async def _watch(flow_id: str, as_json: bool) -> FlowView | None:
    flows = await open_flows()
    flows = flows.in_run(await flows.newest_run(flow_id))
    if sys.stdout.isatty() and not as_json:
        return await watch_live(flows, flow_id, console())
    return await watch_lines(flows, flow_id, as_json=as_json)


def result(
    flow_id: o.FlowId,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Show the recovery code and the tokens too; --json always does.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The private JWK that opens what was sealed with --seal-to.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Show what a flow ended with, waiting until it is over.

    With --json the document has the tokens and the recovery code, so mind where it goes. Exits with 0 when the phone
    was proved, with 1 when not.

    \b
    phone-mfa result enroll-9f2c... --show-secrets
    phone-mfa result enroll-9f2c... --key me.jwk --json
    """
    jwk = read_jwk(key, "--key", "private") if key else None
    ended = asyncio.run(_result(flow_id))
    opened = opened_result(ended, jwk)
    if as_json:
        say_json(ended, flow_id=flow_id, **({"opened": opened} if jwk else {}))
    else:
        console().print(rows({"flow": flow_id, **result_rows(ended, opened, show_secrets=show_secrets)}))
    if not ended.outcome.reached:
        raise typer.Exit(NOT_REACHED)


async def _result(flow_id: str) -> Result:
    return await (await open_flows()).result(flow_id)


def flows(
    phase: Annotated[Phase | None, typer.Option(help="Only flows that wait for this.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="Only flows that ended so.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: o.Json = False,
) -> None:
    """List flows, newest first. What Temporal's list knows is a second or so old.

    \b
    phone-mfa flows --phase waiting_for_code
    phone-mfa flows --outcome locked_out --json
    """
    listed = asyncio.run(_listed(phase, outcome, limit))
    if as_json:
        say_json(flows=[_summary_members(summary) for summary in listed])
        return
    columns = ("flow", "status", "phase", "outcome", "channel", "started")
    lines = ((s.flow_id, s.status, s.phase, s.outcome, s.channel, moment(s.started_at)) for s in listed)
    console().print(table(columns, lines))


async def _listed(phase: Phase | None, outcome: Outcome | None, limit: int) -> list[FlowSummary]:
    opened: Flows = await open_flows()
    return [summary async for summary in opened.list(filter_of(phase, outcome), limit)]


def _summary_members(summary: FlowSummary) -> dict[str, object]:
    return {
        "flow_id": summary.flow_id,
        "kind": summary.kind,
        "status": summary.status,
        "phase": summary.phase,
        "channel": summary.channel,
        "outcome": summary.outcome,
        "started_at": summary.started_at.isoformat(),
        "closed_at": summary.closed_at and summary.closed_at.isoformat(),
    }
