"""What starts a challenge of an enrolled phone, and what it ends with."""

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
    """Prove that the user holds a phone enrolled before.

    ``mfa_token``: from the login that asked for MFA; without one the flow waits for it.
    ``channel``: which of the phone's channels to use; ``None`` takes the first active one.
    ``authenticator_id``: which phone, as Auth0 lists it (``sms|dev_...``); ``None`` takes the first active one.
    ``flow_seconds``: how long the whole flow may take, one minute to seven days.
    ``recipient``: whose key the tokens and recovery codes are sealed to; without one see ``ChallengeResult``.
    """

    mfa_token: Token | None = None
    mfa_token_issued_at: Time | None = None
    channel: Channel | None = None
    authenticator_id: str | None = Field(default=None, max_length=128)
    flow_seconds: Number = Field(default=3600, ge=60, le=LONGEST_FLOW_SECONDS)
    recipient: RecipientKey | None = None
    policy: FlowPolicy = FlowPolicy()


class ChallengeResult(FlowResult):
    """How a challenge ended.

    ``recovery_code``: the new one, when the challenge was finished with a recovery code (each use replaces it).
    ``tokens``: what the login gave. Both are in ``sealed`` instead when the request named a recipient.
    ``phone_number`` is masked, as Auth0 lists it.
    """

    tokens: TokenSet | None = None
