"""The virtual phones: takes messages to send, and lets each arrive when and how the orders for faults say."""

from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Literal
from uuid import uuid4

from auth0_mfa_emulator.storage.table import Table

from .message import Delivery, Draft, Message, recipient
from .message_faults import MessageFault, MessageFaults
from .notifier import Notifier
from .received import KEPT, Received
from .wording import subject_of, text_of


@dataclass
class Inbox:
    """All phones at once. Moments are epoch seconds of the tenant's clock; `notifier` rings when anything changed.

    What is under way is either delayed, to be delivered later than it was sent, or held back for another message.
    """

    faults: MessageFaults = field(default_factory=MessageFaults)
    received: Received = field(default_factory=Received)
    notifier: Notifier = field(default_factory=Notifier)
    underway: Table[Message] = field(default_factory=Table)
    """By id, oldest first."""
    _delayed: list[tuple[float, int, Message]] = field(default_factory=list)
    _held: dict[str, list[Message]] = field(default_factory=dict)
    _sent: int = 0

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
        """Show what no provider carries: the question that comes of scanning a QR code."""
        self.settle(now)
        message = self._written(draft, now)
        self._arrive(message)
        self.notifier.ring()
        return Delivery(message.id)

    def messages(self, to: str | None, now: float) -> list[Message]:
        """What the recipient `to` has by now, or all have, newest last."""
        self.settle(now)
        return self.received.of(to)

    def find(self, message_id: str) -> Message | None:
        """A message that has arrived or is still under way."""
        return self.received.get(message_id) or self.underway.get(message_id)

    def recall(self) -> None:
        """Sort what was remembered from before."""
        self.received.recall()
        for message in self.underway.values():
            self._put_off(message)

    def decide(self, message_id: str, decision: Literal["approved", "denied"]) -> Message:
        """Answer a push; LookupError when no such message arrived, ValueError when it cannot be answered."""
        message = self.received.get(message_id)
        if not message:
            raise LookupError(message_id)
        if message.decision is None:
            raise ValueError(f"The message is of the channel {message.medium}: only a push is approved or denied.")
        if message.decision != "pending":
            raise ValueError(f"The push is {message.decision} already.")
        decided = replace(message, decision=decision)
        self.received.replace(decided)
        self.notifier.ring()
        return decided

    def settle(self, now: float) -> None:
        """Let everything arrive whose time has come."""
        while self._delayed and self._delayed[0][0] <= now:
            self._arrive(heappop(self._delayed)[2])

    def next_due(self) -> float | None:
        """When the next delayed message arrives; None when none is delayed."""
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
            # A push is one question however often the device shows it, so its twin would be no second message.
            if fault and fault.kind == "duplicate" and message.medium != "push":
                self._arrive(replace(message, id=uuid4().hex))

    def _put_off(self, message: Message) -> None:
        if message.delivered_at > message.sent_at:
            self._sent += 1
            heappush(self._delayed, (message.delivered_at, self._sent, message))
        else:
            self._held.setdefault(recipient(message.to), []).append(message)

    def _arrive(self, message: Message) -> None:
        self.underway.pop(message.id, None)
        self.received.add(message)
        for held in self._held.pop(recipient(message.to), ()):
            self._arrive(replace(held, delivered_at=message.delivered_at))

    def _lose_what_is_too_much(self) -> None:
        """Bounds what is under way like what arrived."""
        if len(self.underway) <= KEPT:
            return
        if self._delayed:
            lost = heappop(self._delayed)[2]
        else:
            of = next(iter(self._held))
            lost = self._held[of].pop(0)
            if not self._held[of]:
                del self._held[of]
        del self.underway[lost.id]
