"""The words in which a flow speaks of itself: phases, outcomes, verdicts, answers, and the one status document.

Refuses to hold a secret: everything here may be shown to an operator.
"""

from datetime import datetime
from enum import StrEnum

from .types import Channel, Contract, OfRun


class FlowKind(StrEnum):
    """What the flow is for."""

    ENROLLMENT = "enrollment"
    CHALLENGE = "challenge"


class Phase(StrEnum):
    """What the flow is waiting for."""

    WAITING_FOR_TOKEN = "waiting_for_token"
    SENDING_CODE = "sending_code"
    WAITING_FOR_CODE = "waiting_for_code"
    CHECKING_CODE = "checking_code"
    COOLING_DOWN = "cooling_down"
    DONE = "done"
    FAILED = "failed"


class WaitReason(StrEnum):
    """Why a flow that is not over does nothing just now."""

    TOKEN_NOT_GIVEN = "token_not_given"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_REFUSED = "token_refused"
    SCOPE_MISSING = "scope_missing"
    AUTH0_ANSWER = "auth0_answer"
    CODE_NOT_TYPED = "code_not_typed"
    CODE_ENDED = "code_ended"
    SENDS_LOST = "sends_lost"
    RATE_LIMITED = "rate_limited"
    AUTH0_UNREACHABLE = "auth0_unreachable"
    TOO_MANY_SENDS = "too_many_sends"
    TOO_MANY_CODES = "too_many_codes"
    AUTHENTICATOR_GONE = "authenticator_gone"
    TOO_LATE = "too_late"


class Trouble(StrEnum):
    """Why a flow that has something to do does not do it. The server tells, not the flow."""

    NO_WORKER = "no_worker"
    STEP_FAILS = "step_fails"


class Outcome(StrEnum):
    """How the flow ended. An outcome is a result; a failed workflow means somebody must act."""

    ENROLLED = "enrolled"
    VERIFIED = "verified"
    ALREADY_ENROLLED = "already_enrolled"
    NOT_ENROLLED = "not_enrolled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    LOCKED_OUT = "locked_out"
    UNDELIVERABLE = "undeliverable"

    @property
    def reached(self) -> bool:
        """Whether the person's phone was proved."""
        return self in {Outcome.ENROLLED, Outcome.VERIFIED}


class Verdict(StrEnum):
    """The answer to one code."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    EXPIRED = "expired"
    LOCKED_OUT = "locked_out"
    SUPERSEDED = "superseded"


class Action(StrEnum):
    """What may be asked of the flow now. Each is the name of the message that asks for it."""

    SUBMIT_CODE = "check_binding_code"
    SUBMIT_RECOVERY_CODE = "check_recovery_code"
    RESEND = "resend_code"
    SWITCH_CHANNEL = "switch_channel"
    CHANGE_NUMBER = "change_phone_number"
    RENEW_TOKEN = "renew_mfa_token"
    CANCEL = "cancel_flow"


class CodeVerdict(OfRun):
    """The verdict on one code.

    ``tries_left``: wrong codes the flow still forgives. ``retry_at``: when Auth0 will listen again, if it said so.
    ``reason``: one sentence for people.
    """

    verdict: Verdict
    tries_left: int = 0
    retry_at: datetime | None = None
    reason: str = ""
    submission_id: str | None = None


class Withheld(StrEnum):
    """Why no message went out."""

    LATER = "later"  # it goes out by itself, once Auth0 or a fresh login allows
    TOO_EARLY = "too_early"
    NONE_LEFT = "none_left"
    NOT_POSSIBLE = "not_possible"  # not this way, or not to this phone, or not now
    OVER = "over"  # the flow is


class SendReceipt(OfRun):
    """The answer to a wish for a message (resend, other channel, other number).

    ``sent``: whether a message went out; ``withheld`` tells why not. ``message``: its number in the flow, first is 1.
    ``allowed_at``: when the next one may be asked for; ``None`` when none is left.
    """

    sent: bool
    withheld: Withheld | None = None
    message: int = 0
    channel: Channel | None = None
    phone_number: str = ""
    allowed_at: datetime | None = None
    sends_left: int = 0
    reason: str = ""


class Wait(Contract):
    """What a flow waits for.

    ``why`` and ``ends_with`` are sentences for people; ``until`` is None when no time ends it.
    """

    reason: WaitReason
    why: str
    since: datetime
    ends_with: str
    until: datetime | None = None


class FlowView(OfRun):
    """The one status document of a flow, safe to show. Times are UTC; ``None`` means "does not apply now".

    ``phone_number`` is masked. ``message`` counts messages sent, and names the newest.
    ``code_expires_at``, ``token_expires_at`` and ``flow_expires_at`` are the three clocks.
    ``note`` says in one sentence what the flow decided that a person may wonder about.
    ``cleanup``: what could not be removed at Auth0; empty when nothing is left there.
    ``failure``: why a flow in phase ``failed`` has no outcome: it failed, was terminated, or ran into a time limit of
    the engine. With an outcome: that this happened while it cleaned up. ``trouble``: why nothing happens although the
    flow has something to do.
    """

    kind: FlowKind
    phase: Phase
    channel: Channel | None = None
    phone_number: str = ""
    message: int = 0
    sent_at: datetime | None = None
    code_expires_at: datetime | None = None
    token_expires_at: datetime | None = None
    flow_expires_at: datetime | None = None
    retry_at: datetime | None = None
    resend_allowed_at: datetime | None = None
    sends_left: int = 0
    tries_left: int = 0
    wrong_codes: int = 0
    proving_current_phone: bool = False
    allowed_actions: tuple[Action, ...] = ()
    last_verdict: CodeVerdict | None = None
    wait: Wait | None = None
    outcome: Outcome | None = None
    note: str = ""
    cleanup: str = ""
    failure: str = ""
    trouble: Trouble | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more happens."""
        return self.phase in (Phase.DONE, Phase.FAILED)
