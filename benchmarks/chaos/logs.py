"""Finds unexpected log lines of the processes: replays that failed and recovered, unreported bugs."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SIGNS: Final = {
    "TMPRL1100": "a replay that did not fit its history",
    "Fatal(": "a fatal error of the SDK's core",
    "gateway.defect": "a defect of the gateway",
}
"""Log patterns and their meaning. The SDK logs replays that failed in a query, replays that failed when the task was
retried, and errors that make it abandon a step; none of these is in a history.
"""


def signs_in(folder: Path) -> Counter[str]:
    """Count the lines by process and sign."""
    return Counter(found for log in sorted(folder.glob("*.log")) for found in _signs(log))


def _signs(log: Path) -> Iterator[str]:
    process = log.stem.rpartition("-")[0]
    with log.open(errors="replace") as lines:
        for line in lines:
            yield from (f"{process}: {meaning}" for sign, meaning in SIGNS.items() if sign in line)
