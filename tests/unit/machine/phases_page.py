"""Makes the diagram and the table in ``docs/phases.md`` from the machine: ``python -m tests.unit.machine.phases_page``.

What can follow what is found by going through the flows of the model, the nearest states first.
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
from workflows.machine.events import Cancelled, CodeGiven, NumberChanged, SendAsked, TokenGiven, Woken

PAGE: Final = Path(__file__).parents[3] / "docs" / "phases.md"
BOUND: Final = 8
"""How far the flows are explored: enough to meet every transition between phases."""

WORDS: Final[dict[type[AnyEvent], str]] = {
    Woken: "time",
    CodeGiven: "code",
    TokenGiven: "token",
    SendAsked: "resend or channel",
    NumberChanged: "number",
    Cancelled: "cancel",
    PhonesListed: "phones listed",
    RemovalAnswered: "removed",
    CallFailed: "call failed",
}
ALIKE: Final = {
    WaitReason.TOKEN_REFUSED: WaitReason.SCOPE_MISSING,
    WaitReason.RATE_LIMITED: WaitReason.AUTHENTICATOR_GONE,
    WaitReason.AUTH0_UNREACHABLE: WaitReason.TOO_LATE,
}
"""Of refusals that are decided alike, the model takes one."""

NOT_NOW: Final = {
    Refusal.RATE_LIMITED,
    Refusal.NOT_REACHED,
    Refusal.TOO_LATE,
    Refusal.TOO_MANY_SENDS,
    Refusal.TOO_MANY_CODES,
    Refusal.AUTHENTICATOR_GONE,
}

Edges = dict[tuple[str, str], set[str]]


class Seen:
    """What was met: edges between phases, and for each phase its reasons and what it allowed."""

    def __init__(self) -> None:
        self.edges: Edges = defaultdict(set)
        self.delayed: Edges = defaultdict(set)  # by what came late, or while messages waited: several causes in one
        self.reasons: dict[Phase, set[WaitReason]] = defaultdict(set)
        self.offers: dict[Phase, list[frozenset[Action]]] = defaultdict(list)

    def state(self, state: State) -> None:
        """Note a state at rest, or while Auth0 is asked."""
        waits = waiting_for(state)
        if waits and waits.reason:
            self.reasons[phase(state)] |= {waits.reason, ALIKE.get(waits.reason, waits.reason)}
        self.offers[phase(state)].append(frozenset(allowed(state)))


class Drawn(Exploration):
    """An exploration that looks at phases, and leaves the laws to the test of the model."""

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
        """Laws are not looked at here."""


def explored() -> Seen:
    """Go through the flows."""
    seen = Seen()
    for pair in starts().values():
        for state in pair:
            seen.edges["[*]", phase(begun(state))].add("token given" if state.credential else "no token given")
            cancelled = cancelled_before(state, Cancelled(at=state.at))
            seen.edges["[*]", phase(begun(cancelled))].add("cancel before the first step")
        Drawn(pair, seen).run()
    for edge, words in seen.delayed.items():
        if edge not in seen.edges:
            seen.edges[edge] = words
    seen.edges[Phase.DONE, "[*]"].add("")
    seen.edges[Phase.FAILED, "[*]"].add("")
    return seen


def word_for(event: AnyEvent) -> str:
    """What happened, in a word or two."""
    if isinstance(event, SendAnswered | CheckAnswered):
        good = "sent" if isinstance(event, SendAnswered) else "right"
        return _answer(event.answer.refusal, good)
    if isinstance(event, PhonesListed) and event.answer.refusal:
        return _answer(event.answer.refusal, "")
    return WORDS[type(event)]


def _answer(refusal: Refusal | None, good: str) -> str:
    if refusal is None:
        return good
    if refusal in NOT_NOW:
        return "not now"
    return {Refusal.AMBIGUOUS: "answer lost", Refusal.CODE_WRONG: "wrong"}.get(refusal, "refused")


def diagram(seen: Seen) -> str:
    """The transitions, in the order of the phases."""
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
    """For each phase why it waits, and what it takes."""
    rows = ["| phase | waits because | takes always | takes at times |", "|---|---|---|---|"]
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
    """The page with what is made in its places."""
    page = re.sub(r"```mermaid\n.*?```", lambda _: diagram(seen), page, count=1, flags=re.DOTALL)
    return re.sub(r"(?<=## What each phase takes\n\n)\|.*?(?=\n\n)", lambda _: table(seen), page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(), explored()))
