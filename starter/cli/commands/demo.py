"""``demo``: the whole product on this computer."""

import asyncio
from typing import Annotated

import typer

from starter.cli.exit_codes import INTERRUPTED, OUTCOME_NOT_REACHED
from starter.local.demo import run_demo

from . import options as o


def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep everything running at the end, to look at it in the Temporal UI.")
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Run a demo: a real Temporal server, emulated Auth0 and phones, and a worker that is killed midway.

    Needs no settings and no network. Exits with 0 if every flow ends as expected.

    \b
    phone-mfa demo
    """
    try:
        passed = asyncio.run(run_demo(keep=keep, as_json=as_json))
    except asyncio.CancelledError:
        raise typer.Exit(INTERRUPTED) from None
    if not passed:
        raise typer.Exit(OUTCOME_NOT_REACHED)
