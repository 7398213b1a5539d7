"""An application's rules for its refresh tokens: rotation and lifetimes, with the members of the Management API."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_YEAR = 31_557_600
"""The longest lifetime, in seconds: 365.25 days (Auth0 docs, refresh token expiration)."""
_MONTH = 2_592_000
"""The default lifetime, in seconds: 30 days (Auth0 docs, refresh token rotation)."""

Seconds = Annotated[int, Field(ge=1, le=_YEAR)]


class RefreshTokenRules(BaseModel):
    """Lifetimes are seconds, and end a token or its family only if they are not infinite.

    `leeway` is for how many seconds a replaced token can still be exchanged.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    rotation_type: Literal["rotating", "non-rotating"]
    expiration_type: Literal["expiring", "non-expiring"]
    leeway: int = Field(0, ge=0, le=_YEAR)
    token_lifetime: Seconds = _MONTH
    infinite_token_lifetime: bool = False
    idle_token_lifetime: Seconds = _MONTH
    infinite_idle_token_lifetime: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "RefreshTokenRules":
        finite = not self.infinite_token_lifetime and not self.infinite_idle_token_lifetime
        if finite and self.idle_token_lifetime > self.token_lifetime:
            raise ValueError("idle_token_lifetime must not exceed token_lifetime")
        if self.rotating and self.expiration_type != "expiring":
            raise ValueError("expiration_type must be expiring if rotation_type is rotating")
        return self

    @property
    def rotating(self) -> bool:
        """Whether each exchange replaces the refresh token."""
        return self.rotation_type == "rotating"

    def expiry(self, now: float) -> float | None:
        """Returns when a token issued now expires, in epoch seconds; None for never."""
        endless = self.expiration_type == "non-expiring" or self.infinite_token_lifetime
        return None if endless else now + self.token_lifetime

    def idle(self, last_used: float, now: float) -> bool:
        """Whether a token expired because it was not used."""
        endless = self.expiration_type == "non-expiring" or self.infinite_idle_token_lifetime
        return not endless and now >= last_used + self.idle_token_lifetime


NON_ROTATING = RefreshTokenRules(
    rotation_type="non-rotating",
    expiration_type="non-expiring",
    infinite_token_lifetime=True,
    infinite_idle_token_lifetime=True,
)
"""The rules of an application without any."""
ROTATING = RefreshTokenRules(rotation_type="rotating", expiration_type="expiring")
"""The rules of a single-page application without any: it always rotates (Auth0 docs, refresh token expiration)."""
