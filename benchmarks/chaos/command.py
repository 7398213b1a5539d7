"""What the command lines have in common: their options, and how a run begins and ends."""

import argparse
import asyncio
from pathlib import Path
from typing import Final

from . import report
from .plan import Plan
from .run import play

STOPPED: Final = 130
"""The exit code of who was told to stop, as shells have it."""


def options_of(prog: str, description: str, *, flows: int, seconds: float, settle: float) -> argparse.ArgumentParser:
    """The options, with these defaults."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("--seed", type=int, default=1, help="of the plan (default: %(default)s)")
    parser.add_argument("--flows", type=int, default=flows, help="people with a flow each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=seconds, help="of faults (default: %(default)s)")
    parser.add_argument(
        "--settle", type=float, default=settle, help="seconds until all must be done after them (default: %(default)s)"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where histories, logs and keys of violations go")
    return parser


def run(plan: Plan, keep: Path | None) -> int:
    """Play a plan. The exit code: 0 all was right, 1 there are violations."""
    try:
        return asyncio.run(play(plan, keep))
    except (KeyboardInterrupt, asyncio.CancelledError):
        report.say("stopped; nothing is left")
        return STOPPED
