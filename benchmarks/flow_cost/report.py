"""Tables of the measurements: medians, ranges, and ratios of consecutive turns."""

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .player import Round


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one flow, by process."""

    worker: float
    engine: float
    client: float


@dataclass(frozen=True)
class Turn:
    """Measurements of one variant in one turn."""

    rate: float
    played: Round
    cost: Cost


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value at this quantile."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


_FIGURES: Final[dict[str, Callable[[Turn], float]]] = {
    "flows/s": lambda turn: turn.rate,
    "start -> sent p50 ms": lambda turn: 1000 * quantile(turn.played.sent, 0.5),
    "code -> verdict p50 ms": lambda turn: 1000 * quantile(turn.played.verdicts, 0.5),
    "code -> verdict p95 ms": lambda turn: 1000 * quantile(turn.played.verdicts, 0.95),
    "worker CPU ms/flow": lambda turn: 1000 * turn.cost.worker,
    "engine CPU ms/flow": lambda turn: 1000 * turn.cost.engine,
    "client CPU ms/flow": lambda turn: 1000 * turn.cost.client,
    "events/flow": lambda turn: turn.played.events,
    "history bytes/flow": lambda turn: turn.played.history_bytes,
}


def write(title: str, turns: Mapping[str, Sequence[Turn]], to: str) -> None:
    """Print a table: a row per figure, with each variant's median and its ratio ``to`` another, with the range."""
    rows = {
        name: [_cell([figure(turn) for turn in each], [figure(turn) for turn in turns[to]]) for each in turns.values()]
        for name, figure in _FIGURES.items()
    }
    _print(title, list(turns), rows, width=34)


def write_histories(turns: Mapping[str, Sequence[Turn]]) -> None:
    """Print the history of each variant's last flow: events and bytes by kind, then its payloads."""
    last = [each[-1].played for each in turns.values()]
    kinds = dict.fromkeys(kind for played in last for kind in played.kinds)
    pairs = {kind: [played.kinds.get(kind, (0, 0)) for played in last] for kind in kinds}
    pairs["payloads in these"] = [(played.payloads[0], played.payloads[1]) for played in last]
    pairs["what payloads hold"] = [(played.payloads[0], played.payloads[2]) for played in last]
    rows = {name: [f"{count}, {size}" for count, size in cells] for name, cells in pairs.items()}
    _print("history of one flow: events, bytes", list(turns), rows, width=20)


def _print(title: str, columns: Sequence[str], rows: Mapping[str, Sequence[str]], width: int) -> None:
    lines = [
        f"{name:<24}" + "".join(f"{cell:>{width}}" for cell in cells) for name, cells in {"": columns, **rows}.items()
    ]
    sys.stdout.write("\n".join(["", title, "", *lines, ""]))
    sys.stdout.flush()


def _cell(values: Sequence[float], others: Sequence[float]) -> str:
    ratios = [value / other for value, other in zip(values, others, strict=True)]
    middle = statistics.median(values)
    shown = f"{middle:.0f}" if middle >= 1000 else f"{middle:.1f}"
    return f"{shown}  x {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
