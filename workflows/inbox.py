"""What was told to a flow and not decided on yet."""

from collections.abc import Collection

from temporalio import workflow

from .engine_limits import MOST_AT_ONCE, MOST_BEFORE_AN_ANSWER

with workflow.unsafe.imports_passed_through():
    from .machine.answers import AnyEvent
    from .machine.events import Cancelled


class Inbox:
    """Events in the order of their arrival. ``crowded``: they are too many for one workflow task."""

    def __init__(self) -> None:
        self._events: list[AnyEvent] = []
        self.crowded = False

    def __bool__(self) -> bool:
        return bool(self._events)

    def put(self, event: AnyEvent) -> None:
        """Add an event."""
        self._events.append(event)
        self.crowded = self.crowded or len(self._events) > MOST_AT_ONCE

    def take(self) -> list[AnyEvent]:
        """All that is there, which then is not any more."""
        taken, self._events = self._events, []
        return taken

    def around(self, answer: AnyEvent) -> tuple[list[AnyEvent], list[AnyEvent]]:
        """Take all, in order: the events to decide on before an answer, and those to decide on after it.

        Events before an answer wait for it and are decided on in one go, so in a flood most go after it, though they
        came earlier. A cancel does not: what it forbids is not to be begun.
        """
        before: list[AnyEvent] = []
        after: list[AnyEvent] = []
        for event in sorted(self.take(), key=lambda event: event.at):
            has_room = len(before) < MOST_BEFORE_AN_ANSWER or isinstance(event, Cancelled)
            (before if event.at <= answer.at and has_room else after).append(event)
        return before, after

    def put_back(self, events: Collection[AnyEvent], *, crowded: bool) -> None:
        """Put what was taken and not decided on before the rest."""
        self._events = [*events, *self._events]
        self.crowded = crowded

    @property
    def cancels(self) -> list[Cancelled]:
        """Those that ask for the end."""
        return [event for event in self._events if isinstance(event, Cancelled)]
