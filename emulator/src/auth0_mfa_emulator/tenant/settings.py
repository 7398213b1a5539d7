"""The tenant's switches: what `PATCH /_control/tenant` can change and `GET /_control/tenant` shows.

Each default is Auth0's documented number. Where no public source settles Auth0's behaviour (the reference says
UNCONFIRMED) the switch lets a test try the other answer.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from auth0_mfa_emulator.phone.message import Channel

from .refusals import Refusals
from .token_buckets import Budget

YEAR = 86_400 * 365

Plan = Literal["free", "essentials", "professional", "enterprise"]
Seconds = Annotated[float, Field(gt=0, le=YEAR)]
WholeSeconds = Annotated[int, Field(gt=0, le=YEAR)]


class Settings(BaseModel):
    """The switches. Lifetimes are seconds of the tenant's clock, budgets `{"burst", "per_seconds"}`."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    friendly_name: str = Field("Emulated Tenant", min_length=1, max_length=100)
    """The tenant's name in messages and in the addresses of QR codes."""
    origin_bound_host: str | None = Field(
        None, max_length=253, pattern=r"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?\z"
    )
    """Whose site codes are for, as texts then say in a last line of their own: a host, and a port if it needs one."""
    mfa_required: bool = True
    """Whether every login needs MFA; when not, only a token for the MFA API itself does."""
    mfa_grant: bool = True
    """Whether the applications that log users in have the three MFA grants."""
    mfa_requirements: bool = False
    """The early access "Customize MFA": `mfa_requirements` in mfa_required, `type` in lists."""
    mfa_audience: str | None = None
    """Another audience that means the MFA API, besides `/mfa/` of the host called: for a custom domain."""

    phone_factor: bool = True
    channels: list[Channel] = ["sms", "voice"]
    email_factor: bool = True
    """Whether an address can be enrolled, and a verified one is listed by itself."""
    push_factor: bool = True
    otp_factor: bool = True
    recovery_codes: bool = True

    code_seconds: Seconds = 300
    mfa_token_seconds: Seconds = 600
    mfa_access_token_seconds: WholeSeconds = 600
    access_token_seconds: WholeSeconds = 86_400

    sends: Budget = Budget(burst=10, per_seconds=3600)
    """Texts and calls of a user."""
    emails: Budget = Budget(burst=20, per_seconds=60)
    pushes: Budget = Budget(burst=5, per_seconds=12)
    wrong_codes: Budget = Budget(burst=10, per_seconds=360)
    recovery_attempts: Budget = Budget(burst=10, per_seconds=360)
    exchanges: Budget = Budget(burst=12, per_seconds=5)
    """Calls of the mfa-oob grant of a session."""
    logins: Budget = Budget(burst=20, per_seconds=6)
    """Logins of a user from one address, right or wrong (Auth0 docs, database login limits)."""
    brute_force_attempts: int | None = Field(10, ge=1, le=100)
    """Wrong passwords for a user from one address until it is blocked; null is no protection (Auth0 docs)."""
    suspicious_ip: bool = False
    """Whether every login comes from an address under suspicion and is refused."""
    plan: Plan | None = None
    """Whose limit on all calls to the Authentication API holds; None is no limit."""
    rate_limit: Budget | None = None
    """A limit on all calls to the Authentication API that holds in place of the plan's."""
    rate_limit_retry_after: bool = False
    """Whether a 429 of that limit also says Retry-After, which Auth0 documents only for other limits."""
    max_authenticators: int = Field(50, ge=1, le=100_000)
    """How many authenticators a user may have stored, confirmed or not (community report: 50)."""

    old_codes_stay_valid: bool = True
    """Whether a code still works after a newer one was sent in the same session."""
    mfa_token_single_use: bool = True
    """Whether a session that has yielded tokens can yield no more; it can still list."""
    late_confirmation: bool = False
    """Whether an mfa_token can confirm a pending authenticator after the user has another one confirmed."""
    wrong_codes_per: Literal["user", "oob_code"] = "user"
    """What the budget of wrong codes is of."""
    lockout_blocks_challenge: bool = True
    """Whether too many wrong codes refuse new challenges as well as codes."""
    challenge_with_access_token: bool = False
    """Whether `/mfa/challenge` takes an access token for the MFA API as its mfa_token."""
    challenge_with_basic: bool = True
    """Whether `/mfa/challenge` takes client credentials by HTTP Basic."""
    same_number: Literal["add", "replace_pending", "refuse"] = "add"
    """What associating a number the user has already does."""
    twins_always: bool = False
    """Whether a phone is listed for sms and voice even where the tenant has one of them only."""
    newest_first: bool = False
    """Whether lists begin with the newest authenticator."""
    refusals: Refusals = Refusals()

    @field_validator("channels")
    @classmethod
    def _each_once(cls, channels: list[Channel]) -> list[Channel]:
        return sorted(set(channels))

    @property
    def phone_channels(self) -> tuple[Channel, ...]:
        """The channels a phone enrolled now is listed for."""
        return ("sms", "voice") if self.twins_always else tuple(self.channels)

    def patched(self, patch: dict[str, object]) -> "Settings":
        """These switches with some changed; a member of a nested object may be changed alone."""
        return Settings.model_validate(_merged(self.model_dump(), patch))


def _merged(old: dict[str, object], patch: dict[str, object]) -> dict[str, object]:
    merged = dict(old)
    for name, value in patch.items():
        before = merged.get(name)
        merged[name] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
