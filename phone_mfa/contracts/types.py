"""The small values a flow is made of: secrets, phone numbers, channels, codes.

Knows how each is written on the wire and shown to people. Refuses to know Auth0, Temporal and the clock.
"""

import re
import unicodedata
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
    WithJsonSchema,
)

CODE_DIGITS = 6
"""Digits of a binding code sent by SMS or voice (Auth0 docs, "Enroll and Challenge SMS and Voice Authenticators")."""

LONGEST_ID = 255
"""Characters of a submission id: room for any UUID, URN or hash."""

LONGEST_TYPED = 64
"""Characters of a code as people paste it, with spaces and hyphens."""

LONGEST_TOKEN = 16_384
"""Characters of a token. Auth0's own limit for a request's header line is of this order."""

TOKEN_LIFETIME = timedelta(minutes=10)
"""An ``mfa_token`` lives ten minutes from its issue (recorded in the token's own expiry field)."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}", re.ASCII)
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+", re.ASCII)


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("has no such moment in UTC") from None


Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment, however its offset was written."""


def login_ends_at(issued_at: datetime | None, received_at: datetime) -> datetime:
    """When a login's ``mfa_token`` ends. It counts from its issue; of unknown or future issue, from its receipt."""
    return min(issued_at or received_at, received_at) + TOKEN_LIFETIME


class Contract(BaseModel):
    """A value that crosses a wire: frozen, tolerant of fields it does not know, silent about its input in errors."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def wire_name(cls) -> str:
        """What a payload of this contract is called on the wire."""
        return cls.__name__


class OfRun(Contract):
    """What a flow says. ``run_id``: Temporal's name of the run that said it, for a user's next flow has the same id."""

    run_id: str = ""


class FlowMessage(Contract):
    """What is said to a flow. ``sent_at``: when, by the sender's clock; left out, it counts from receipt.

    A time after the receipt counts as the receipt's, and one before the flow's last step as that step's.
    """

    sent_at: Time | None = None


def reveal(secret: SecretStr) -> str:
    """The text a secret hides."""
    return secret.get_secret_value()


def _refuse_unless(pattern: re.Pattern[str], sentence: str) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        if not pattern.fullmatch(reveal(secret)):
            raise ValueError(sentence)
        return secret

    return AfterValidator(check)


def _at_most(characters: int) -> AfterValidator:
    """Stands before ``max_length``, which is for schemas: pydantic counts the characters of a secret as "items"."""

    def check(secret: SecretStr) -> SecretStr:
        if len(secret) > characters:
            raise ValueError(f"must have at most {characters} characters")
        return secret

    return AfterValidator(check)


def _shown_in_schemas(pattern: re.Pattern[str]) -> Any:
    return Field(json_schema_extra={"pattern": f"^{pattern.pattern}$"})


# SecretStr alone travels as asterisks: these keep the mask in repr() and write the real text in JSON.
_WRITTEN_IN_FULL = PlainSerializer(reveal, return_type=str, when_used="json")

# And SecretStr alone is "writeOnly" in the schemas of answers, where nothing may be that.
_MAY_BE_ANSWERED = WithJsonSchema({"type": "string", "format": "password"}, mode="serialization")

Secret = Annotated[SecretStr, _WRITTEN_IN_FULL, _MAY_BE_ANSWERED]
"""Any secret text. Masked in ``repr()``, whole in JSON."""

Token = Annotated[
    SecretStr,
    _at_most(LONGEST_TOKEN),
    Field(max_length=LONGEST_TOKEN),
    _refuse_unless(_HEADER_SAFE, "must be visible ASCII without spaces"),
    _shown_in_schemas(_HEADER_SAFE),
    _WRITTEN_IN_FULL,
]
"""An ``mfa_token``, or an access token for the ``/mfa/`` audience: both stand in the same places."""

PhoneNumber = Annotated[
    SecretStr,
    _refuse_unless(_E164, "must be an E.164 number: + and 7 to 15 digits"),
    _shown_in_schemas(_E164),
    _WRITTEN_IN_FULL,
]
"""An E.164 number such as ``+15555550123`` (ITU-T E.164: at most 15 digits)."""


def _refuse_guesses(given: object) -> object:
    if isinstance(given, str | bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reads ValueError
    return given


NO_GUESSES = BeforeValidator(_refuse_guesses)
Number = Annotated[int, NO_GUESSES]
"""A whole number, and no text or truth value that could be read as one."""


def is_access_token(token: SecretStr) -> bool:
    """Whether a token is a JWT for the ``/mfa/`` audience, which may also remove authenticators, or opaque."""
    return reveal(token).count(".") == 2


class Channel(StrEnum):
    """How the code reaches the phone."""

    SMS = "sms"
    VOICE = "voice"


def masked(number: str) -> str:
    """A number as Auth0 lists it: every character an X, the last four kept (``XXXXXXXX0123``)."""
    return "X" * max(0, len(number) - 4) + number[-4:]


def plain_digits(code: str) -> str:
    """A code as people type it (spaces, hyphens, digits of other scripts) as the digits Auth0 sent."""
    kept = (char for char in code if not char.isspace() and char not in "-\u2010\u2011\u2013")
    return "".join(str(unicodedata.decimal(char, char)) for char in kept)


Typed = Annotated[
    SecretStr, _at_most(LONGEST_TYPED), Field(max_length=LONGEST_TYPED), _WRITTEN_IN_FULL, _MAY_BE_ANSWERED
]
"""A code as a person typed it. Masked in ``repr()``, whole in JSON."""

SubmissionId = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]


class BindingCode(FlowMessage):
    """The code a person read off the phone.

    ``code``: six digits; spaces and hyphens are forgiven.
    ``submission_id``: names this act of submitting. The same id again gets the same verdict.
    ``message``: which message the screen was showing (``FlowView.message``). A code for a replaced message is
    answered ``superseded``. Left out: the newest message at the time the code arrives.
    """

    code: Typed
    submission_id: SubmissionId | None = None
    message: Annotated[int, Field(ge=1, le=1_000), NO_GUESSES] | None = None

    @property
    def digits(self) -> str:
        """The code without what people add to it."""
        return plain_digits(reveal(self.code))

    @property
    def problem(self) -> str | None:
        """One sentence when this cannot be a code Auth0 sent, and so must not spend one of its tries."""
        if _CODE.fullmatch(self.digits):
            return None
        return f"code must be {CODE_DIGITS} digits."


class RecoveryCode(FlowMessage):
    """The code a person wrote down when the first phone was enrolled, used in place of the phone."""

    recovery_code: Typed
    submission_id: SubmissionId | None = None

    @property
    def text(self) -> str:
        """The recovery code without spaces and hyphens, in capitals as Auth0 writes it."""
        return re.sub(r"[\s-]", "", reveal(self.recovery_code)).upper()

    @property
    def problem(self) -> str | None:
        """One sentence when this cannot be a recovery code."""
        if re.fullmatch(r"[A-Z0-9]{24}", self.text, re.ASCII):
            return None
        return "recovery_code must be 24 letters and digits."


class TokenSet(Contract):
    """What the token endpoint gave when the code was right. ``expires_in`` in seconds."""

    access_token: Secret
    token_type: str = "Bearer"
    expires_in: int = 0
    scope: str | None = None
    id_token: Secret | None = None
    refresh_token: Secret | None = None

    def allows(self, scope: str) -> bool:
        """Whether ``scope`` is among the granted ones."""
        return scope in (self.scope or "").split()
