"""Runs flows concurrently: `python -m benchmarks.flow_cost.player JOURNEY TEMPORAL FLOWS AT_ONCE`.

A separate process, so that its CPU time can be measured, and so that it can run from another checkout.
Prints one line of JSON: a ``Round``.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from temporalio.client import Client

from phone_mfa.process import run_and_leave

from .history import weigh
from .journeys import JOURNEYS, Journey, Played

UNCOUNTED: Final = 2
"""Warm-up flows, not counted."""


@dataclass(frozen=True)
class Round:
    """Some flows. Times in seconds; ``cpu`` is this process's own. The history is the last flow's: ``history_bytes`` as
    counted by the server, ``kinds`` with events and bytes of each kind, ``payloads`` with their number, their bytes,
    and the bytes of their content; empty for older checkouts.
    """

    seconds: float
    cpu: float
    sent: list[float]
    verdicts: list[float]
    events: int
    history_bytes: int
    kinds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    payloads: tuple[int, int, int] = (0, 0, 0)


async def play(journey: str, temporal: str, flows: int, at_once: int) -> Round:
    """Run the flows."""
    played = await JOURNEYS[journey](temporal)
    await _play(played, UNCOUNTED, 1)
    began, cpu = time.perf_counter(), time.process_time()
    rows = await _play(played, flows, at_once)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    last = (await Client.connect(temporal)).get_workflow_handle(rows[-1].flow_id)
    info = (await last.describe()).raw_description.workflow_execution_info
    weight = weigh(await last.fetch_history(), played.codec)
    return Round(
        seconds=seconds,
        cpu=cpu,
        sent=[row.sent for row in rows],
        verdicts=[each for row in rows for each in row.verdicts],
        events=info.history_length,
        history_bytes=info.history_size_bytes,
        kinds={kind: (weight.events[kind], weight.bytes_of[kind]) for kind in weight.events},
        payloads=(weight.payloads, weight.payload_bytes, weight.plain_bytes),
    )


async def _play(journey: Journey, flows: int, at_once: int) -> list[Played]:
    left, rows = iter(range(flows)), list[Played]()

    async def one_after_another() -> None:
        for _ in left:
            rows.append(await journey.play())

    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return rows


def main() -> int:
    """Run the flows and print the measurements."""
    journey, temporal, flows, at_once = sys.argv[1:5]
    sys.stdout.write(json.dumps(asdict(asyncio.run(play(journey, temporal, int(flows), int(at_once))))) + "\n")
    return 0


if __name__ == "__main__":
    run_and_leave(main)
