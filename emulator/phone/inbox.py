"""The virtual phones: every message sent, by the number it was sent to."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

Channel = Literal["sms", "voice"]
Medium = Literal["sms", "voice", "email", "push"]


@dataclass(frozen=True)
class Draft:
    """A message to send."""

    to: str
    medium: Medium
    code: str | None
    action: Literal["enroll", "challenge"]
    friendly_name: str


@dataclass(frozen=True)
class Delivery:
    """What became of it."""

    message_id: str | None
    refused: bool = False
    invalid: bool = False
    failure: str | None = None


@dataclass
class Message:
    """One text or call."""

    id: str
    to: str
    channel: Medium
    code: str | None
    text: str
    sent_at: float
    decision: str | None = None


@dataclass
class Inbox:
    """All phones at once."""

    _messages: list[Message] = field(default_factory=list)

    def send(self, draft: Draft, now: float) -> Delivery:
        """Let the phone receive a code."""
        decision = "pending" if draft.medium == "push" else None
        text = f"{draft.code} is your verification code for {draft.friendly_name}."
        if draft.medium == "voice" and draft.code:
            text = f"Hello. Your verification code is: {', '.join(draft.code)}. I repeat: {', '.join(draft.code)}."
        self._messages.append(Message(uuid4().hex, draft.to, draft.medium, draft.code, text, now, decision))
        return Delivery(self._messages[-1].id)

    def find(self, message_id: str) -> Message | None:
        """The message of this id."""
        return next((message for message in self._messages if message.id == message_id), None)

    def messages(self, to: str | None = None) -> list[Message]:
        """What the phone `to` received, or all phones did, newest last."""
        return [message for message in self._messages if to in (None, message.to)]
