"""Inbox of events a flow has received but not processed yet."""

from collections.abc import Collection

from temporalio import workflow

from .engine_limits import MOST_AT_ONCE, MOST_BEFORE_AN_ANSWER

with workflow.unsafe.imports_passed_through():
    from .machine.answers import AnyEvent
    from .machine.events import Cancelled


class Inbox:
    """Events in order of arrival. ``crowded``: there are too many for one workflow task."""

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
        """Remove and return all events."""
        taken, self._events = self._events, []
        return taken

    def around(self, answer: AnyEvent) -> tuple[list[AnyEvent], list[AnyEvent]]:
        """Remove all events and return them in order: those to process before an answer, and those to process after.

        Events before an answer wait for it and are processed in one go, so in a flood most are moved after it although
        they arrived earlier. A cancel is not moved: nothing it forbids may be started.
        """
        before: list[AnyEvent] = []
        after: list[AnyEvent] = []
        for event in sorted(self.take(), key=lambda event: event.at):
            has_room = len(before) < MOST_BEFORE_AN_ANSWER or isinstance(event, Cancelled)
            (before if event.at <= answer.at and has_room else after).append(event)
        return before, after

    def put_back(self, events: Collection[AnyEvent], *, crowded: bool) -> None:
        """Put unprocessed events back at the front."""
        self._events = [*events, *self._events]
        self.crowded = crowded

    @property
    def cancels(self) -> list[Cancelled]:
        """The cancel requests among the events."""
        return [event for event in self._events if isinstance(event, Cancelled)]
