"""Start and exit of a process: command line, event loop, exit code."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import typer

from .tracebacks import traceback_of

try:
    from uvloop import new_event_loop
except ImportError:  # not available on Windows
    from asyncio import new_event_loop  # type: ignore[assignment]

T = TypeVar("T")


def run_command(name: str, main: Callable[..., None]) -> int:
    """Run the command line of a process with a single command. Returns the exit code."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    try:
        app(prog_name=name)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


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
