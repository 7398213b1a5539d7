"""Messages to a running flow, apart from codes."""

from pydantic import Field

from .types import Channel, FlowMessage, PhoneNumber, Time, Token


class ProvideMfaToken(FlowMessage):
    """A fresh ``mfa_token`` for a running flow. ``issued_at``: if unknown, its lifetime counts from receipt."""

    mfa_token: Token
    issued_at: Time | None = None


class ResendCode(FlowMessage):
    """Send another code. The payload is optional."""


class SwitchChannel(FlowMessage):
    """Send a new message on this channel."""

    channel: Channel


class ChangePhoneNumber(FlowMessage):
    """Enroll this number (E.164) instead; allowed until a number is confirmed."""

    phone_number: PhoneNumber


class RevokeInvitation(FlowMessage):
    """Make the links unusable that were issued so far for an invited user."""


class CancelFlow(FlowMessage):
    """End the flow. ``reason`` is shown to operators, so it must not contain personal data.

    ``superseded``: another start replaces the flow. A client that has to terminate a flow for that, because no worker
    ends it, leaves this message with Temporal as the details of the termination.
    """

    reason: str = Field(default="", max_length=200)
    superseded: bool = False
