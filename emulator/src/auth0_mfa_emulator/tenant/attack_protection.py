"""Settings of attack protection that the Management API reads and writes, with recorded members.

Only brute-force protection changes how the tenant answers: its number of attempts is the setting
`brute_force_attempts`. The others are stored and shown.
"""

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Shield = Literal["block", "user_notification", "admin_notification"]
BruteForceShield = Literal["block", "user_notification"]
AdminShield = Literal["block", "admin_notification"]
Frequency = Literal["immediately", "daily", "weekly", "monthly"]


def _network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError:
        raise ValueError("Input should be an IP address or a range in CIDR notation") from None
    return text


Addresses = Annotated[list[Annotated[str, Field(max_length=100), AfterValidator(_network)]], Field(max_length=100)]


class _Members(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class BruteForce(_Members):
    """`max_attempts` is what applies once protection is enabled again."""

    shields: list[BruteForceShield] = ["block", "user_notification"]
    mode: Literal["count_per_identifier_and_ip", "count_per_identifier"] = "count_per_identifier_and_ip"
    allowlist: Addresses = []
    max_attempts: int = Field(10, ge=1, le=100)


class Shields(_Members):
    """Shields of one stage."""

    shields: list[AdminShield] = []


class BreachedPasswords(_Members):
    """Detection of breached passwords."""

    enabled: bool = False
    shields: list[Shield] = []
    admin_notification_frequency: list[Frequency] = []
    method: Literal["standard", "enhanced"] = "standard"
    stage: dict[Literal["pre-user-registration", "pre-change-password"], Shields] = {
        "pre-user-registration": Shields(),
        "pre-change-password": Shields(),
    }


class Rate(_Members):
    """Attempts, and the milliseconds in which one more is allowed."""

    max_attempts: int = Field(ge=1, le=1_000_000)
    rate: int = Field(ge=1, le=86_400_000)


class SuspiciousIps(_Members):
    """Throttling of suspicious addresses."""

    enabled: bool = True
    shields: list[AdminShield] = ["block", "admin_notification"]
    allowlist: Addresses = []
    stage: dict[Literal["pre-login", "pre-user-registration", "pre-custom-token-exchange"], Rate] = {
        "pre-login": Rate(max_attempts=100, rate=864_000),
        "pre-user-registration": Rate(max_attempts=50, rate=1_200),
        "pre-custom-token-exchange": Rate(max_attempts=10, rate=600_000),
    }
