"""Start request, messages and result of an enrollment."""

from enum import StrEnum

from pydantic import Field

from .policy import FlowPolicy
from .recipient import RecipientKey
from .result import FlowResult
from .types import (
    Channel,
    Contract,
    FlowMessage,
    Number,
    PhoneNumber,
    Time,
    Token,
)

LONGEST_FLOW_SECONDS = 7 * 24 * 3600


class WhenEnrolled(StrEnum):
    """What to do if the user already has a phone."""

    STOP = "stop"
    CHALLENGE_FIRST = "challenge_first"


class StartEnrollment(Contract):
    """Enroll ``phone_number`` as an MFA factor.

    ``phone_number``: in E.164.
    ``mfa_token``: from the login that required MFA; without one the flow waits for it.
    ``mfa_token_issued_at``: when that login returned it; if unknown, its lifetime counts from receipt.
    ``flow_seconds``: maximum duration of the whole flow, from one minute to seven days.
    ``when_enrolled``: ``challenge_first`` challenges the phone the user has, then enrolls this one with the resulting
    access token. The login must have requested the ``/mfa/`` audience and the scope ``enroll``.
    ``recipient``: the key to seal tokens and recovery codes to; without one see ``EnrollmentResult``.
    """

    phone_number: PhoneNumber
    channel: Channel = Channel.SMS
    mfa_token: Token | None = None
    mfa_token_issued_at: Time | None = None
    flow_seconds: Number = Field(default=24 * 3600, ge=60, le=LONGEST_FLOW_SECONDS)
    when_enrolled: WhenEnrolled = WhenEnrolled.STOP
    recipient: RecipientKey | None = None
    policy: FlowPolicy = FlowPolicy()


class EnrollmentResult(FlowResult):
    """Result of an enrollment.

    ``recovery_code``: returned only for the first phone a user ever associates. Show it once and do not store it.
    If the request named a recipient, it is in ``sealed`` instead, together with the tokens of the login. Without a
    recipient the tokens are dropped on arrival. ``phone_number`` is masked.
    """


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


class CancelFlow(FlowMessage):
    """End the flow. ``reason`` is shown to operators, so it must not contain personal data."""

    reason: str = Field(default="", max_length=200)
