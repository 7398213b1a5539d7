"""What a flow does hangs on when things happened, not on when a worker was told, or together with what.

A trace is what happened, each thing with its time. It is told again in other portions, with timers seen late or not at
all, and with looks at the clock in between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from phone_mfa.contracts import Channel, FlowView
from tests.unit.machine.model import NUMBERS, RECOVERY, REFUSALS, RIGHT, answers, starts
from workflows.machine import PublishedView, State, decide, view_of, wake_at
from workflows.machine.answers import AnyEvent
from workflows.machine.commands import Call, Command
from workflows.machine.events import Asked, Cancelled, CodeGiven, Message, NumberChanged, SendAsked, TokenGiven, Woken

A_MOMENT: Final = timedelta(microseconds=1)
"""Each answer comes this much after a full second, or more: at a time of its own."""

BUDGET: Final = 5
PAUSES: Final = (1, 1, 5, 29, 31, 31, 61, 130, 290, 301, 401, 610)
DELAYS: Final = (0, 0, 0, 2, 20, 310, 620)

MessageType = type[CodeGiven] | type[TokenGiven] | type[SendAsked] | type[NumberChanged] | type[Cancelled]
MESSAGES: Final[tuple[tuple[MessageType, dict[str, object]], ...]] = (
    (CodeGiven, {"code": RIGHT}),
    (CodeGiven, {"code": "W1"}),
    (CodeGiven, {"code": "W2"}),
    (CodeGiven, {"code": RIGHT, "message": 1}),
    (CodeGiven, {"code": "W3", "message": 2}),
    (CodeGiven, {"code": "W4", "submission_id": "the same"}),
    (CodeGiven, {"code": RECOVERY, "recovery": True}),
    (TokenGiven, {"token": "T1"}),
    (TokenGiven, {"token": "T2"}),
    (TokenGiven, {"token": "an.access.T3"}),
    (SendAsked, {}),
    (SendAsked, {}),
    (SendAsked, {"channel": Channel.VOICE}),
    (NumberChanged, {"phone_number": NUMBERS[0]}),
    (NumberChanged, {"phone_number": NUMBERS[1]}),
    (Cancelled, {"reason": "no more"}),
)


OFTEN: Final = (*range(len(MESSAGES) - 1), *range(1, len(MESSAGES) - 1), len(MESSAGES) - 1)
"""A cancel ends it all, and the right code most: both come less often than others."""


@dataclass(frozen=True)
class Plan:
    """What is drawn: messages with the pauses before them, and Auth0's answers in their order."""

    kind: str
    with_token: bool
    messages: tuple[tuple[int, int, bool], ...]
    answers: tuple[tuple[int | None, int], ...]


ANSWERS: Final = st.one_of(st.none(), st.none(), st.none(), st.integers(0, 99))
"""Which of the possible ones; none: what was asked for."""

PLANS: Final = st.builds(
    Plan,
    kind=st.sampled_from(sorted(starts())),
    with_token=st.sampled_from((True, True, True, False)),
    messages=st.lists(
        st.tuples(st.sampled_from(PAUSES), st.sampled_from(OFTEN), st.booleans()), min_size=4, max_size=14
    ).map(tuple),
    answers=st.lists(st.tuples(ANSWERS, st.sampled_from(DELAYS)), max_size=12).map(tuple),
)
CHOICES: Final = st.lists(st.booleans(), min_size=12, max_size=12)


@dataclass
class Telling:
    """A driver, as far as the machine can tell one: it has an inbox, and keeps there what comes during a call."""

    state: State
    calling: bool = False
    inbox: list[Message] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    views: list[FlowView] = field(default_factory=list)
    published: list[FlowView] = field(default_factory=list)
    shown: PublishedView = field(default_factory=lambda: PublishedView(None))
    heard: int = 0
    resting: dict[int, State] = field(default_factory=dict)

    def activate(self, events: Sequence[AnyEvent]) -> None:
        """What one activation brings."""
        answered = any(not isinstance(event, Asked) for event in events)
        left = sorted([*self.inbox, *events], key=lambda event: event.at)
        self.calling = self.calling and not answered
        while left and not self.calling:
            event = left.pop(0)
            self._decide(event)
            self.heard += 1
            if self.state.call is None:
                self.resting[self.heard] = self.state
        self.inbox = [event for event in left if isinstance(event, Asked)]

    def wake(self, at: datetime) -> None:
        """A timer is due, or somebody looks at the clock."""
        self._decide(Woken(at=at))

    def see_timers(self, until: datetime) -> None:
        """All timers that are due until then, each on time."""
        while not self.calling and (at := wake_at(self.state)) and at <= until:
            self.wake(at)

    def _decide(self, event: AnyEvent) -> None:
        self.state, commands = decide(self.state, event)
        self.commands += commands
        self.views.append(view_of(self.state))
        self.published += filter(None, [self.shown.view_to_publish(self.state)])
        self.calling = self.calling or any(isinstance(each, Call) for each in commands)


def begun(plan: Plan) -> Telling:
    telling = Telling(starts(BUDGET)[plan.kind][plan.with_token])
    telling.wake(telling.state.at)
    return telling


def messages_of(plan: Plan) -> list[Message]:
    at, found = starts(BUDGET)[plan.kind][0].at, list[Message]()
    for number, (pause, which, waits) in enumerate(plan.messages):
        at += timedelta(seconds=pause)
        kind, fields = MESSAGES[which]
        request = f"request {number}" if waits and kind is not Cancelled else None
        found.append(kind.model_validate({"at": at, "request": request, **fields}))
    return found


def told_at_once(plan: Plan) -> tuple[list[AnyEvent], Telling]:
    """The trace, and what is done when each thing is told at once and each timer is seen on time."""
    telling, trace, planned = begun(plan), list[AnyEvent](), iter(plan.answers)
    coming: list[AnyEvent] = [*messages_of(plan)]
    answered = False
    while coming or telling.calling:
        if telling.calling and not answered:
            coming = sorted([*coming, next_answer(telling.state, planned, len(trace))], key=lambda event: event.at)
            answered = True
        telling.see_timers(coming[0].at)
        if telling.calling and not answered:
            continue
        event = coming.pop(0)
        answered = answered and isinstance(event, Asked)
        telling.activate([event])
        trace.append(event)
    return trace, telling


def next_answer(state: State, planned: Iterator[tuple[int | None, int]], number: int) -> AnyEvent:
    """As planned, and then what was asked for."""
    assert state.call
    possible = [each.event for each in answers(state)]
    which, delay = next(planned, (None, 0))
    which = len(REFUSALS[state.call.purpose]) if which is None else which
    at = state.at + timedelta(seconds=delay) + (number + 1) * A_MOMENT
    return possible[which % len(possible)].model_copy(update={"at": at})


@dataclass
class Choices:
    """How a trace is told again: which event begins a new portion, before which all timers were seen, and who looks."""

    cut: Sequence[bool]
    on_time: Sequence[bool]
    look: Sequence[bool]


def told_again(plan: Plan, trace: Sequence[AnyEvent], choices: Choices) -> Telling:
    """An answer never comes in one activation with what led to its call."""
    telling, portion = begun(plan), list[AnyEvent]()
    for number, event in enumerate(trace):
        answers_now = not isinstance(event, Asked)
        full = answers_now and (not telling.calling or any(not isinstance(each, Asked) for each in portion))
        if full or choices.cut[number % len(choices.cut)]:
            telling.activate(portion)
            portion = []
            _pass_time(telling, event, number, choices)
        if answers_now and not telling.calling:
            telling.see_timers(event.at)
        portion.append(event)
    telling.activate(portion)
    return telling


def _pass_time(telling: Telling, event: AnyEvent, number: int, choices: Choices) -> None:
    if choices.on_time[number % len(choices.on_time)]:
        telling.see_timers(event.at)
    if choices.look[number % len(choices.look)]:
        telling.wake(telling.state.at + max(timedelta(0), event.at - telling.state.at) / 2)


@given(PLANS, CHOICES, CHOICES)
def test_portions_and_late_timers_change_nothing_that_is_done(plan: Plan, cut: list[bool], on_time: list[bool]) -> None:
    trace, at_once = told_at_once(plan)
    again = told_again(plan, trace, Choices(cut, on_time, look=[False]))
    assert again.commands == at_once.commands
    assert again.resting == at_once.resting


@given(PLANS, CHOICES)
def test_with_late_timers_nothing_is_shown_that_is_not_shown_with_timers_on_time(plan: Plan, cut: list[bool]) -> None:
    trace, at_once = told_at_once(plan)
    late = told_again(plan, trace, Choices(cut, on_time=[False], look=[False]))
    on_time = iter(at_once.views)
    assert all(view in on_time for view in late.published), "another view, or in another order"


@given(PLANS, CHOICES)
def test_portions_alone_do_not_even_change_what_is_shown(plan: Plan, cut: list[bool]) -> None:
    trace, _ = told_at_once(plan)
    one_by_one, in_portions = (
        told_again(plan, trace, Choices(each, on_time=[False], look=[False])) for each in ([True], cut)
    )
    assert in_portions.commands == one_by_one.commands
    assert in_portions.published == one_by_one.published


@given(PLANS, CHOICES)
def test_looks_at_the_clock_change_nothing_that_is_done(plan: Plan, look: list[bool]) -> None:
    trace, at_once = told_at_once(plan)
    again = told_again(plan, trace, Choices(cut=[True], on_time=[False], look=look))
    assert again.commands == at_once.commands
    assert again.resting == at_once.resting
