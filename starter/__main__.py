"""Entry point of the ``phone-mfa`` command: registers the subcommands and maps their results to exit codes.

Exit codes: 0 success, 1 outcome not reached, 2 usage or settings error, 3 Temporal or a worker does not respond.
"""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated, Final, NoReturn

import typer

from phone_mfa.process import help_of, run_and_leave

from .cli.commands import inspect, login, messages, options, start
from .cli.commands.api_keys import api_keys
from .cli.commands.demo import demo
from .cli.commands.forget import forget
from .cli.commands.keys import keys
from .cli.commands.namespace import namespace
from .cli.commands.open_sealed import open_
from .cli.commands.rescue import rescue
from .cli.commands.tenant import tenant
from .cli.commands.up import up
from .cli.exit_codes import INTERRUPTED, OUTCOME_NOT_REACHED, failure_of
from .output import error_line

NAME: Final = "phone-mfa"

DISK_TROUBLE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors of a full or broken disk that the output is redirected to."""

PANELS: Final[dict[str, tuple[Callable[..., None], ...]]] = {
    options.START_PANEL: (login.login, start.enroll, start.challenge),
    options.MESSAGE_PANEL: (
        messages.submit_code,
        messages.resend,
        messages.switch_channel,
        messages.change_number,
        messages.renew_token,
        messages.link,
        messages.revoke_invitation,
        messages.cancel,
        rescue,
        forget,
    ),
    options.INSPECT_PANEL: (inspect.status, inspect.watch, inspect.result, inspect.flows, login.authenticators),
    options.SETUP_PANEL: (up, demo, open_),
}

app = typer.Typer(
    name=NAME,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="Enroll and challenge phones as a second factor in Auth0, with crash-proof flows on Temporal. "
    "Secrets are never passed as arguments: each is read from its environment variable, from a line of standard input, "
    "or from a prompt, in that order. "
    "Exit codes: 0 success, 1 outcome not reached, 2 usage or settings error, 3 Temporal or a worker does not respond.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{NAME} {version(NAME)}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options of the command itself."""


for panel, commands in PANELS.items():
    for command in commands:
        name = command.__name__.rstrip("_").replace("_", "-")
        app.command(name, help=help_of(command), rich_help_panel=panel)(command)
app.add_typer(keys, name="keys", rich_help_panel=options.SETUP_PANEL)
app.add_typer(api_keys, name="api-keys", rich_help_panel=options.SETUP_PANEL)
app.add_typer(namespace, name="namespace", rich_help_panel=options.SETUP_PANEL)
app.add_typer(tenant, name="tenant", rich_help_panel=options.SETUP_PANEL)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Unexpected exceptions propagate."""
    try:
        code = app(list(arguments) or ["--help"], prog_name=NAME, standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except OSError as error:
        return _output_failed(error, as_json="--json" in arguments)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # how rich reports it
            return _discard_output()
        raise
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        typer.echo(error_line(failure.kind, failure.sentence, as_json="--json" in arguments), err=True)
        return failure.exit_code
    return code if isinstance(code, int) else 0


def _output_failed(error: OSError, *, as_json: bool) -> int:
    """Handle output that cannot be written: nobody reads it any more, or the disk it goes to is full."""
    if isinstance(error, BrokenPipeError):
        return _discard_output()
    if error.errno not in DISK_TROUBLE:
        raise error
    _discard_output()
    sentence = f"The output cannot be written: {os.strerror(error.errno)}."
    typer.echo(error_line("OutputError", sentence, as_json=as_json), err=True)
    return OUTCOME_NOT_REACHED


def _discard_output() -> int:
    """Handle a closed output pipe (as with ``head``): not an error; discard the remaining output."""
    sys.stdout = open(os.devnull, "w")
    return 0


def main() -> NoReturn:
    """Run the command line and exit the process."""
    run_and_leave(lambda: run(sys.argv[1:]))


if __name__ == "__main__":
    main()
