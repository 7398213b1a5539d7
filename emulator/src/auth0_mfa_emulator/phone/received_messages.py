"""Received messages by recipient, with numbered updates for listeners."""

from collections import deque
from dataclasses import dataclass, field
from uuid import uuid4

from auth0_mfa_emulator.storage.table import Table

from .message import Message, recipient

KEPT = 100_000
"""How many messages, and how many updates, are kept in total; the oldest are dropped first."""

KEPT_TEXT = 50_000_000
"""How many characters of text are kept, which only mails from outside of the tenant can exceed."""


@dataclass
class Received:
    """Messages received by all phones. `position` numbers the latest update, `generation` identifies this store."""

    generation: str = field(default_factory=lambda: uuid4().hex[:12])
    position: int = 0
    messages: Table[Message] = field(default_factory=Table)
    """By id, oldest first."""
    _ids: dict[str, deque[str]] = field(default_factory=dict)
    _text: int = 0
    _news: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, message: Message) -> None:
        """Add a message that has arrived."""
        self.messages[message.id] = message
        self._ids.setdefault(recipient(message.to), deque()).append(message.id)
        self._text += len(message.text)
        while len(self.messages) > KEPT or self._text > KEPT_TEXT:
            self._forget_oldest()
        self._notify(message.id)

    def recall(self) -> None:
        """Index stored messages by recipient, without publishing updates."""
        self._text = sum(len(message.text) for message in self.messages.values())
        for message in self.messages.values():
            self._ids.setdefault(recipient(message.to), deque()).append(message.id)

    def replace(self, message: Message) -> None:
        """Replace a message with its new version."""
        self.messages[message.id] = message
        self._notify(message.id)

    def get(self, message_id: str) -> Message | None:
        """Returns the message with this id."""
        return self.messages.get(message_id)

    def of(self, to: str | None) -> list[Message]:
        """Returns the messages of one recipient, or of all, newest last."""
        if to is None:
            return list(self.messages.values())
        return [self.messages[message_id] for message_id in self._ids.get(recipient(to), ())]

    def news_after(self, position: int) -> list[tuple[int, Message]] | None:
        """Returns messages added or changed since, in their current state; None if that is no longer known."""
        missed = self.position - position
        if not 0 <= missed <= len(self._news):
            return None
        ids = [self._news[-number] for number in range(missed, 0, -1)]
        numbered = enumerate(ids, position + 1)
        return [(number, self.messages[known]) for number, known in numbered if known in self.messages]

    def _notify(self, message_id: str) -> None:
        self.position += 1
        self._news.append(message_id)

    def _forget_oldest(self) -> None:
        oldest = self.messages.pop(next(iter(self.messages)))
        self._text -= len(oldest.text)
        ids = self._ids[recipient(oldest.to)]
        ids.popleft()
        if not ids:
            del self._ids[recipient(oldest.to)]
