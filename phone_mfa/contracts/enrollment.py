"""What starts an enrollment, and what it ends with."""

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
    """What to do for a user who already has a phone."""

    STOP = "stop"
    CHALLENGE_FIRST = "challenge_first"


class StartEnrollment(Contract):
    """Enroll ``phone_number`` as an MFA factor.

    ``mfa_token``: from the login that asked for MFA; without one the flow waits for it.
    ``mfa_token_issued_at``: when that login was answered; unknown counts from receipt.
    ``flow_seconds``: how long the whole flow may take, one minute to seven days.
    ``when_enrolled``: ``challenge_first`` proves the phone the user has, then enrolls this one with the token that
    gives. For that the login must have asked for the ``/mfa/`` audience and scope ``enroll``.
    ``recipient``: whose key the tokens and recovery codes are sealed to; without one see ``EnrollmentResult``.
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
    """How an enrollment ended.

    ``recovery_code``: only the first phone a user ever associates brings one. Show it once, store it nowhere.
    ``sealed`` has it instead when the request named a recipient, and the tokens of the login too. Without a recipient
    the tokens are dropped where they arrive. ``phone_number`` is masked.
    """


class ProvideMfaToken(FlowMessage):
    """A fresh ``mfa_token`` for a flow in the middle. ``issued_at`` unknown counts from receipt."""

    mfa_token: Token
    issued_at: Time | None = None


class ResendCode(FlowMessage):
    """Send another code. May be left out as a whole."""


class SwitchChannel(FlowMessage):
    """Send the next message this way."""

    channel: Channel


class ChangePhoneNumber(FlowMessage):
    """Enroll this number instead; allowed until a number is confirmed."""

    phone_number: PhoneNumber


class CancelFlow(FlowMessage):
    """End the flow. ``reason`` is shown to operators: no personal data in it."""

    reason: str = Field(default="", max_length=200)
