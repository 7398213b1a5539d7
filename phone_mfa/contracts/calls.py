"""Requests that flows make to Auth0 through activities, and their answers.

Every request is self-contained; every answer is a value. A refusal by Auth0 is an answer too (``Refusal``): only a
defect or a configuration that Auth0 rejects is raised.
"""

from enum import StrEnum

from .start import Origin, RecipientKey
from .status import Budget
from .types import Channel, Contract, PhoneNumber, Secret, Time, Token, TokenSet


class Refusal(StrEnum):
    """Why Auth0 did not carry out a request, in the terms that flows use to decide."""

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
    TOO_LATE = "too_late"  # Auth0 was not called: the request's deadline had passed
    BUDGET_SPENT = "budget_spent"  # Auth0 was not called: one of our own budgets is used up
    NUMBER_NOT_ALLOWED = "number_not_allowed"  # Auth0 was not called: no messages go to such numbers


class UserBudget(Contract):
    """What the user may still do, over all flows.

    ``sends``: messages until ``sends_reset_seconds`` from now. ``tries``: wrong codes in a row. None: not limited.
    """

    sends: int | None = None
    sends_reset_seconds: float | None = None
    tries: int | None = None


class Request(Contract):
    """Fields of every request. ``not_after``: from this time on the request is refused as ``too_late``, not made."""

    not_after: Time | None = None


class Answer(Contract):
    """Fields of every answer.

    ``retry_after_seconds``: how long Auth0 asks to wait, if it says so. ``answered_at``: when the activity received the
    answer, by its host's clock. ``budget``: the one that is spent. ``user_budget``: after a send or a check.
    """

    refusal: Refusal | None = None
    retry_after_seconds: float | None = None
    budget: Budget | None = None
    user_budget: UserBudget | None = None
    answered_at: Time | None = None


class Associate(Request):
    """Start enrolling a phone: sends a message. ``recipient``: the key to seal a recovery code to."""

    token: Token
    phone_number: PhoneNumber
    channel: Channel
    recipient: RecipientKey | None = None
    origin: Origin = Origin()


class Challenge(Request):
    """Challenge an enrolled phone: sends a message."""

    mfa_token: Token
    authenticator_id: str
    origin: Origin = Origin()


class SendAnswer(Answer):
    """The answer to a send. A message was sent if ``oob_code`` is set.

    ``recovery_code``: only with the first associate of a user; in ``sealed`` instead if the request has a recipient.
    """

    oob_code: Secret | None = None
    recovery_code: Secret | None = None
    sealed: str | None = None


class TokenUse(StrEnum):
    """What to do with the tokens that Auth0 returns for a correct code."""

    DROPPED = "dropped"  # not needed
    KEPT = "kept"  # returned as part of the result
    ENROLLS = "enrolls"  # the access token enrolls another phone, if it has the scope; otherwise dropped


class CheckCode(Request):
    """Verify a binding code. ``recipient``: the key to seal the tokens to, if the flow itself does not use them.

    ``phone_number`` or ``authenticator_id``: what the code was sent to, for the budget of wrong codes.
    """

    token: Token
    oob_code: Secret
    code: Secret
    use: TokenUse = TokenUse.DROPPED
    recipient: RecipientKey | None = None
    origin: Origin = Origin()
    phone_number: PhoneNumber | None = None
    authenticator_id: str | None = None


class CheckRecoveryCode(Request):
    """Use the recovery code instead of the phone. ``recipient``: the key to seal the tokens and the new code to."""

    mfa_token: Token
    recovery_code: Secret
    recipient: RecipientKey | None = None
    origin: Origin = Origin()


class EnrollToken(Contract):
    """An access token that can enroll another phone. ``expires_in``: in seconds."""

    token: Secret
    expires_in: int


class CheckAnswer(Answer):
    """The answer to a check. The code was correct if there is no ``refusal``.

    ``tokens``: set if they are kept. ``recovery_code``: the replacement for a used one. ``sealed``: both, for the
    recipient, without tokens ``too_long`` to seal. ``enrolls``: a token to enroll another phone with.
    """

    tokens: TokenSet | None = None
    recovery_code: Secret | None = None
    sealed: str | None = None
    too_long: bool = False
    enrolls: EnrollToken | None = None


class ListPhones(Request):
    """List the user's phones."""

    token: Token


class Phone(Contract):
    """A phone as listed by Auth0. ``name`` is masked; ``active`` is true once a code has been confirmed."""

    authenticator_id: str
    channel: Channel
    name: str = ""
    active: bool = False


class PhonesAnswer(Answer):
    """The user's phones in Auth0's order, oldest first."""

    phones: tuple[Phone, ...] = ()


class RemovePending(Request):
    """Remove authenticators left behind by an unfinished enrollment of this number."""

    token: Token
    phone_number: PhoneNumber


class RemovalAnswer(Answer):
    """The answer to a removal. ``removed``: number of authenticators removed."""

    removed: int = 0
