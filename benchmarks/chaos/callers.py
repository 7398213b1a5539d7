"""What can be said to one flow, whichever way, and every way in which it can fail. The ways are in modules beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self


class NotNowError(Exception):
    """Nobody answers, or not yet: to be asked again. ``seconds``: later, if that was said."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class OverError(Exception):
    """The flow is over."""


class FailedError(Exception):
    """The flow failed, or cannot be shown. It says which."""


class RefusedError(Exception):
    """It was understood and not done: too early, too often, none left."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class WrongAnswerError(Exception):
    """An answer that nobody should be given."""


@dataclass(frozen=True)
class View:
    """What a person needs of the status document."""

    phase: str
    message: int
    phone_number: str
    outcome: str | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """From the document."""
        return cls(document["phase"], document["message"], document["phone_number"], document["outcome"])


class Caller(Protocol):
    """One flow of one user. Each method raises the errors above. ``flow_id``: empty until it was started."""

    flow_id: str

    async def start(self, asked: Mapping[str, Any], attempt: str) -> None:
        """Start the flow, or attach to the one that runs. ``attempt``: made again, the same finds what it started."""

    async def view(self) -> View:
        """How the flow stands."""

    async def check(self, code: Mapping[str, Any]) -> str:
        """Hand a code in; its verdict."""

    async def submit(self, code: Mapping[str, Any]) -> None:
        """Hand a code in and walk away."""

    async def resend(self) -> None:
        """Ask for another message."""

    async def change_number(self, number: str) -> None:
        """Enroll another number."""

    async def renew(self, token: str) -> None:
        """Give a fresh mfa_token, and hear what follows."""

    async def provide(self, token: str) -> None:
        """Give a fresh mfa_token and walk away."""

    async def cancel(self) -> None:
        """End the flow."""
