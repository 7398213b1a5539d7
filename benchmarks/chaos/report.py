"""Prints the progress and the results of a run."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from .faults import TABLE as FAULTS
from .lookers import TABLE as LOOKS
from .people import Person
from .tally import Tally, Violation

EVERY_SECONDS: Final = 5.0


def say(line: str = "") -> None:
    """Print one line and flush."""
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


async def progress(people: Sequence[Person], tally: Tally) -> None:
    """Print a progress line every few seconds, forever."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        started = sum(bool(person.caller.flow_id) for person in people)
        done = sum(person.done for person in people)
        say(
            f"{tally.seconds:6.0f} s  flows started {started}/{len(people)}, done {done}"
            f"  faults {tally.tables[FAULTS].total()}  looks {tally.tables[LOOKS].total()}"
            f"  violations {len(tally.violations)}"
        )


def summary(tally: Tally) -> None:
    """Print the tables, then the violations."""
    for name, rows in tally.tables.items():
        say(f"\n{name} ({rows.total()})")
        for row, times in sorted(rows.items()):
            say(f"  {row:<60}{times:>7}")
    _violations(tally)


def _violations(tally: Tally) -> None:
    by_flow: defaultdict[tuple[str, str], list[Violation]] = defaultdict(list)
    for violation in tally.violations:
        by_flow[violation.person, violation.flow_id].append(violation)
    say(f"\nviolations ({len(tally.violations)}, of {sum(bool(flow_id) for _, flow_id in by_flow)} flows)")
    for (person, flow_id), violations in by_flow.items():
        say(f"  {person or 'the run'}  {flow_id}".rstrip())
        for violation in violations:
            say(f"      {violation.what}: {violation.detail}")
