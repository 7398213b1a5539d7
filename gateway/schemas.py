"""What is sent to the gateway and what it answers, where that is not a contract as it is."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
)
from pydantic.json_schema import SkipJsonSchema

from phone_mfa.client.listing import FlowPage, FlowSummary
from phone_mfa.contracts import (
    BindingCode,
    ChangePhoneNumber,
    FlowPolicy,
    FlowView,
    ProvideMfaToken,
    RecoveryCode,
    Secret,
    StartChallenge,
    StartEnrollment,
    SwitchChannel,
)
from phone_mfa.contracts import types as contracts
from phone_mfa.contracts.types import CODE_DIGITS, LONGEST_ID, Typed

Contract = TypeVar("Contract", bound=BaseModel)

User = Annotated[
    str, Field(min_length=1, max_length=512, description="Any name of yours for the user. It is kept nowhere.")
]

SubmissionId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_ID,
        pattern=r"^[\x21-\x7e]+$",
        description="Names this act of submitting: the same again gets the same verdict.",
    ),
]

NUMBER: Final = "+15555550123"


def _strict(**example: Any) -> ConfigDict:
    """Unlike the contracts, which other languages send: a member we do not know is a slip of the pen here."""
    return ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, json_schema_extra={"examples": [example]})


def _characters(count: int, each: str, what: str) -> Any:
    """For the document only: the flow has the last word, and says what is wrong."""
    forgiven = "[ -]*"
    return Field(
        description=f"{what} Spaces and hyphens are forgiven.",
        json_schema_extra={"pattern": f"^{forgiven}({each}{forgiven}){{{count}}}$"},
    )


_TIME: Final = TypeAdapter(datetime)


def _written_time(given: Any) -> datetime:
    """Where the contracts take numbers too, in seconds or milliseconds as these seem to be."""
    return _TIME.validate_json(json.dumps(given), strict=True)


Time = Annotated[contracts.Time, BeforeValidator(_written_time)]


def _unasked(_: Any) -> None:
    raise ValueError("the gateway fills this in itself; leave it out")


Unasked = Annotated[None, BeforeValidator(_unasked), SkipJsonSchema()]
"""A member of a contract that the gateway fills in itself."""


class Policy(FlowPolicy):
    """How patient the flow is."""

    model_config = _strict(sends=3, resend_after_seconds=[30, 60])


class EnrollmentRequest(StartEnrollment):
    """What starts an enrollment, and for whom."""

    model_config = _strict(user="auth0|507f1f77bcf86cd799439011", phone_number=NUMBER, mfa_token="Fe26.2*...")

    user: User
    mfa_token_issued_at: Time | None = None
    policy: Policy = Policy()

    @property
    def contract(self) -> StartEnrollment:
        """What the flow is told."""
        return _only(self, StartEnrollment)


class ChallengeRequest(StartChallenge):
    """What starts a challenge, and of whom."""

    model_config = _strict(user="auth0|507f1f77bcf86cd799439011", mfa_token="Fe26.2*...")

    user: User
    mfa_token_issued_at: Time | None = None
    policy: Policy = Policy()

    @property
    def contract(self) -> StartChallenge:
        """What the flow is told."""
        return _only(self, StartChallenge)


def _only(request: BaseModel, contract: type[Contract]) -> Contract:
    """The contract in a request: by its very class, which is sealed with it."""
    values: dict[str, Any] = {name: getattr(request, name) for name in contract.model_fields}
    if isinstance(values.get("policy"), Policy):
        values["policy"] = _only(values["policy"], FlowPolicy)
    return contract.model_construct(**values)


class CodeRequest(BindingCode):
    """A code that somebody typed."""

    model_config = _strict(code="123456", submission_id="b7c1f2de-6f0a-4d55-b3f1-0b6f4c4f4a11", message=1)

    sent_at: Unasked = None
    code: Annotated[Typed, _characters(CODE_DIGITS, "[0-9]", "Digits.")]
    submission_id: SubmissionId | None = None

    @property
    def contract(self) -> BindingCode:
        """What the flow is told."""
        return _only(self, BindingCode)


class RecoveryCodeRequest(RecoveryCode):
    """A recovery code that somebody typed in place of the phone's."""

    model_config = _strict(recovery_code="ABCD EFGH JKLM NPQR STUV WX23", submission_id="b7c1f2de")

    sent_at: Unasked = None
    recovery_code: Annotated[Typed, _characters(24, "[A-Za-z0-9]", "Letters and digits.")]
    submission_id: SubmissionId | None = None

    @property
    def contract(self) -> RecoveryCode:
        """What the flow is told."""
        return _only(self, RecoveryCode)


class ChannelRequest(SwitchChannel):
    """How the next message shall come."""

    model_config = _strict(channel="voice")

    sent_at: Unasked = None


class NumberRequest(ChangePhoneNumber):
    """Another number to enroll."""

    model_config = _strict(phone_number=NUMBER)

    sent_at: Unasked = None


class TokenRequest(ProvideMfaToken):
    """A fresh login's token."""

    model_config = _strict(mfa_token="Fe26.2*...")

    issued_at: Time | None = None
    sent_at: Unasked = None

    @property
    def contract(self) -> ProvideMfaToken:
        """What the flow is told."""
        return _only(self, ProvideMfaToken)


class FlowTokenAnswer(BaseModel):
    """A flow token: what a browser shows to be let at one flow."""

    flow_token: str
    flow_token_expires_at: datetime


class StartedAnswer(FlowTokenAnswer):
    """A flow that was started, or that ran already. ``view`` is null when Temporal does not tell it in time."""

    flow_id: str
    attached: bool
    view: FlowView | None


class TakenAnswer(BaseModel):
    """It is taken, and will be acted upon."""

    taken: bool = True


class RecoveryCodeAnswer(BaseModel):
    """The recovery code of a user's first phone. Show it once."""

    recovery_code: Secret


class FlowsAnswer(BaseModel):
    """Some flows, newest first, a second or so behind."""

    flows: Sequence[FlowSummary]
    next_cursor: str | None

    @classmethod
    def of(cls, page: FlowPage) -> Self:
        """A page of the list."""
        return cls(flows=page.flows, next_cursor=page.cursor)
