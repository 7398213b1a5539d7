"""Request and response bodies that differ from the contracts."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema

from phone_mfa.client import OnConflict
from phone_mfa.client.listing import FlowPage, FlowSummary
from phone_mfa.contracts import (
    BindingCode,
    ChangePhoneNumber,
    FlowPolicy,
    FlowView,
    Origin,
    ProvideMfaToken,
    RecoveryCode,
    Secret,
    StartChallenge,
    StartEnrollment,
    SwitchChannel,
    reveal,
)
from phone_mfa.contracts import types as contracts
from phone_mfa.contracts.types import CODE_DIGITS, LONGEST_ID, TypedCode
from phone_mfa.login_hint import LoginHint
from phone_mfa.phone_numbers import LONGEST_TYPED_NUMBER, e164, known_region
from phone_mfa.return_address import LONGEST_ADDRESS, LONGEST_STATE, STATE, ReturnAddress
from phone_mfa.signed_tokens import MAX_TOKEN_LENGTH

Contract = TypeVar("Contract", bound=BaseModel)

User = Annotated[str, Field(min_length=1, max_length=512, description="Your identifier of the user. It is not stored.")]

SubmissionId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_ID,
        pattern=r"^[\x21-\x7e]+$",
        description="Identifies this submission: sending it again returns the same verdict.",
    ),
]

NUMBER: Final = "+15555550123"


def _strict(**example: Any) -> ConfigDict:
    """Reject unknown members as typos, unlike the contracts, which clients in other languages send."""
    return ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, json_schema_extra={"examples": [example]})


def _characters(count: int, each: str, what: str) -> Any:
    """A field with a pattern for the OpenAPI document only: the flow validates the value."""
    forgiven = "[ -]*"
    return Field(
        description=f"{what} Spaces, dashes and invisible characters are ignored; digits may be of any script.",
        json_schema_extra={"pattern": f"^{forgiven}({each}{forgiven}){{{count}}}$"},
    )


_TIME: Final = TypeAdapter(datetime)


def _written_time(given: Any) -> datetime:
    """Accept times as text only. The contracts also accept numbers, as seconds or milliseconds by their size."""
    return _TIME.validate_json(json.dumps(given), strict=True)


Time = Annotated[contracts.Time, BeforeValidator(_written_time)]


def _refuse_given(_: Any) -> None:
    raise ValueError("the gateway sets this field; omit it")


SetByGateway = Annotated[None, BeforeValidator(_refuse_given), SkipJsonSchema()]
"""A member of a contract that the gateway sets itself."""


def _in_e164(given: Any, info: ValidationInfo) -> Any:
    """Parse a number as typed, in the request's region. Values of other types are refused later."""
    return reveal(e164(given, info.data.get("region"))) if isinstance(given, str) else given


TypedNumber = Annotated[
    Secret,
    BeforeValidator(_in_e164),
    WithJsonSchema(
        {
            "type": "string",
            "format": "password",
            "writeOnly": True,
            "maxLength": LONGEST_TYPED_NUMBER,
            "description": "One phone number as typed: with `+` and country code, or as dialed within `region`.",
        }
    ),
]
"""A phone number as typed, converted to E.164. Declared after ``region``, which it is read by."""


class WithRegion(BaseModel):
    """A request with a phone number. To be inherited last, so that its field is validated first."""

    region: Annotated[str, AfterValidator(known_region)] | None = Field(
        default=None,
        description="The country of a `phone_number` without country code: ISO 3166-1 alpha-2, such as `DE`.",
    )


InvitedSetByGateway = Annotated[bool, BeforeValidator(_refuse_given), SkipJsonSchema()]

OriginSetByClient = Annotated[Origin, BeforeValidator(_refuse_given), SkipJsonSchema()]

Browser = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=512,
        description="Your identifier of the user's browser or device, for its budget of messages. It is not stored.",
    ),
]


class Policy(FlowPolicy):
    """Limits and waiting times of a flow."""

    model_config = _strict(sends=3, resend_after_seconds=[30, 60])


class WithReturn(BaseModel):
    """A request whose user returns to an app of the caller's at the end."""

    return_to: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_ADDRESS,
        description="Where the page sends the user at the end, with `outcome` and `state` added to the query. Its "
        "origin must be one that the gateway allows.",
    )
    return_state: str | None = Field(
        default=None,
        max_length=LONGEST_STATE,
        pattern=STATE,
        description="Yours, added to `return_to` as `state`: printable ASCII.",
    )

    @field_validator("return_state")
    @classmethod
    def _with_address(cls, state: str | None, info: ValidationInfo) -> str | None:
        if state is not None and info.data.get("return_to", "") is None:
            raise ValueError("needs a return_to")
        return state

    @property
    def back(self) -> ReturnAddress | None:
        """Where the user goes at the end."""
        return ReturnAddress(to=self.return_to, state=self.return_state) if self.return_to else None


class WithHint(BaseModel):
    """A request for a link."""

    login_hint: LoginHint | None = Field(
        default=None,
        description="The user's name at Auth0's login page, such as an e-mail address, to be filled in there. The link "
        "holds it sealed, but whoever opens the link sees it at that page.",
    )


class LinkRequest(WithReturn, WithHint):
    """Issues a link for an invited user."""

    model_config = _strict(return_to="https://app.example.com/done", login_hint="ada@example.com")


class FlowTokenRequest(WithReturn):
    """Issues a flow token."""

    model_config = _strict(return_to="https://app.example.com/done", return_state="a1b2")


NO_RETURN: Final = FlowTokenRequest()
"""The body of a request that names no address, or has none."""


class WithConflict(BaseModel):
    """A request to start a flow, which may meet one that runs."""

    on_conflict: OnConflict = Field(
        default=OnConflict.REFUSE,
        description="If the user's running flow was started differently: `refuse` with a problem, or `replace` it.",
    )


class EnrollmentRequest(StartEnrollment, WithReturn, WithHint, WithConflict, WithRegion):
    """Starts an enrollment for a user."""

    model_config = _strict(user="auth0|507f1f77bcf86cd799439011", phone_number=NUMBER, mfa_token="Fe26.2*...")

    user: User
    browser: Browser = None
    origin: OriginSetByClient = Origin()
    phone_number: TypedNumber
    mfa_token_issued_at: Time | None = None
    policy: Policy = Policy()
    requested_at: SetByGateway = None
    invited: InvitedSetByGateway = False
    invite: bool = Field(
        default=False,
        strict=True,
        validate_default=True,
        description="Return a link for the user, who logs in at Auth0 before anything is sent. Omit `mfa_token`.",
    )

    @field_validator("invite")
    @classmethod
    def _one_login(cls, invite: bool, info: ValidationInfo) -> bool:
        if invite and info.data.get("mfa_token"):
            raise ValueError("a flow that has an mfa_token needs no link")
        if not invite and info.data.get("login_hint"):
            raise ValueError("must be true if there is a login_hint")
        return invite

    @property
    def contract(self) -> StartEnrollment:
        """The contract to send to the flow."""
        return _only(self, StartEnrollment).model_copy(update={"invited": self.invite})


class ChallengeRequest(StartChallenge, WithReturn, WithConflict):
    """Starts a challenge for a user."""

    model_config = _strict(user="auth0|507f1f77bcf86cd799439011", mfa_token="Fe26.2*...")

    user: User
    browser: Browser = None
    origin: OriginSetByClient = Origin()
    mfa_token_issued_at: Time | None = None
    policy: Policy = Policy()
    requested_at: SetByGateway = None

    @property
    def contract(self) -> StartChallenge:
        """The contract to send to the flow."""
        return _only(self, StartChallenge)


def _only(request: BaseModel, contract: type[Contract]) -> Contract:
    """The contract in a request, as an instance of exactly that class, which is sealed with it."""
    values: dict[str, Any] = {name: getattr(request, name) for name in contract.model_fields}
    if isinstance(values.get("policy"), Policy):
        values["policy"] = _only(values["policy"], FlowPolicy)
    return contract.model_construct(**values)


class CodeRequest(BindingCode):
    """A code that the user typed."""

    model_config = _strict(code="123456", submission_id="b7c1f2de-6f0a-4d55-b3f1-0b6f4c4f4a11", message=1)

    sent_at: SetByGateway = None
    code: Annotated[TypedCode, _characters(CODE_DIGITS, "[0-9]", "Digits.")]
    submission_id: SubmissionId | None = None

    @property
    def contract(self) -> BindingCode:
        """The contract to send to the flow."""
        return _only(self, BindingCode)


class RecoveryCodeRequest(RecoveryCode):
    """A recovery code that the user typed instead of a code from the phone."""

    model_config = _strict(recovery_code="ABCD EFGH JKLM NPQR STUV WX23", submission_id="b7c1f2de")

    sent_at: SetByGateway = None
    recovery_code: Annotated[TypedCode, _characters(24, "[A-Za-z0-9]", "Letters and digits.")]
    submission_id: SubmissionId | None = None

    @property
    def contract(self) -> RecoveryCode:
        """The contract to send to the flow."""
        return _only(self, RecoveryCode)


class ChannelRequest(SwitchChannel):
    """The channel of the next message."""

    model_config = _strict(channel="voice")

    sent_at: SetByGateway = None


class NumberRequest(ChangePhoneNumber, WithRegion):
    """A different phone number to enroll."""

    model_config = _strict(phone_number="(555) 555-0123", region="US")

    phone_number: TypedNumber
    sent_at: SetByGateway = None


class TokenRequest(ProvideMfaToken):
    """The MFA token of a new login."""

    model_config = _strict(mfa_token="Fe26.2*...")

    issued_at: Time | None = None
    sent_at: SetByGateway = None

    @property
    def contract(self) -> ProvideMfaToken:
        """The contract to send to the flow."""
        return _only(self, ProvideMfaToken)


class FlowTokenAnswer(BaseModel):
    """A flow token, which gives a browser access to one flow."""

    flow_token: str
    flow_token_expires_at: datetime


class LinkAnswer(BaseModel):
    """A link by which an invited user logs in and goes on with the flow. Any number of links of a flow are good."""

    url: str
    expires_at: datetime


class LoginRequest(BaseModel):
    """Begins a login for the user of a link. ``other_user``: ask for a login even if somebody is logged in at Auth0."""

    model_config = _strict(invitation="eyJhbGciOi...")

    invitation: str = Field(max_length=MAX_TOKEN_LENGTH, description="What comes after `invitation=` in the link.")
    other_user: bool = Field(default=False, strict=True)


class LoginAnswer(BaseModel):
    """Where the browser goes to log in. The answer's cookie belongs to it."""

    url: str


class StartedAnswer(BaseModel):
    """A new or already running flow. ``flow_token``: null if the user was invited; ``link``: null if not.

    ``replaced``: the user's flow that was running has been ended for the new one. ``view`` is null if Temporal does not
    return it in time. ``run_id``: tells this flow from the user's next one, which has the same ``flow_id``.
    """

    flow_id: str
    run_id: str
    flow_token: str | None
    flow_token_expires_at: datetime | None
    link: LinkAnswer | None
    attached: bool
    replaced: bool
    view: FlowView | None


class AcceptedAnswer(BaseModel):
    """The message was accepted and will be processed."""

    accepted: bool = True


class RecoveryCodeAnswer(BaseModel):
    """The recovery code that came with a user's first phone. Show it once."""

    recovery_code: Secret


class FlowsAnswer(BaseModel):
    """A page of flows, newest first; the list lags by about a second."""

    flows: Sequence[FlowSummary]
    next_cursor: str | None

    @classmethod
    def of(cls, page: FlowPage) -> Self:
        """Convert a page of the list."""
        return cls(flows=page.flows, next_cursor=page.cursor)
