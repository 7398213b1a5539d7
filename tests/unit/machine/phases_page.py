"""Generates the diagram and table of ``docs/phases.md`` from the machine: ``python -m tests.unit.machine.phases_page``.

Transitions are found by exploring the flows of the model breadth-first.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from phone_mfa.contracts import Action, Phase, WaitReason
from phone_mfa.contracts.calls import Refusal
from tests.unit.machine.exploration import Exploration, Known
from tests.unit.machine.laws import Step
from tests.unit.machine.model import Happening, begun, starts
from workflows.machine import State, allowed, cancelled_before, phase, waiting_for
from workflows.machine.answers import AnyEvent, CallFailed, CheckAnswered, PhonesListed, RemovalAnswered, SendAnswered
from workflows.machine.events import (
    Cancelled,
    CodeGiven,
    InvitationRevoked,
    NumberChanged,
    SendAsked,
    TokenGiven,
    Woken,
)

PAGE: Final = Path(__file__).parents[3] / "docs" / "phases.md"
BOUND: Final = 8
"""How far the flows are explored: enough to reach every transition between phases."""

WORDS: Final[dict[type[AnyEvent], str]] = {
    Woken: "timer",
    CodeGiven: "code submitted",
    TokenGiven: "token provided",
    SendAsked: "resend or channel switch",
    NumberChanged: "number changed",
    InvitationRevoked: "links revoked",
    Cancelled: "cancelled",
    PhonesListed: "phones listed",
    RemovalAnswered: "authenticators removed",
    CallFailed: "call failed",
}
ALIKE: Final = {
    WaitReason.TOKEN_REFUSED: {WaitReason.SCOPE_MISSING},
    WaitReason.RATE_LIMITED: {WaitReason.AUTHENTICATOR_GONE},
    WaitReason.AUTH0_UNREACHABLE: {WaitReason.TOO_LATE},
    WaitReason.NUMBER_BUDGET: {
        WaitReason.USER_BUDGET,
        WaitReason.COUNTRY_BUDGET,
        WaitReason.CALLER_BUDGET,
        WaitReason.BROWSER_BUDGET,
    },
}
"""Wait reasons the flow treats alike; the model uses one of each kind."""

NOT_NOW: Final = {
    Refusal.RATE_LIMITED,
    Refusal.NOT_REACHED,
    Refusal.TOO_LATE,
    Refusal.TOO_MANY_SENDS,
    Refusal.TOO_MANY_CODES,
    Refusal.AUTHENTICATOR_GONE,
    Refusal.BUDGET_SPENT,
}

Edges = dict[tuple[str, str], set[str]]


class Seen:
    """Findings: edges between phases, and the wait reasons and allowed actions of each phase."""

    def __init__(self) -> None:
        self.edges: Edges = defaultdict(set)
        self.delayed: Edges = defaultdict(set)  # caused by late or waiting messages: several causes in one
        self.reasons: dict[Phase, set[WaitReason]] = defaultdict(set)
        self.offers: dict[Phase, list[frozenset[Action]]] = defaultdict(list)

    def state(self, state: State) -> None:
        """Record a state at rest, or during a call to Auth0."""
        waits = waiting_for(state)
        if waits and waits.reason:
            self.reasons[phase(state)] |= {waits.reason, *ALIKE.get(waits.reason, set())}
        self.offers[phase(state)].append(frozenset(allowed(state)))


class Drawn(Exploration):
    """Exploration that records phases, and leaves checking the laws to the model test."""

    def __init__(self, starts: Iterable[State], seen: Seen) -> None:
        self._seen = seen
        super().__init__(starts, BOUND)

    def _visit(self, key: object, known: Known) -> None:
        self._seen.state(known.state)
        super()._visit(key, known)

    def _decided(self, key: object, state: State, happening: Happening) -> Step:
        step = super()._decided(key, state, happening)
        before, after = phase(state), phase(step.after)
        if before is not after:
            late = happening.event.at > state.at and not isinstance(happening.event, Woken)
            words = self._seen.delayed if state.line or late else self._seen.edges
            words[before, after].add(word_for(happening.event))
        return step

    def _check(self, key: object, last: str, law: Callable[..., None], *arguments: object) -> None:
        """Laws are not checked here."""


def explored() -> Seen:
    """Explore the flows."""
    seen = Seen()
    for pair in starts().values():
        for state in pair:
            seen.edges["[*]", phase(begun(state))].add("token given" if state.credential else "no token given")
            cancelled = cancelled_before(state, Cancelled(at=state.at))
            seen.edges["[*]", phase(begun(cancelled))].add("cancelled before the first step")
        Drawn(pair, seen).run()
    for edge, words in seen.delayed.items():
        if edge not in seen.edges:
            seen.edges[edge] = words
    seen.edges[Phase.DONE, "[*]"].add("")
    seen.edges[Phase.FAILED, "[*]"].add("")
    return seen


def word_for(event: AnyEvent) -> str:
    """Return a short label for an event."""
    if isinstance(event, SendAnswered | CheckAnswered):
        good = "sent" if isinstance(event, SendAnswered) else "code accepted"
        return _answer(event.answer.refusal, good)
    if isinstance(event, PhonesListed) and event.answer.refusal:
        return _answer(event.answer.refusal, "")
    return WORDS[type(event)]


def _answer(refusal: Refusal | None, good: str) -> str:
    if refusal is None:
        return good
    if refusal in NOT_NOW:
        return "not now"
    return {Refusal.AMBIGUOUS: "answer lost", Refusal.CODE_WRONG: "wrong code"}.get(refusal, "refused")


def diagram(seen: Seen) -> str:
    """Return the transitions in the order of the phases."""
    order = ["[*]", *Phase]
    lines = [
        f"    {start} --> {end}{_label(words)}"
        for (start, end), words in sorted(seen.edges.items(), key=lambda edge: tuple(map(order.index, edge[0])))
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _label(words: Iterable[str]) -> str:
    told = ", ".join(sorted(filter(None, words)))
    return f": {told}" if told else ""


def table(seen: Seen) -> str:
    """Return the wait reasons and accepted messages of each phase."""
    rows = ["| phase | wait reasons | always accepts | sometimes accepts |", "|---|---|---|---|"]
    for each in Phase:
        offers = seen.offers[each] or [frozenset()]
        always = frozenset.intersection(*offers)
        at_times = frozenset.union(*offers) - always
        cells = (_listed(WaitReason, seen.reasons[each]), _listed(Action, always), _listed(Action, at_times))
        rows.append(f"| `{each}` | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _listed(words: type[WaitReason] | type[Action], among: Iterable[object]) -> str:
    found = set(among)
    return ", ".join(f"`{word}`" for word in words if word in found) or "-"


def made(page: str, seen: Seen) -> str:
    """Return the page with its generated parts replaced."""
    page = re.sub(r"```mermaid\n.*?```", lambda _: diagram(seen), page, count=1, flags=re.DOTALL)
    rows = r"(?<=## Messages accepted in each phase\n\n)\|.*?(?=\n\n)"
    return re.sub(rows, lambda _: table(seen), page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(), explored()))
