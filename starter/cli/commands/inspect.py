"""Commands that show flows: ``status``, ``watch``, ``result`` and ``flows``."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from phone_mfa.client.flows import Flows, Result
from phone_mfa.client.listing import FlowSummary, filter_of
from phone_mfa.contracts import FlowView, Outcome, Phase
from starter.cli.connect import open_flows
from starter.cli.exit_codes import OUTCOME_NOT_REACHED
from starter.cli.recipient_keys import read_jwk
from starter.cli.watch import watch_lines, watch_live
from starter.output import console, moment, print_wide, rows, say_json, table, view_table

from . import options as o
from .results import exit_by_outcome, opened_result, result_rows


def status(flow_id: o.FlowId, as_json: o.Json = False) -> None:
    """Show a flow's status: phase, reason for waiting, times, remaining tries and allowed commands. No secrets.

    Needs no worker: shows the last published view, and whether no worker responds.

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
    """Show a flow live until it ends.

    On a terminal, a table that updates in place; elsewhere, and with --json, one line per change. Exits with 0 if the
    phone was verified, otherwise with 1. Ctrl-C does not affect the flow.

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
        bool, typer.Option("--show-secrets", help="Show the recovery code and tokens too; --json always does.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The private JWK that opens what was sealed with --seal-to.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Show a flow's result, waiting until it ends.

    With --json, the document contains the tokens and the recovery code: be careful where you send it. Exits with 0 if
    the phone was verified, otherwise with 1.

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
        raise typer.Exit(OUTCOME_NOT_REACHED)


async def _result(flow_id: str) -> Result:
    return await (await open_flows()).result(flow_id)


def flows(
    phase: Annotated[Phase | None, typer.Option(help="Only flows in this phase.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="Only flows with this outcome.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Maximum number of flows.")] = 50,
    as_json: o.Json = False,
) -> None:
    """List flows, newest first. Temporal's list lags about a second behind.

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
    print_wide(table(columns, lines))


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
