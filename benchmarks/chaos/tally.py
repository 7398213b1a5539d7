"""What is counted during a run, and what is noted that should not have been."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

_LONGEST = 400


@dataclass(frozen=True)
class Violation:
    """Something that must not happen. ``flow_id``: of which flow, where it is one's."""

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
        """Since the beginning."""
        return time.monotonic() - self.began

    def count(self, table: str, row: str) -> None:
        """One more."""
        self.tables[table][row] += 1

    def note(self, text: str) -> None:
        """Something happened now."""
        self.timeline.append(f"{datetime.now(UTC):%H:%M:%S.%f} {self.seconds:8.3f} {text}")

    def violated(self, what: str, detail: str, flow_id: str = "", person: str = "") -> None:
        """Note what must not happen."""
        self.violations.append(Violation(what, detail[:_LONGEST], flow_id, person))
