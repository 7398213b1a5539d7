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
        """Take all: what is told before an answer, and what after. Of a flood, most comes after, whatever its time.

        What is told before is decided on together with the answer, which it waits for.
        """
        taken = sorted(self.take(), key=lambda event: event.at)
        before = [event for event in taken if event.at <= answer.at][:MOST_BEFORE_AN_ANSWER]
        return before, taken[len(before) :]

    def put_back(self, events: Collection[AnyEvent], *, crowded: bool) -> None:
        """Put what was taken and not decided on before the rest."""
        self._events = [*events, *self._events]
        self.crowded = crowded

    @property
    def cancels(self) -> list[Cancelled]:
        """Those that ask for the end."""
        return [event for event in self._events if isinstance(event, Cancelled)]
