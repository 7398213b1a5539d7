"""Status of a flow: phases, outcomes, verdicts, answers, and the status document.

Holds no secrets: everything here may be shown to an operator.
"""

from datetime import datetime
from enum import StrEnum

from .types import Channel, Contract, OfRun


class FlowKind(StrEnum):
    """Kind of flow."""

    ENROLLMENT = "enrollment"
    CHALLENGE = "challenge"


class Phase(StrEnum):
    """Phase of a flow."""

    WAITING_FOR_TOKEN = "waiting_for_token"
    SENDING_CODE = "sending_code"
    WAITING_FOR_CODE = "waiting_for_code"
    CHECKING_CODE = "checking_code"
    COOLING_DOWN = "cooling_down"
    DONE = "done"
    FAILED = "failed"


class WaitReason(StrEnum):
    """Why a running flow is currently idle."""

    TOKEN_NOT_GIVEN = "token_not_given"
    NOT_SIGNED_IN = "not_signed_in"
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
    NUMBER_BUDGET = "number_budget"
    USER_BUDGET = "user_budget"
    COUNTRY_BUDGET = "country_budget"
    CALLER_BUDGET = "caller_budget"
    BROWSER_BUDGET = "browser_budget"
    WRONG_CODES = "wrong_codes"


class Budget(StrEnum):
    """Budgets over all flows, and the rule for numbers: what keeps a flow from sending or checking."""

    NUMBER = "number"  # messages to a phone number
    USER = "user"  # messages to a user
    COUNTRY = "country"  # messages to a country
    CALLER = "caller"  # messages of flows that one API key started
    BROWSER = "browser"  # messages of flows from one browser
    WRONG_CODES = "wrong_codes"  # wrong codes of a user in a row
    NUMBER_RULE = "number_rule"  # countries and kinds of numbers that get no messages


class Trouble(StrEnum):
    """Why a flow with pending work makes no progress. Derived from Temporal's state, not reported by the flow."""

    NO_WORKER = "no_worker"
    STEP_FAILS = "step_fails"


class Outcome(StrEnum):
    """How the flow ended. An outcome is a regular result; a failed workflow needs an operator."""

    ENROLLED = "enrolled"
    VERIFIED = "verified"
    ALREADY_ENROLLED = "already_enrolled"
    NOT_ENROLLED = "not_enrolled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    LOCKED_OUT = "locked_out"
    UNDELIVERABLE = "undeliverable"

    @property
    def reached(self) -> bool:
        """Whether the user's phone was verified."""
        return self in {Outcome.ENROLLED, Outcome.VERIFIED}


class Verdict(StrEnum):
    """Verdict on a submitted code."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    EXPIRED = "expired"
    LOCKED_OUT = "locked_out"
    SUPERSEDED = "superseded"


class Action(StrEnum):
    """Actions that a flow may allow. Each value is the name of the corresponding message."""

    SUBMIT_CODE = "check_binding_code"
    SUBMIT_RECOVERY_CODE = "check_recovery_code"
    RESEND = "resend_code"
    SWITCH_CHANNEL = "switch_channel"
    CHANGE_NUMBER = "change_phone_number"
    RENEW_TOKEN = "renew_mfa_token"
    REVOKE_INVITATION = "revoke_invitation"
    CANCEL = "cancel_flow"


class CodeVerdict(OfRun):
    """The verdict on one code.

    ``tries_left``: how many more wrong codes the flow accepts. ``retry_at``: when Auth0 accepts codes again, if known.
    ``reason``: one human-readable sentence.
    """

    verdict: Verdict
    tries_left: int = 0
    retry_at: datetime | None = None
    reason: str = ""
    submission_id: str | None = None


class Withheld(StrEnum):
    """Why no message was sent."""

    LATER = "later"  # sent automatically as soon as Auth0 or a fresh login allows
    TOO_EARLY = "too_early"
    NONE_LEFT = "none_left"
    NOT_POSSIBLE = "not_possible"  # not on this channel, not to this phone, or not now
    OVER = "over"  # the flow has ended


class SendReceipt(OfRun):
    """The answer to a request for a message (resend, another channel, another number).

    ``sent``: whether a message was sent; if not, ``withheld`` gives the reason. ``message``: its number in the flow,
    starting at 1. ``allowed_at``: when the next one may be requested; ``None`` if none is left.
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
    """Why a flow is waiting, and what ends the wait.

    ``why`` and ``ends_with`` are human-readable sentences; ``until`` is None if the wait has no time limit.
    """

    reason: WaitReason
    why: str
    since: datetime
    ends_with: str
    until: datetime | None = None


class FlowView(OfRun):
    """The status document of a flow, safe to display. Times are UTC; ``None`` means "does not apply now".

    ``phone_number`` is masked. ``message``: number of messages sent, which is also the number of the newest one.
    ``code_expires_at``, ``token_expires_at`` and ``flow_expires_at`` are the three deadlines.
    ``sends_left`` and ``tries_left`` are the user's over all flows, where those are fewer than the flow's.
    ``malformed_code_at``: when a signal first brought a code that cannot be one (not six digits, or unreadable), since
    the last verdict or message. It was not checked.
    ``enrolled_phone``: with the outcome ``already_enrolled``, the phone that the user has, masked as Auth0 lists it;
    empty if it is not known.
    ``invitation``: number of the links that an invited user can sign in by; revoking them raises it by one. None if the
    user is not invited.
    ``note`` explains an unexpected decision of the flow in one sentence.
    ``cleanup``: what could not be removed at Auth0; empty if nothing is left there.
    ``failure``: why a flow in phase ``failed`` has no outcome: it failed, was terminated, or hit a time limit of
    Temporal. With an outcome: the same happened during cleanup. ``trouble``: why the flow makes no progress although it
    has pending work.
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
    enrolled_phone: str = ""
    invitation: int | None = None
    allowed_actions: tuple[Action, ...] = ()
    last_verdict: CodeVerdict | None = None
    malformed_code_at: datetime | None = None
    wait: Wait | None = None
    outcome: Outcome | None = None
    note: str = ""
    cleanup: str = ""
    failure: str = ""
    trouble: Trouble | None = None

    @property
    def over(self) -> bool:
        """Whether the flow has ended."""
        return self.phase in (Phase.DONE, Phase.FAILED)
