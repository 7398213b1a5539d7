"""Shared code of the command lines: options, and the start and end of a run."""

import argparse
import asyncio
from pathlib import Path
from typing import Final

from . import report
from .plan import Plan
from .run import play

STOPPED: Final = 130
"""The shells' exit code for a process stopped by a signal."""


def options_of(prog: str, description: str, *, flows: int, seconds: float, settle: float) -> argparse.ArgumentParser:
    """The options, with these defaults."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("--seed", type=int, default=1, help="seed of the plan (default: %(default)s)")
    parser.add_argument("--flows", type=int, default=flows, help="people, each with one flow (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=seconds, help="duration of faults (default: %(default)s)")
    parser.add_argument(
        "--settle",
        type=float,
        default=settle,
        help="seconds after the faults until all flows must be done (default: %(default)s)",
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder for histories, logs and keys of violations")
    return parser


def run(plan: Plan, keep: Path | None) -> int:
    """Run a plan and return the exit code: 0 success, 1 violations."""
    try:
        return asyncio.run(play(plan, keep))
    except (KeyboardInterrupt, asyncio.CancelledError):
        report.say("stopped; nothing is left")
        return STOPPED
