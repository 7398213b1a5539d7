"""Requests that start flows: whom to enroll or challenge, within which budgets, and to whom secrets are sealed.

Budgets and schedule are part of the request, so a running flow keeps the values it started with.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .types import NO_COERCION, Channel, Contract, Number, PhoneNumber, Time, Token

AUTH0_BURST = 10
"""Messages per user, and wrong codes per user, before Auth0 refuses (Auth0 docs, "Rate Limit Configurations", MFA
rows). After that, Auth0 allows one message per hour and one try per six minutes."""

LONGEST_FLOW_SECONDS = 7 * 24 * 3600

Seconds = Annotated[int, Field(ge=0, le=3600), NO_COERCION]

KeyedHash = Annotated[str, Field(pattern=r"^[a-z2-7]{32}$")]
"""A value hashed under the naming key, see ``phone_mfa.encryption.opaque``."""

_Coordinate = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class FlowPolicy(Contract):
    """Budgets and schedule of one flow.

    ``sends``: messages, including resends. Half of Auth0's burst of 10, so the user can run a second flow the same day.
    ``wrong_codes``: wrong codes before the flow locks. Half of Auth0's burst of 10, for the same reason.
    ``resend_after_seconds``: wait before message 2, 3, 4 ...; the last value repeats. Most SMS arrive within 30
    seconds; each wait is longer than the one before because a resend is less likely to help.
    ``voice_after_seconds``: call the phone if no code was entered this many seconds after an SMS; ``None``: never.
    """

    sends: Number = Field(default=5, ge=1, le=AUTH0_BURST)
    wrong_codes: Number = Field(default=5, ge=1, le=AUTH0_BURST)
    resend_after_seconds: tuple[Seconds, ...] = Field(default=(30, 40, 60, 90), min_length=1, max_length=AUTH0_BURST)
    voice_after_seconds: Annotated[int, Field(ge=15, le=300), NO_COERCION] | None = None


class RecipientKey(Contract):
    """A public JWK on P-256 (RFC 7517, RFC 7518 section 6.2), as `phone-mfa keys recipient` makes it.

    ``x``, ``y``: 32 bytes in base64url without padding. Other members (``kid``, ``use``, ``alg``) are ignored. A
    private key is rejected with ``ValueError``, because sending it discloses it.
    """

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: _Coordinate
    y: _Coordinate

    @model_validator(mode="before")
    @classmethod
    def _public(cls, jwk: object) -> object:
        if isinstance(jwk, dict) and "d" in jwk:
            raise ValueError("must be a public key, but this is a private key: create a new pair")
        return jwk


class Origin(Contract):
    """Whom a flow's messages and wrong codes are counted for, as keyed hashes; the client makes them.

    ``user``: the same for enrollments and challenges of a user. ``caller``: who started the flow, such as an API key of
    the gateway. ``browser``: the user's browser or device, if the caller named one. What is None is not counted, except
    that a flow without ``user`` is counted for itself.
    """

    user: KeyedHash | None = None
    caller: KeyedHash | None = None
    browser: KeyedHash | None = None


class StartFlow(Contract):
    """What the start of every flow may contain.

    ``mfa_token``: from the login that required MFA; without one the flow waits for it.
    ``mfa_token_issued_at``: when that login returned it; if unknown, its lifetime counts from receipt.
    ``recipient``: the key to seal tokens and recovery codes to; without one see the flow's result.
    ``requested_at``: when the client asked Temporal for the start, by its own clock. A client believes a run only if
    Temporal started it at about that time: a stored start that somebody copied is older.
    ``origin``: whose budgets the flow uses; set by the client.
    """

    mfa_token: Token | None = None
    mfa_token_issued_at: Time | None = None
    recipient: RecipientKey | None = None
    policy: FlowPolicy = FlowPolicy()
    requested_at: Time | None = None
    origin: Origin = Origin()


class WhenEnrolled(StrEnum):
    """What to do if the user already has a phone."""

    STOP = "stop"
    CHALLENGE_FIRST = "challenge_first"


class StartEnrollment(StartFlow):
    """Enroll ``phone_number`` as an MFA factor.

    ``phone_number``: in E.164.
    ``invited``: the user gets a link and signs in with Auth0 at the gateway, which gives the token to the flow.
    ``flow_seconds``: maximum duration of the whole flow, from one minute to seven days.
    ``when_enrolled``: ``challenge_first`` challenges the phone the user has, then enrolls this one with the resulting
    access token. The login must have requested the ``/mfa/`` audience and the scope ``enroll``. An invited user proves
    that phone by signing in, so this one is enrolled directly.
    """

    phone_number: PhoneNumber
    channel: Channel = Channel.SMS
    flow_seconds: Number = Field(default=24 * 3600, ge=60, le=LONGEST_FLOW_SECONDS)
    when_enrolled: WhenEnrolled = WhenEnrolled.STOP
    invited: bool = False


class StartChallenge(StartFlow):
    """Verify that the user holds a previously enrolled phone.

    ``channel``: which of the phone's channels to use; ``None`` uses the first active one.
    ``authenticator_id``: which phone, by Auth0's id (``sms|dev_...``); ``None`` uses the first active one.
    ``flow_seconds``: maximum duration of the whole flow, from one minute to seven days.
    """

    channel: Channel | None = None
    authenticator_id: str | None = Field(default=None, max_length=128)
    flow_seconds: Number = Field(default=3600, ge=60, le=LONGEST_FLOW_SECONDS)
