"""What can happen to a flow. Each event tells when it happened."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from phone_mfa.contracts import Channel, Secret
from phone_mfa.contracts.types import Contract


class Event(Contract):
    """``at``: when it happened, from what history holds."""

    at: datetime


class Woken(Event):
    """Time passed: a timer is due, or the flow starts."""


class Asked(Event):
    """Somebody said something. ``request``: names who waits for the answer; None when nobody does."""

    request: str | None = None


class CodeGiven(Asked):
    """A code. ``message``: which one it is for; None when not told. A ``recovery`` code is for none."""

    event: Literal["code_given"] = "code_given"
    code: Secret
    message: int | None = None
    recovery: bool = False
    submission_id: str | None = None


class TokenGiven(Asked):
    """A token of a fresh login."""

    event: Literal["token_given"] = "token_given"
    token: Secret
    issued_at: datetime | None = None


class SendAsked(Asked):
    """Another message is asked for, on another channel when that is named."""

    event: Literal["send_asked"] = "send_asked"
    channel: Channel | None = None


class NumberChanged(Asked):
    """Another number is to be enrolled."""

    event: Literal["number_changed"] = "number_changed"
    phone_number: Secret


class Cancelled(Asked):
    """The flow is to end. ``by_engine``: Temporal was asked to cancel it, not the flow."""

    event: Literal["cancelled"] = "cancelled"
    reason: str = ""
    by_engine: bool = False


Message = Annotated[
    CodeGiven | TokenGiven | SendAsked | NumberChanged | Cancelled,
    Field(discriminator="event"),
]
