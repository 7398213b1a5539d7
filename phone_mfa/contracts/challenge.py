"""Start request and result of a challenge of an enrolled phone."""

from pydantic import Field

from .enrollment import LONGEST_FLOW_SECONDS
from .policy import FlowPolicy
from .recipient import RecipientKey
from .result import FlowResult
from .types import (
    Channel,
    Contract,
    Number,
    Time,
    Token,
    TokenSet,
)


class StartChallenge(Contract):
    """Verify that the user holds a previously enrolled phone.

    ``mfa_token``: from the login that required MFA; without one the flow waits for it.
    ``mfa_token_issued_at``: when that login returned it; if unknown, its lifetime counts from receipt.
    ``channel``: which of the phone's channels to use; ``None`` uses the first active one.
    ``authenticator_id``: which phone, by Auth0's id (``sms|dev_...``); ``None`` uses the first active one.
    ``flow_seconds``: maximum duration of the whole flow, from one minute to seven days.
    ``recipient``: the key to seal tokens and recovery codes to; without one see ``ChallengeResult``.
    """

    mfa_token: Token | None = None
    mfa_token_issued_at: Time | None = None
    channel: Channel | None = None
    authenticator_id: str | None = Field(default=None, max_length=128)
    flow_seconds: Number = Field(default=3600, ge=60, le=LONGEST_FLOW_SECONDS)
    recipient: RecipientKey | None = None
    policy: FlowPolicy = FlowPolicy()


class ChallengeResult(FlowResult):
    """Result of a challenge.

    ``recovery_code``: the new one, if the challenge was completed with a recovery code (each use replaces it).
    ``tokens``: the tokens of the login. Both are in ``sealed`` instead if the request named a recipient.
    ``phone_number``: masked, as listed by Auth0.
    """

    tokens: TokenSet | None = None
