"""Goes through all that can happen to a flow, up to a bound, and tells the path to whatever breaks a law."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final, NamedTuple

from tests.unit.machine import laws
from tests.unit.machine.laws import Ends, Step
from tests.unit.machine.model import MOST_WAITING, Happening, begun, happenings, key_of, load_of
from workflows.machine import State

LONGEST_LINE: Final = 1
EVERY: Final = 5
"""How many states there are to one that is given what does not fit."""


class Known(NamedTuple):
    """A state, what the way to it costs, and its last step."""

    state: State
    cost: int
    depth: int
    before: object
    last: str


@dataclass
class Size:
    """How much was seen."""

    states: int = 0
    transitions: int = 0
    depth: int = 0


class Exploration:
    """Each state is visited once, on the cheapest way to it."""

    def __init__(self, starts: Iterable[State], bound: int) -> None:
        self.size = Size()
        self._bound = bound
        self._known: dict[object, Known] = {}
        self._next: list[tuple[int, int, object]] = []
        self._numbers = count()
        self._ends = Ends()
        for state in starts:
            self._meet(begun(state), Known(state, 0, 0, None, "start"))

    def run(self) -> Size:
        """Raise ``AssertionError`` for the first law that is broken."""
        visited = set()
        while self._next:
            _, _, key = heapq.heappop(self._next)
            if key not in visited:
                visited.add(key)
                self._visit(key, self._known[key])
        return self.size

    def _visit(self, key: object, known: Known) -> None:
        self.size.states += 1
        self.size.depth = max(self.size.depth, known.depth)
        for law in (laws.hold_for_state, self._ends.are_reached_from):
            self._check(key, "", law, known.state)
        if self.size.states % EVERY == 0:
            self._check(key, "", laws.ignores_what_does_not_fit, known.state)
        for happening in happenings(known.state):
            if known.cost + happening.cost <= self._bound:
                self._go(key, known, happening)

    def _go(self, key: object, known: Known, happening: Happening) -> None:
        self.size.transitions += 1
        step = self._decided(key, known.state, happening)
        self._check(key, happening.name, laws.hold_for_step, step)
        self._check(key, happening.name, laws.hold_for_offers, step)
        if load_of(step.after) > MOST_WAITING or len(step.after.line) > LONGEST_LINE:
            return
        cost = known.cost + happening.cost
        if self._meet(step.after, Known(step.after, cost, known.depth + 1, key, happening.name)):
            self._check(key, happening.name, laws.holds_for_publishing, step)

    def _meet(self, state: State, way: Known) -> bool:
        """Whether the state is new."""
        key = key_of(state)
        before = self._known.get(key)
        if before is None or way.cost < before.cost:
            self._known[key] = way._replace(state=state)
            heapq.heappush(self._next, (way.cost, next(self._numbers), key))
        return before is None

    def _decided(self, key: object, state: State, happening: Happening) -> Step:
        try:
            return Step(state, happening.event)
        except Exception as error:
            raise AssertionError(f"{error!r} on\n{self._path(key, happening.name)}") from error

    def _check(self, key: object, last: str, law: Callable[..., None], *arguments: object) -> None:
        try:
            law(*arguments)
        except AssertionError as broken:
            raise AssertionError(f"{broken}, on\n{self._path(key, last)}") from None

    def _path(self, key: object, last: str) -> str:
        names = [last] if last else []
        while key is not None:
            known = self._known[key]
            names.append(known.last)
            key = known.before
        return "\n".join(f"  {name}" for name in reversed(names))
