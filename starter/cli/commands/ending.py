"""How a command that shows a flow to its end ends itself."""

import typer

from phone_mfa.contracts import FlowView
from starter.cli.exit_codes import NOT_REACHED


def exit_by_outcome(view: FlowView | None) -> None:
    """Return when the phone was proved, else exit with 1."""
    if view is None or view.outcome is None or not view.outcome.reached:
        raise typer.Exit(NOT_REACHED)
