"""Start and exit of a process: command line, logs, event loop, exit code.

Exit codes of a service: 0 after a signal, 2 if it cannot start as it is configured, 3 if Temporal cannot be reached.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from inspect import cleandoc
from typing import Annotated, Any, NoReturn, TypeVar

import structlog
import typer

from . import logs
from .errors import CannotStartError
from .tracebacks import traceback_of

try:
    from uvloop import new_event_loop
except ImportError:  # not available on Windows
    from asyncio import new_event_loop  # type: ignore[assignment]

T = TypeVar("T")


Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")]
LogLevel = Annotated[logs.Level, typer.Option(case_sensitive=False, help="Lowest level to log.")]
LogJson = Annotated[
    bool | None, typer.Option("--log-json/--log-text", help="Default: text on a terminal, otherwise JSON.")
]


def run_service(name: str, main: Callable[..., None]) -> NoReturn:
    """Run the command line of a service, whose only command is ``main``, and exit the process.

    Until the service handles signals itself, SIGTERM and SIGINT end the process at once: nothing is in progress yet.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(help=help_of(main))(main)
    run_and_leave(lambda: _exit_code(app, name))


def help_of(command: Callable[..., None]) -> str:
    """Return a command's docstring with each paragraph on one line, for any terminal width; examples are kept."""
    paragraphs = cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(part if part.startswith("\b") else part.replace("\n", " ") for part in paragraphs)


def _exit_code(app: typer.Typer, name: str) -> int:
    try:
        app(prog_name=name)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def start(name: str, service: Coroutine[Any, Any, None], *, log_level: logs.Level, log_json: bool | None) -> None:
    """Configure logs and run a service to its end.

    A ``CannotStartError`` is logged as ``NAME.not_started``, and raised as ``typer.Exit`` with its exit code.
    """
    logs.configure(json=log_json, level=log_level)
    try:
        run_to_end(service)
    except CannotStartError as error:
        structlog.get_logger(name).error(f"{name}.not_started", reason=str(error))
        raise typer.Exit(error.exit_code) from None


def run_to_end(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, on uvloop where available: it uses less CPU than asyncio's own loop."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def run_and_leave(run: Callable[[], int]) -> NoReturn:
    """Run, flush the output, and exit the process with the code that ``run`` returns, or 1 if it raises.

    Exits immediately, without interpreter shutdown, during which threads of Temporal's client may still run and crash.
    An exception is printed without its message, which may repeat what was typed.
    """
    code = 1
    try:
        code = run()
    except BaseException as error:
        sys.stderr.write(f"{traceback_of(error)}\n")
    finally:
        _flush()
        os._exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):  # closed, or no reader
            continue
