"""Events a flow can receive. Each has the time at which it happened."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from phone_mfa.contracts import Channel, Secret
from phone_mfa.contracts.types import Contract


class Event(Contract):
    """Base class of events. ``at``: when it happened, derived from history."""

    at: datetime


class Woken(Event):
    """A timer is due, or the flow starts."""


class MalformedCode(Event):
    """A signal brought a code that cannot be one. Its text is not kept."""


class Asked(Event):
    """A message. ``request``: name of the request that waits for the answer; None if nobody waits."""

    request: str | None = None


class CodeGiven(Asked):
    """A code was submitted. ``message``: the message it is for; None if unknown or if it is a ``recovery`` code."""

    event: Literal["code_given"] = "code_given"
    code: Secret
    message: int | None = None
    recovery: bool = False
    submission_id: str | None = None


class TokenGiven(Asked):
    """A token from a fresh login was provided."""

    event: Literal["token_given"] = "token_given"
    token: Secret
    issued_at: datetime | None = None


class SendAsked(Asked):
    """Another message was requested. ``channel``: set to switch the channel."""

    event: Literal["send_asked"] = "send_asked"
    channel: Channel | None = None


class NumberChanged(Asked):
    """The number to enroll was changed."""

    event: Literal["number_changed"] = "number_changed"
    phone_number: Secret


class InvitationRevoked(Asked):
    """The links issued so far for an invited user were revoked."""

    event: Literal["invitation_revoked"] = "invitation_revoked"


class Cancelled(Asked):
    """The flow was cancelled. ``by_engine``: by Temporal's own cancel request, not by ``cancel_flow``.

    ``superseded``: because another start replaces the flow.
    """

    event: Literal["cancelled"] = "cancelled"
    reason: str = ""
    by_engine: bool = False
    superseded: bool = False


Message = Annotated[
    CodeGiven | TokenGiven | SendAsked | NumberChanged | InvitationRevoked | Cancelled,
    Field(discriminator="event"),
]
