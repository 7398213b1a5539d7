"""`GET /_control/messages/stream`: each message as it arrives, as server-sent events.

A `message` event carries a message that arrived or, for a push, was answered. A `reset` event discards all earlier
events: the emulator was reset, or the listener was away too long. A `ready` event marks the end of the backlog. The
id is `GENERATION.NUMBER`: numbers restart after a reset, and the generation tells ids before and after it apart.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator.phone.message import Message, recipient
from auth0_mfa_emulator.state import Emulator, emulator_of

from .messages import asked_recipient, shape

BACKLOG = 200
"""How many earlier messages, the newest, a new listener receives."""
HEARTBEAT_SECONDS = 10
"""Interval of keep-alive comments."""
LOOK_EVERY_SECONDS = 0.5
"""Longest real time between two checks of the tenant's clock, to notice unannounced changes of it."""


async def listen(request: Request) -> Response:
    """Stream new messages, preceded by the newest earlier ones, or by all since `Last-Event-ID`."""
    last_id = request.headers.get("last-event-id", "")
    events = _Listener(emulator_of(request), asked_recipient(request)).events(last_id)
    return EventSourceResponse(events, ping=HEARTBEAT_SECONDS)


class _Listener:
    def __init__(self, emulator: Emulator, to: str | None) -> None:
        self._emulator, self._to = emulator, recipient(to) if to else None
        self._inbox, self._position = emulator.tenant.inbox, 0

    async def events(self, last_id: str) -> AsyncIterator[ServerSentEvent]:
        for event in self._begin(last_id):
            yield event
        while True:
            ticket = self._inbox.notifier.ticket()
            for event in self._news():
                yield event
            with suppress(TimeoutError):
                await asyncio.wait_for(ticket.wait(), self._patience())

    def _begin(self, last_id: str) -> list[ServerSentEvent]:
        generation, _, number = last_id.partition(".")
        if not last_id:
            return [*self._backlog(), _READY]
        known = generation == self._inbox.received.generation and number.isascii() and number.isdigit()
        if known and self._inbox.received.news_after(int(number[:20])) is not None:
            self._position = int(number[:20])
            return [_READY]
        return self._anew()

    def _anew(self) -> list[ServerSentEvent]:
        return [_RESET, *self._backlog(), _READY]

    def _backlog(self) -> list[ServerSentEvent]:
        messages = self._inbox.messages(self._to, self._emulator.tenant.clock.now())[-BACKLOG:]
        self._position = self._inbox.received.position
        # Only the last has an id: a listener cut off before it starts over.
        return [self._event_of(message, self._position if message is messages[-1] else None) for message in messages]

    def _news(self) -> list[ServerSentEvent]:
        current = self._emulator.tenant.inbox
        if current is not self._inbox:
            self._inbox = current
            return self._anew()
        self._inbox.settle(self._emulator.tenant.clock.now())
        news = self._inbox.received.news_after(self._position)
        if news is None:
            return self._anew()
        self._position = self._inbox.received.position
        return [self._event_of(message, number) for number, message in news if self._is_for_us(message)]

    def _is_for_us(self, message: Message) -> bool:
        return self._to in (None, recipient(message.to))

    def _patience(self) -> float:
        due = self._inbox.next_due()
        if due is None:
            return LOOK_EVERY_SECONDS
        return min(LOOK_EVERY_SECONDS, max(0.001, due - self._emulator.tenant.clock.now()))

    def _event_of(self, message: Message, number: int | None) -> ServerSentEvent:
        data = json.dumps(shape(message), ensure_ascii=False, separators=(",", ":"))
        event_id = None if number is None else f"{self._inbox.received.generation}.{number}"
        return ServerSentEvent(data, event="message", id=event_id)


_RESET = ServerSentEvent("{}", event="reset")
_READY = ServerSentEvent("{}", event="ready")
