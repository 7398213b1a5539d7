"""Basic types of the contracts: secrets, phone numbers, channels, codes.

Defines their wire format and how they are displayed. Independent of Auth0, Temporal and the clock.
"""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    ValidationError,
    WithJsonSchema,
)

from .typed_text import compact

CODE_DIGITS = 6
"""Digits of a binding code sent by SMS or voice (Auth0 docs, "Enroll and Challenge SMS and Voice Authenticators")."""

LONGEST_ID = 255
"""Maximum length of a submission id, in characters: enough for any UUID, URN or hash."""

LONGEST_TYPED = 64
"""Maximum length of a code as typed or pasted, in characters, including spaces and hyphens."""

LONGEST_TOKEN = 16_384
"""Maximum length of a token, in characters. Auth0's own limit for a request header line is of this order."""

TOKEN_LIFETIME = timedelta(minutes=10)
"""Lifetime of an ``mfa_token``: ten minutes from issue (as recorded in the token's own expiry field)."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}", re.ASCII)
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+", re.ASCII)


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("cannot be represented in UTC") from None


Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A point in time with any UTC offset, converted to UTC."""


def login_ends_at(issued_at: datetime | None, received_at: datetime) -> datetime:
    """Returns when a login's ``mfa_token`` expires, counted from issue, or from receipt if unknown or in the future."""
    return min(issued_at or received_at, received_at) + TOKEN_LIFETIME


class Contract(BaseModel):
    """Base of all values sent between processes: frozen, ignores unknown fields, never quotes its input in errors."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def wire_name(cls) -> str:
        """Returns the name of this contract on the wire."""
        return cls.__name__


class OfRun(Contract):
    """Base of everything a flow returns. ``run_id``: the run it came from, as a user's next flow has the same id."""

    run_id: str = ""


class FlowMessage(Contract):
    """Base of all messages to a flow. ``sent_at``: send time by the sender's clock; defaults to the time of receipt.

    A time after receipt counts as the time of receipt, and a time before the flow's last step as the time of that step.
    """

    sent_at: Time | None = None


def reveal(secret: SecretStr) -> str:
    """Returns the plain text of a secret."""
    return secret.get_secret_value()


def _refuse_unless(pattern: re.Pattern[str], sentence: str) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        if not pattern.fullmatch(reveal(secret)):
            raise ValueError(sentence)
        return secret

    return AfterValidator(check)


def _at_most(characters: int) -> AfterValidator:
    """Runs before ``max_length``, which is for schemas: pydantic calls the characters of a secret "items"."""

    def check(secret: SecretStr) -> SecretStr:
        if len(secret) > characters:
            raise ValueError(f"must have at most {characters} characters")
        return secret

    return AfterValidator(check)


def _shown_in_schemas(pattern: re.Pattern[str]) -> Any:
    return Field(json_schema_extra={"pattern": f"^{pattern.pattern}$"})


# SecretStr alone is serialized as asterisks: these keep the mask in repr() and write the real text in JSON.
_WRITTEN_IN_FULL = PlainSerializer(reveal, return_type=str, when_used="json")

# SecretStr alone is "writeOnly" in response schemas, which do not allow that.
_MAY_BE_ANSWERED = WithJsonSchema({"type": "string", "format": "password"}, mode="serialization")

Secret = Annotated[SecretStr, _WRITTEN_IN_FULL, _MAY_BE_ANSWERED]
"""Any secret text. Masked in ``repr()``, plain in JSON."""

Token = Annotated[
    SecretStr,
    _at_most(LONGEST_TOKEN),
    Field(max_length=LONGEST_TOKEN),
    _refuse_unless(_HEADER_SAFE, "must be visible ASCII without spaces"),
    _shown_in_schemas(_HEADER_SAFE),
    _WRITTEN_IN_FULL,
]
"""An ``mfa_token``, or an access token for the ``/mfa/`` audience: Auth0 accepts both in the same places."""

PhoneNumber = Annotated[
    SecretStr,
    _refuse_unless(_E164, "must be an E.164 number: + and 7 to 15 digits"),
    _shown_in_schemas(_E164),
    _WRITTEN_IN_FULL,
]
"""An E.164 number such as ``+15555550123`` (ITU-T E.164: at most 15 digits)."""


def _refuse_coercion(given: object) -> object:
    if isinstance(given, str | bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reads ValueError
    return given


NO_COERCION = BeforeValidator(_refuse_coercion)
Number = Annotated[int, NO_COERCION]
"""An integer; strings and booleans are rejected, not converted."""


def is_access_token(token: SecretStr) -> bool:
    """Whether a token is a JWT for the ``/mfa/`` audience, which can also remove authenticators, and not opaque."""
    return reveal(token).count(".") == 2


class Channel(StrEnum):
    """Delivery channel of a code."""

    SMS = "sms"
    VOICE = "voice"


def masked(number: str) -> str:
    """Returns a phone number masked as Auth0 does: every character but the last four is an X (``XXXXXXXX0123``)."""
    return "X" * max(0, len(number) - 4) + number[-4:]


TypedCode = Annotated[
    SecretStr, _at_most(LONGEST_TYPED), Field(max_length=LONGEST_TYPED), _WRITTEN_IN_FULL, _MAY_BE_ANSWERED
]
"""A code as typed by the user. Masked in ``repr()``, plain in JSON."""

SubmissionId = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]


class BindingCode(FlowMessage):
    """The code that the user received on the phone.

    ``code``: six digits as typed, see ``normalized``.
    ``submission_id``: identifies this submission. The same id gets the same verdict.
    ``message``: number of the message shown on the user's screen (``FlowView.message``). A code for a replaced message
    gets the verdict ``superseded``. Default: the newest message when the code arrives.
    """

    code: TypedCode
    submission_id: SubmissionId | None = None
    message: Annotated[int, Field(ge=1, le=1_000), NO_COERCION] | None = None

    @property
    def normalized(self) -> str:
        """The code in ASCII digits, without spaces, dashes and format characters. A code typed twice counts once.

        Applied where a code is used: payloads hold it as typed.
        """
        code = compact(reveal(self.code))
        half = code[:CODE_DIGITS]
        return half if code == half * 2 and _CODE.fullmatch(half) else code

    @property
    def problem(self) -> str | None:
        """One sentence if this cannot be a code sent by Auth0, so that it does not use up a try; else ``None``."""
        if _CODE.fullmatch(self.normalized):
            return None
        return f"code must be {CODE_DIGITS} digits."


class RecoveryCode(FlowMessage):
    """The recovery code issued when the first phone was enrolled, used instead of the phone: 24 letters and digits."""

    recovery_code: TypedCode
    submission_id: SubmissionId | None = None

    @property
    def normalized(self) -> str:
        """The recovery code without spaces, dashes and format characters, in upper case as issued by Auth0."""
        return compact(reveal(self.recovery_code)).upper()

    @property
    def problem(self) -> str | None:
        """One sentence if this cannot be a recovery code; else ``None``."""
        if re.fullmatch(r"[A-Z0-9]{24}", self.normalized, re.ASCII):
            return None
        return "recovery_code must be 24 letters and digits."


class TokenSet(Contract):
    """The token endpoint's response to a correct code. ``expires_in``: in seconds. ``scope``: separated by spaces."""

    access_token: Secret
    token_type: str = "Bearer"
    expires_in: int = 0
    scope: str | None = None
    id_token: Secret | None = None
    refresh_token: Secret | None = None

    def allows(self, scope: str) -> bool:
        """Whether ``scope`` was granted."""
        return scope in (self.scope or "").split()


def problem_with(whole: str, error: ValidationError) -> str:
    """Describes the first problem and names the field; ``whole`` names the value if no single field is at fault."""
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or whole
    return f"{field}: {first['msg'].removeprefix('Value error, ')}."
