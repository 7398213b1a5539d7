"""What flows ask of Auth0 and what it answers, in our words.

Every request carries all it needs; every answer is a value. What Auth0 refuses is an answer too (``Refusal``):
only a defect or a refused configuration is raised.
"""

from enum import StrEnum

from .recipient import RecipientKey
from .types import (
    Channel,
    Contract,
    PhoneNumber,
    Secret,
    Time,
    Token,
    TokenSet,
)


class Refusal(StrEnum):
    """Why Auth0 did not do what was asked, in the terms a flow decides by."""

    NOT_REACHED = "not_reached"  # certainly not done
    AMBIGUOUS = "ambiguous"  # may or may not have been done
    RATE_LIMITED = "rate_limited"
    TOO_MANY_SENDS = "too_many_sends"
    TOO_MANY_CODES = "too_many_codes"
    TOKEN_REFUSED = "token_refused"
    CODE_WRONG = "code_wrong"
    CODE_EXPIRED = "code_expired"
    ALREADY_ENROLLED = "already_enrolled"
    NOT_ENROLLED = "not_enrolled"
    AUTHENTICATOR_GONE = "authenticator_gone"
    SCOPE_MISSING = "scope_missing"
    CHANNEL_DISABLED = "channel_disabled"
    UNDELIVERABLE = "undeliverable"
    USER_BLOCKED = "user_blocked"
    TOO_LATE = "too_late"  # Auth0 was not asked: the request's time was over


class Request(Contract):
    """What every request says. ``not_after``: from then on it is not made any more, and refused as ``too_late``."""

    not_after: Time | None = None


class Answer(Contract):
    """What every answer may say.

    ``retry_after_seconds``: when Auth0 said how long to wait. ``answered_at``: when the activity had the answer, by the
    clock of its host.
    """

    refusal: Refusal | None = None
    retry_after_seconds: float | None = None
    answered_at: Time | None = None


class Associate(Request):
    """Start enrolling a phone: sends a message. ``recipient``: whom a recovery code is sealed to."""

    token: Token
    phone_number: PhoneNumber
    channel: Channel
    recipient: RecipientKey | None = None


class Challenge(Request):
    """Challenge an enrolled phone: sends a message."""

    mfa_token: Token
    authenticator_id: str


class SendAnswer(Answer):
    """A message was sent when ``oob_code`` is there.

    ``recovery_code``: with the first associate of a user only; in ``sealed`` when there is a recipient.
    """

    oob_code: Secret | None = None
    recovery_code: Secret | None = None
    sealed: str | None = None


class TokenUse(StrEnum):
    """What becomes of the tokens that a right code brings."""

    DROPPED = "dropped"  # nobody needs them
    KEPT = "kept"  # they are part of the result
    ENROLLS = "enrolls"  # the flow enrolls another phone with the access token, if that has the scope; else dropped


class CheckCode(Request):
    """Is this the code that was sent? ``recipient``: whom the tokens are sealed to, if the flow has no use for them."""

    token: Token
    oob_code: Secret
    code: Secret
    use: TokenUse = TokenUse.DROPPED
    recipient: RecipientKey | None = None


class CheckRecoveryCode(Request):
    """Let the recovery code stand in for the phone. ``recipient``: whom the tokens and the new code are sealed to."""

    mfa_token: Token
    recovery_code: Secret
    recipient: RecipientKey | None = None


class EnrollToken(Contract):
    """An access token that may enroll a further phone. ``expires_in`` in seconds."""

    token: Secret
    expires_in: int


class CheckAnswer(Answer):
    """The code was right when there is no ``refusal``.

    ``tokens``: if they are kept. ``recovery_code``: the one that replaces a used one. ``sealed``: both, for the
    recipient; without the tokens when they were ``too_long`` to be sealed. ``enrolls``: what the flow goes on with.
    """

    tokens: TokenSet | None = None
    recovery_code: Secret | None = None
    sealed: str | None = None
    too_long: bool = False
    enrolls: EnrollToken | None = None


class ListPhones(Request):
    """Which phones does the user have?"""

    token: Token


class Phone(Contract):
    """A phone as Auth0 lists it. ``name`` is masked; ``active`` once a code was confirmed."""

    authenticator_id: str
    channel: Channel
    name: str = ""
    active: bool = False


class PhonesAnswer(Answer):
    """In the order Auth0 lists them, oldest first."""

    phones: tuple[Phone, ...] = ()


class RemovePending(Request):
    """Remove what an unfinished enrollment of this number left behind."""

    token: Token
    phone_number: PhoneNumber


class RemovalAnswer(Answer):
    """How many authenticators were removed."""

    removed: int = 0
