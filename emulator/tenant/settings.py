"""The tenant's switches: what `PATCH /_control/tenant` can change and `GET /_control/tenant` shows.

Each default is Auth0's documented number. Where no public source settles Auth0's behaviour (the reference says
UNCONFIRMED) the switch lets a test try the other answer.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from emulator.phone.inbox import Channel

from .budgets import Budget

_STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
YEAR = 86_400 * 365

Status = Annotated[int, Field(ge=400, le=599)]
Seconds = Annotated[float, Field(gt=0, le=YEAR)]
WholeSeconds = Annotated[int, Field(gt=0, le=YEAR)]


class Statuses(BaseModel):
    """HTTP statuses of refusals whose `error` is attested and whose status is not."""

    model_config = _STRICT

    association_required: Status = 401
    expired_token: Status = 403
    too_many_sms: Status = 400
    too_many_failed_codes: Status = 400
    invalid_phone: Status = 400
    factor_unavailable: Status = 403
    insufficient_scope: Status = 403
    invalid_authenticator: Status = 400
    provider_failure: Status = 502
    user_blocked: Status = 401
    unsupported_grant_type: Status = 403


class Settings(BaseModel):
    """The switches. Lifetimes are seconds of the tenant's clock, budgets `{"burst", "per_seconds"}`."""

    model_config = _STRICT

    mfa_required: bool = True
    """Whether every login needs MFA; when not, only a token for the MFA API itself does."""
    mfa_grant: bool = True
    """Whether the applications that log users in have the three MFA grants."""
    phone_factor: bool = True
    email_factor: bool = False
    """Whether verified emails are listed as authenticators; they can be neither enrolled nor challenged here."""
    recovery_codes: bool = True
    channels: list[Channel] = ["sms", "voice"]

    code_seconds: Seconds = 300
    mfa_token_seconds: Seconds = 600
    mfa_access_token_seconds: WholeSeconds = 600
    access_token_seconds: WholeSeconds = 86_400

    sends: Budget = Budget(burst=10, per_seconds=3600)
    wrong_codes: Budget = Budget(burst=10, per_seconds=360)
    recovery_attempts: Budget = Budget(burst=10, per_seconds=360)
    exchanges: Budget = Budget(burst=12, per_seconds=5)
    rate_limit: Budget | None = None
    max_authenticators: int = Field(50, ge=1, le=100_000)
    """How many phones a user may have stored, confirmed or not (community report: 50)."""

    provider_failure: bool = False
    """Whether the delivery provider refuses at once; the send is counted and nothing is stored."""
    undeliverable: list[str] = []
    """Numbers whose messages are accepted and then lost."""

    old_codes_stay_valid: bool = True
    """Whether a code still works after a newer one was sent in the same session."""
    mfa_token_single_use: bool = True
    """Whether a session that has yielded tokens can yield no more; it can still list."""
    lockout_blocks_challenge: bool = True
    """Whether too many wrong codes refuse new challenges as well as codes."""
    challenge_with_access_token: bool = False
    """Whether `/mfa/challenge` takes an access token for the MFA API as its mfa_token."""
    statuses: Statuses = Statuses()

    @field_validator("channels")
    @classmethod
    def _each_once(cls, channels: list[Channel]) -> list[Channel]:
        return sorted(set(channels))

    def patched(self, patch: dict[str, object]) -> "Settings":
        """These switches with some changed; a member of a nested object may be changed alone."""
        whole = self.model_dump()
        for name, value in patch.items():
            old = whole.get(name)
            whole[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        return Settings.model_validate(whole)
