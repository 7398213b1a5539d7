"""Exit code of commands that follow a flow to its end."""

import typer

from phone_mfa.contracts import FlowView
from starter.cli.exit_codes import NOT_REACHED


def exit_by_outcome(view: FlowView | None) -> None:
    """Return if the phone was verified, otherwise exit with 1."""
    if view is None or view.outcome is None or not view.outcome.reached:
        raise typer.Exit(NOT_REACHED)
