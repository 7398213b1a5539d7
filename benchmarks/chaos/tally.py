"""Counts and violations of a run."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

_LONGEST = 400


@dataclass(frozen=True)
class Violation:
    """A violation. ``flow_id``: the flow concerned, if any."""

    what: str
    detail: str
    flow_id: str = ""
    person: str = ""


@dataclass
class Tally:
    """Counts by table and row. ``told``: outcomes that anybody was told, by flow. ``timeline``: what struck when."""

    began: float = field(default_factory=time.monotonic)
    tables: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    violations: list[Violation] = field(default_factory=list)
    told: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    timeline: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    def count(self, table: str, row: str) -> None:
        """Increment a count."""
        self.tables[table][row] += 1

    def note(self, text: str) -> None:
        """Record an event at the current time."""
        self.timeline.append(f"{datetime.now(UTC):%H:%M:%S.%f} {self.seconds:8.3f} {text}")

    def violated(self, what: str, detail: str, flow_id: str = "", person: str = "") -> None:
        """Record a violation."""
        self.violations.append(Violation(what, detail[:_LONGEST], flow_id, person))
