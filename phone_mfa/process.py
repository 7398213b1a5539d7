"""How a process of ours begins, by its command line, and how it ends."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import typer

from .tracebacks import traceback_of

try:
    from uvloop import new_event_loop
except ImportError:  # there is none for Windows
    from asyncio import new_event_loop  # type: ignore[assignment]

T = TypeVar("T")


def run_command(name: str, main: Callable[..., None]) -> int:
    """Run the command line of a process that has but one command, and tell its exit code."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    try:
        app(prog_name=name)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def run_to_end(main: Coroutine[Any, Any, T]) -> T:
    """Run what a process is for, on uvloop where that is to be had: it takes less CPU than asyncio's own loop."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def run_and_leave(run: Callable[[], int]) -> NoReturn:
    """Run, write out what was said, and end the process with the code that ``run`` gave; 1 when it raised.

    At once, not through the interpreter's own end, during which Temporal's client may still run threads and crash.
    What it raised is told without its message, which may repeat what was typed.
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
        except (OSError, ValueError, AttributeError):  # closed, or nobody reads
            continue
