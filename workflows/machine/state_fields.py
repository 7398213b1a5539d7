"""Fields of a flow's state: one frozen, serializable value. ``State`` adds derived properties."""

from datetime import datetime

from phone_mfa.contracts import (
    Budget,
    Channel,
    CodeVerdict,
    FlowKind,
    FlowPolicy,
    Origin,
    Outcome,
    RecipientKey,
    Secret,
    TokenSet,
    WaitReason,
    WhenEnrolled,
)
from phone_mfa.contracts.calls import Phone
from phone_mfa.contracts.types import Contract

from .events import Message as MessageEvent
from .records import Credential, Failure, Hold, OpenCall, SendRequest, SentMessage, Submission, UserSends


class StateFields(Contract):
    """Everything known of one flow. ``line``: messages that arrived while a call was open and wait for its answer."""

    at: datetime
    run_id: str
    kind: FlowKind
    policy: FlowPolicy
    deadline: datetime
    recipient: RecipientKey | None = None
    origin: Origin = Origin()
    when_enrolled: WhenEnrolled = WhenEnrolled.STOP
    invitation: int | None = None  # number of an invited user's links; revoking them raises it
    asked_channel: Channel | None = None
    authenticator_id: str | None = None

    new_number: Secret | None = None
    shown_number: str = ""
    channel: Channel | None = None
    associated: int = 0  # associate requests for the current number, including lost ones
    abandoned: tuple[Secret, ...] = ()
    proving_current_phone: bool = False
    phones_known: bool = False  # an invited user's phones were listed before the first message
    enrolled_phone: str = ""  # of a user who is already enrolled, masked
    maybe_enrolled: Secret | None = None  # a number whose accepted code may have been lost

    credential: Credential | None = None
    token_reason: WaitReason = WaitReason.TOKEN_NOT_GIVEN  # why there is no token, if there is none

    wanted: SendRequest | None = SendRequest()
    listed: Phone | None = None
    challenged: str | None = None  # the authenticator of the newest challenge
    message: SentMessage | None = None
    sends: int = 0
    last_send_at: datetime | None = None
    lost_in_a_row: int = 0
    lost_messages: tuple[int, ...] = ()
    called_by_itself: bool = False
    send_hold: Hold | None = None
    user_sends: UserSends | None = None

    submissions: tuple[Submission, ...] = ()
    wrong_codes: int = 0
    user_tries: int | None = None  # wrong codes that the user has left over all flows, after the last answer
    last_verdict: CodeVerdict | None = None
    malformed_code_at: datetime | None = None
    check_hold: Hold | None = None
    refusals: int = 0  # consecutive "not now" refusals

    spent: Budget | None = None  # the budget that stopped the flow last
    wait_reason: WaitReason | None = None
    waits_since: datetime | None = None
    call: OpenCall | None = None
    line: tuple[MessageEvent, ...] = ()

    cancelled: bool = False
    cancelled_by_engine: bool = False
    superseded: bool = False
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
