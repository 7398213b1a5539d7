"""The interface for messages to one flow, and its errors. Implementations are in sibling modules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self


class NotNowError(Exception):
    """No response, or not yet: retry. ``seconds``: the delay before the retry, if given."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class OverError(Exception):
    """The flow has ended."""


class FailedError(Exception):
    """The flow failed, or cannot be shown. The message says which."""


class RefusedError(Exception):
    """The request was refused: too early, too often, or none left."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class WrongAnswerError(Exception):
    """A response that must never occur."""


@dataclass(frozen=True)
class View:
    """The parts of the status document that a person needs."""

    phase: str
    message: int
    phone_number: str
    outcome: str | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Parse the document."""
        return cls(document["phase"], document["message"], document["phone_number"], document["outcome"])


class Caller(Protocol):
    """One flow of one user. Each method raises the errors above. ``flow_id``: empty until the flow is started."""

    flow_id: str

    async def start(self, asked: Mapping[str, Any], attempt: str) -> None:
        """Start the flow, or attach to the running one. ``attempt``: a repeated attempt finds the flow it started."""

    async def view(self) -> View:
        """Return the flow's view."""

    async def check(self, code: Mapping[str, Any]) -> str:
        """Submit a code and return its verdict."""

    async def submit(self, code: Mapping[str, Any]) -> None:
        """Submit a code without waiting for the verdict."""

    async def resend(self) -> None:
        """Request a resend."""

    async def change_number(self, number: str) -> None:
        """Enroll another number."""

    async def renew(self, token: str) -> None:
        """Provide a fresh mfa_token and wait for the result."""

    async def provide(self, token: str) -> None:
        """Provide a fresh mfa_token without waiting."""

    async def cancel(self) -> None:
        """End the flow."""
