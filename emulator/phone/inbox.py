"""The virtual phones: every message sent, by the number it was sent to."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

Channel = Literal["sms", "voice"]


@dataclass(frozen=True)
class Message:
    """One text or call. `to` is E.164, `code` six digits, `sent_at` epoch seconds of the tenant's clock."""

    id: str
    to: str
    channel: Channel
    code: str
    text: str
    sent_at: float


@dataclass
class Inbox:
    """All phones at once."""

    _messages: list[Message] = field(default_factory=list)

    def deliver(self, to: str, channel: Channel, code: str, sent_at: float) -> None:
        """Let the phone `to` receive a code."""
        self._messages.append(Message(uuid4().hex, to, channel, code, _wording(channel, code), sent_at))

    def messages(self, to: str | None = None) -> list[Message]:
        """What the phone `to` received, or all phones did, newest last."""
        return [message for message in self._messages if to in (None, message.to)]


def _wording(channel: Channel, code: str) -> str:
    if channel == "voice":
        return f"Hello. Your verification code is: {', '.join(code)}. I repeat: {', '.join(code)}."
    return f"{code} is your verification code for the emulated tenant."
