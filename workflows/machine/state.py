"""What a flow knows: one frozen value that serialises, and the questions that need nothing else.

``State.at`` is the flow's clock. It moves with events only, and never backwards.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import SecretStr

from phone_mfa.contracts import (
    Channel,
    CodeVerdict,
    FlowKind,
    FlowPolicy,
    Outcome,
    RecipientKey,
    Secret,
    TokenSet,
    Verdict,
    WaitReason,
    WhenEnrolled,
    reveal,
)
from phone_mfa.contracts.calls import Phone, TokenUse
from phone_mfa.contracts.values import Contract

from .events import Message as MessageEvent
from .times import CODE_LIFETIME, TOKEN_LIFETIME, resend_wait

ANSWERED_KEPT = 100
"""Codes whose verdict is kept to be told again. More come only from a flood."""


class Credential(Contract):
    """A token for the MFA API and the end of its life. ``proved``: given for a right code, not for a password."""

    token: Secret
    expires_at: datetime
    proved: bool = False

    @classmethod
    def from_login(cls, token: SecretStr, issued_at: datetime | None, received_at: datetime) -> Self:
        """A token from a login. Its clock runs from its issue; one of unknown or future issue, from its receipt."""
        return cls(token=token, expires_at=min(issued_at or received_at, received_at) + TOKEN_LIFETIME)


class Sent(Contract):
    """The newest message whose oob code is known. ``closed`` is the verdict on any code for it from then on."""

    number: int
    channel: Channel
    credential: Credential
    oob_code: Secret
    sent_at: datetime
    closed: CodeVerdict | None = None

    @property
    def expires_at(self) -> datetime:
        """When its code ends. The code dies with the token that asked for it."""
        return min(self.sent_at + CODE_LIFETIME, self.credential.expires_at)


class SendRequest(Contract):
    """A message is wanted. ``callers``: requests that wait for the receipt."""

    callers: tuple[str, ...] = ()


class Caller(Contract):
    """A request that waits for a verdict."""

    request: str
    submission_id: str | None = None


class Submission(Contract):
    """One code on its way to a verdict. ``message`` counts from 1; a recovery code answers no message.

    ``ids``: the submission ids it came with. ``lost``: how many of Auth0's answers to it were. ``unsettled``: whether
    it was right has still to be looked up.
    """

    code: Secret
    message: int | None
    ids: tuple[str, ...] = ()
    callers: tuple[Caller, ...] = ()
    lost: int = 0
    unsettled: bool = False
    verdict: CodeVerdict | None = None

    @property
    def is_recovery(self) -> bool:
        """Whether this stands in for the phone."""
        return self.message is None


class Hold(Contract):
    """Auth0 wants to be left alone until then, and why."""

    until: datetime
    reason: WaitReason


class Purpose(StrEnum):
    """What a call to Auth0 is made for."""

    ASSOCIATE = "associate"
    CHALLENGE = "challenge"
    LIST_TO_CHALLENGE = "list_to_challenge"
    LIST_AFTER_LOST_SEND = "list_after_lost_send"
    LIST_IN_DOUBT = "list_in_doubt"
    CHECK = "check"
    CHECK_RECOVERY = "check_recovery"
    LIST_AFTER_LOST_CHECK = "list_after_lost_check"
    REMOVE = "remove"


class OpenCall(Contract):
    """A call whose answer is not there yet, and the token it was made with."""

    purpose: Purpose
    credential: Credential


class Failure(Contract):
    """Why somebody must act. ``type`` is open to read for everybody, ``sentence`` is sealed."""

    type: str
    sentence: str


class State(Contract):
    """The state of one flow. ``line``: messages that came while a call was open, and wait for its answer."""

    at: datetime
    run_id: str
    kind: FlowKind
    policy: FlowPolicy
    deadline: datetime
    recipient: RecipientKey | None = None
    when_enrolled: WhenEnrolled = WhenEnrolled.STOP
    asked_channel: Channel | None = None
    authenticator_id: str | None = None

    new_number: Secret | None = None
    shown_number: str = ""
    channel: Channel | None = None
    associated: int = 0  # messages asked for with the current number, lost ones too
    abandoned: tuple[Secret, ...] = ()
    proving_current_phone: bool = False
    maybe_enrolled: bool = False

    credential: Credential | None = None
    token_reason: WaitReason = WaitReason.TOKEN_NOT_GIVEN  # why there is none, when there is none

    wanted: SendRequest | None = SendRequest()
    listed: Phone | None = None
    message: Sent | None = None
    sends: int = 0
    last_send_at: datetime | None = None
    lost_in_a_row: int = 0
    lost_messages: tuple[int, ...] = ()
    called_by_itself: bool = False
    send_hold: Hold | None = None

    submissions: tuple[Submission, ...] = ()
    wrong_codes: int = 0
    last_verdict: CodeVerdict | None = None
    check_hold: Hold | None = None
    refusals: int = 0  # "not now", in a row

    wait_reason: WaitReason | None = None
    waits_since: datetime | None = None
    call: OpenCall | None = None
    line: tuple[MessageEvent, ...] = ()

    cancelled: bool = False
    cancelled_by_engine: bool = False
    outcome: Outcome | None = None
    failure: Failure | None = None
    to_remove: tuple[Secret, ...] = ()
    finished: bool = False
    note: str = ""
    remarks: tuple[str, ...] = ()
    cleanup: str = ""
    recovery_code: Secret | None = None
    tokens: TokenSet | None = None
    sealed: tuple[str, ...] = ()
    tokens_too_long: bool = False

    def without_callers(self) -> Self:
        """The same for a new run, in which nobody waits yet."""
        return self.model_copy(
            update={"submissions": tuple(each.model_copy(update={"callers": ()}) for each in self.submissions)}
        )

    @property
    def over(self) -> bool:
        """Whether nothing more will be done for whoever asks."""
        return self.outcome is not None or self.failure is not None

    @property
    def enrolling(self) -> bool:
        """Whether the next right code enrolls a phone."""
        return self.kind is FlowKind.ENROLLMENT and not self.proving_current_phone

    @property
    def token_use(self) -> TokenUse:
        """What the tokens are for that the next right code brings."""
        if self.kind is FlowKind.CHALLENGE:
            return TokenUse.KEPT
        return TokenUse.ENROLLS if self.proving_current_phone else TokenUse.DROPPED

    @property
    def sends_left(self) -> int:
        """Messages the policy still allows."""
        return max(0, self.policy.sends - self.sends)

    @property
    def tries_left(self) -> int:
        """Wrong codes the policy still forgives."""
        return max(0, self.policy.wrong_codes - self.wrong_codes)

    @property
    def live_message(self) -> Sent | None:
        """The message whose code may still be right."""
        message = self.message
        return message if message and not message.closed and self.at < message.expires_at else None

    @property
    def usable_credential(self) -> Credential | None:
        """The token, while it lives."""
        return self.credential if self.credential and self.at < self.credential.expires_at else None

    @property
    def newest_number(self) -> int:
        """The number of the newest message, though its answer may have been lost."""
        return max([self.message.number if self.message else 0, *self.lost_messages])

    @property
    def waiting(self) -> Submission | None:
        """The code that gets the next verdict."""
        return next((each for each in self.submissions if each.verdict is None), None)

    @property
    def accepted(self) -> bool:
        """Whether some code was right."""
        return any(each.verdict and each.verdict.verdict is Verdict.ACCEPTED for each in self.submissions)

    @property
    def resend_allowed_at(self) -> datetime | None:
        """From when on a message may be asked for; ``None`` when none is left."""
        if not self.sends_left or self.over:
            return None
        scheduled = self.last_send_at and self.last_send_at + resend_wait(self.policy, self.sends)
        times = [time for time in (scheduled, self.send_hold and self.send_hold.until) if time]
        return max(times, default=self.waits_since or self.at)

    @property
    def call_at(self) -> datetime | None:
        """When the phone is to be called because the SMS brought no code."""
        seconds, message = self.policy.voice_after_seconds, self.message
        if seconds is None or message is None or message.channel is not Channel.SMS or message.closed:
            return None
        if self.called_by_itself or not self.sends_left or self.wanted or self.waiting:
            return None
        return message.sent_at + max(timedelta(seconds=seconds), resend_wait(self.policy, self.sends))

    @property
    def out_of_means(self) -> bool:
        """Whether nothing can finish this flow any more: no code alive, none left to send, nothing else to prove it."""
        if self.sends_left or self.waiting or self.live_message:
            return False
        return self.kind is FlowKind.ENROLLMENT or not self.usable_credential

    @property
    def next_message(self) -> int:
        """Which message a code that comes in now and names none is for."""
        on_its_way = self.wanted is not None and not self.live_message
        return self.sends + 1 if on_its_way else max(1, self.sends)


def same(one: SecretStr | None, other: SecretStr | None) -> bool:
    """Whether two secrets are the same text."""
    return one is not None and other is not None and reveal(one) == reveal(other)
