"""How a process of ours ends."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from .tracebacks import traceback_of


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
