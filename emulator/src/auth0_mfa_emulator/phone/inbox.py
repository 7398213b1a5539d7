"""Inbox of the emulated phones: accepts messages and delivers each as the ordered faults specify."""

import asyncio
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Literal
from uuid import uuid4

from auth0_mfa_emulator.storage.table import Table

from .message import Delivery, Draft, Message, recipient
from .message_faults import MessageFault, MessageFaults
from .message_texts import subject_of, text_of
from .received_messages import KEPT, KEPT_TEXT, Received


class Notifier:
    """Wakes everyone who took a ticket before the ring. Keeps no list of waiters, so none can leak."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """Returns the event of the next ring. Take it before reading the state, then wait for it."""
        return self._next

    def ring(self) -> None:
        """Wake all waiters."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()


@dataclass
class Inbox:
    """All phones together. Times are epoch seconds of the tenant's clock; `notifier` rings on every change.

    A message in transit is either delayed until a later time, or held back until another message arrives.
    """

    faults: MessageFaults = field(default_factory=MessageFaults)
    received: Received = field(default_factory=Received)
    notifier: Notifier = field(default_factory=Notifier)
    underway: Table[Message] = field(default_factory=Table)
    """By id, oldest first."""
    _delayed: list[tuple[float, int, Message]] = field(default_factory=list)
    _held: dict[str, list[Message]] = field(default_factory=dict)
    _sent: int = 0
    _underway_text: int = 0

    def send(self, draft: Draft, now: float) -> Delivery:
        """Hand a message to the provider."""
        self.settle(now)
        fault = self.faults.strike(draft)
        match fault:
            case MessageFault(kind="refuse"):
                return Delivery(refused=True)
            case MessageFault(kind="invalid_number"):
                return Delivery(invalid_number=True)
            case MessageFault(kind="fail"):
                return Delivery(failure=fault.code)
            case MessageFault(kind="drop"):
                return Delivery()
        message = self._written(draft, now)
        self._carry(message, fault)
        self.notifier.ring()
        return Delivery(message.id)

    def show(self, draft: Draft, now: float) -> Delivery:
        """Show a message that no provider carries: the prompt after scanning a QR code."""
        self.settle(now)
        message = self._written(draft, now)
        self._arrive(message)
        self.notifier.ring()
        return Delivery(message.id)

    def messages(self, to: str | None, now: float) -> list[Message]:
        """Returns the messages of recipient `to`, or of all, newest last."""
        self.settle(now)
        return self.received.of(to)

    def find(self, message_id: str) -> Message | None:
        """Returns a message that has arrived or is in transit."""
        return self.received.get(message_id) or self.underway.get(message_id)

    def recall(self) -> None:
        """Rebuild the indexes from stored messages."""
        self.received.recall()
        for message in self.underway.values():
            self._put_off(message)

    def decide(self, message_id: str, decision: Literal["approved", "denied"]) -> Message:
        """Answer a push. Raises LookupError if no such message arrived, ValueError if it cannot be answered."""
        message = self.received.get(message_id)
        if not message:
            raise LookupError(message_id)
        if message.decision is None:
            raise ValueError(f"Only a push can be approved or denied, and this message is of channel {message.medium}.")
        if message.decision != "pending":
            raise ValueError(f"The push is already {message.decision}.")
        decided = replace(message, decision=decision)
        self.received.replace(decided)
        self.notifier.ring()
        return decided

    def settle(self, now: float) -> None:
        """Deliver all messages that are due."""
        while self._delayed and self._delayed[0][0] <= now:
            self._arrive(heappop(self._delayed)[2])

    def next_due(self) -> float | None:
        """Returns when the next delayed message is due; None if none is delayed."""
        return self._delayed[0][0] if self._delayed else None

    def _written(self, draft: Draft, now: float) -> Message:
        decision: Literal["pending"] | None = "pending" if draft.medium == "push" else None
        return Message(
            id=uuid4().hex,
            to=draft.to,
            medium=draft.medium,
            code=draft.code,
            text=text_of(draft),
            sent_at=now,
            delivered_at=now,
            holder=self.faults.holder(draft),
            decision=decision,
            action=draft.action,
            subject=subject_of(draft),
            sender=draft.mail.sender if draft.mail else None,
        )

    def _carry(self, message: Message, fault: MessageFault | None) -> None:
        late = replace(message, delivered_at=message.sent_at + fault.seconds) if fault else message
        if fault and (fault.kind == "reorder" or (fault.kind == "delay" and late.delivered_at > late.sent_at)):
            put_off = late if fault.kind == "delay" else message
            self.underway[message.id] = put_off
            self._put_off(put_off)
            self._lose_what_is_too_much()
        else:
            self._arrive(message)
            # A push is a single prompt however often the device shows it, so duplicating it has no effect.
            if fault and fault.kind == "duplicate" and message.medium != "push":
                self._arrive(replace(message, id=uuid4().hex))

    def _put_off(self, message: Message) -> None:
        self._underway_text += len(message.text)
        if message.delivered_at > message.sent_at:
            self._sent += 1
            heappush(self._delayed, (message.delivered_at, self._sent, message))
        else:
            self._held.setdefault(recipient(message.to), []).append(message)

    def _arrive(self, message: Message) -> None:
        if self.underway.pop(message.id, None):
            self._underway_text -= len(message.text)
        self.received.add(message)
        for held in self._held.pop(recipient(message.to), ()):
            self._arrive(replace(held, delivered_at=message.delivered_at))

    def _lose_what_is_too_much(self) -> None:
        """Limit the messages in transit, like those that arrived."""
        while len(self.underway) > KEPT or self._underway_text > KEPT_TEXT:
            self._lose_one()

    def _lose_one(self) -> None:
        if self._delayed:
            lost = heappop(self._delayed)[2]
        else:
            of = next(iter(self._held))
            lost = self._held[of].pop(0)
            if not self._held[of]:
                del self._held[of]
        del self.underway[lost.id]
        self._underway_text -= len(lost.text)
