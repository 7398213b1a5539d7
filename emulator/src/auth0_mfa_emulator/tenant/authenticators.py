"""Authenticators: one class per kind, and how the MFA API lists and masks each (reference 2.6).

`name` is a label that only the Management API sets and shows, except for a push: there it is the device's.
"""

import secrets
import string
from dataclasses import dataclass, field
from typing import Annotated, Literal

import pyotp
from pydantic import AfterValidator, Field

from auth0_mfa_emulator.phone.message import Channel

Entry = dict[str, object]
"""One element of `GET /mfa/authenticators`, members in recorded order."""

E164 = r"^\+[1-9][0-9]{6,14}$"
"""A phone number, for `re.fullmatch` and for fields: at most 15 digits (ITU-T E.164)."""
ALPHANUMERIC = string.ascii_letters + string.digits
_RECOVERY_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_device_id() -> str:
    """Returns `dev_` and 16 letters or digits (recorded)."""
    return "dev_" + random_text(ALPHANUMERIC, 16)


def new_recovery_code() -> str:
    """Returns 24 capitals and digits without 0, I and O (recorded samples)."""
    return random_text(_RECOVERY_ALPHABET, 24)


@dataclass(kw_only=True)
class Times:
    """When an authenticator was stored, confirmed by a code or push, and last used.

    Epoch seconds of the tenant's clock; 0 if never.
    """

    created_at: float = 0.0
    enrolled_at: float = 0.0
    last_auth: float = 0.0


@dataclass
class Phone(Times):
    """A phone number (E.164). With both channels it is listed twice under one device id, as twins."""

    number: str
    channels: tuple[Channel, ...]
    preferred: Channel
    active: bool = False
    device: str = field(default_factory=new_device_id)
    kind: Literal["phone"] = "phone"
    name: str | None = None

    def entries(self) -> list[Entry]:
        """Returns one entry per channel."""
        oob = {"name": masked_phone(self.number)}
        return [_entry(channel, self, "phone", "oob") | {"oob_channel": channel} | oob for channel in self.channels]


@dataclass
class Email(Times):
    """An e-mail address."""

    address: str
    active: bool = False
    device: str = field(default_factory=new_device_id)
    kind: Literal["email"] = "email"
    name: str | None = None

    def entries(self) -> list[Entry]:
        """Returns one entry."""
        oob = {"oob_channel": "email", "name": masked_email(self.address)}
        return [_entry("email", self, "email", "oob") | oob]


@dataclass
class Push(Times):
    """The Guardian app on a device. Its name is shown once it is confirmed (recorded)."""

    name: str = "Emulated phone"
    active: bool = False
    device: str = field(default_factory=new_device_id)
    kind: Literal["push"] = "push"

    def entries(self) -> list[Entry]:
        """Returns one entry."""
        named = {"name": self.name} if self.active else {}
        return [_entry("push", self, "push-notification", "oob") | {"oob_channel": "auth0"} | named]


@dataclass
class Totp(Times):
    """An authenticator app: 32 base32 characters, SHA1, 6 digits, 30 s (recorded).

    `push_device` is the push it is added and removed with; `last_step` is the 30 s step of the last accepted code.
    """

    secret: str = field(default_factory=lambda: pyotp.random_base32(32))
    active: bool = False
    device: str = field(default_factory=new_device_id)
    push_device: str | None = None
    last_step: int = 0
    kind: Literal["totp"] = "totp"
    name: str | None = None

    def entries(self) -> list[Entry]:
        """Returns one entry."""
        return [_entry("totp", self, "otp", "otp")]

    def code_at(self, now: float) -> str:
        """Returns the code that the app shows."""
        return pyotp.TOTP(self.secret).generate_otp(int(now) // 30)

    def step_of(self, code: str, now: float) -> int:
        """Returns the step of an unused code of this step or the one before (Auth0 support); 0 if invalid."""
        newest = int(now) // 30
        taken = self.last_step if self.last_step <= newest else 0  # the clock was set back
        steps = (step for step in (newest, newest - 1) if step > taken)
        return next((step for step in steps if code == pyotp.TOTP(self.secret).generate_otp(step)), 0)


@dataclass
class RecoveryCode(Times):
    """The user's recovery code; active once a factor is confirmed, and replaced with each use."""

    code: str = field(default_factory=new_recovery_code)
    active: bool = False
    device: str = field(default_factory=new_device_id)
    kind: Literal["recovery-code"] = "recovery-code"
    name: str | None = None

    def entries(self) -> list[Entry]:
        """Returns one entry."""
        return [_entry("recovery-code", self, "recovery-code", "recovery-code")]


# Discriminated by kind: trying each type in turn would generate secrets for all of them.
Authenticator = Annotated[Phone | Email | Push | Totp | RecoveryCode, Field(discriminator="kind")]


def _usable(secret: str) -> str:
    pyotp.TOTP(secret).generate_otp(0)  # raises ValueError if too short, or of a length that base32 does not have
    return secret


TotpSecret = Annotated[str, Field(pattern=r"\A[A-Z2-7]{16,128}\z"), AfterValidator(_usable)]
"""A base32 secret that yields codes."""


def masked_phone(number: str) -> str:
    """Replaces all but the last four characters with X, the + included (recorded)."""
    return "X" * (len(number) - 4) + number[-4:]


def masked_email(email: str) -> str:
    """Masks `chuck334@example.com` as `chuc****@exam*******` (recorded); a short local part becomes four stars."""
    local, _, domain = email.partition("@")
    shown = "****" if len(local) <= 4 else local[:4] + "*" * (len(local) - 4)
    return f"{shown}@{domain[:4]}{'*' * (len(domain) - 4)}"


def _entry(prefix: str, authenticator: Authenticator, type_: str, authenticator_type: str) -> Entry:
    return {
        "id": f"{prefix}|{authenticator.device}",
        "type": type_,
        "authenticator_type": authenticator_type,
        "active": authenticator.active,
    }


def random_text(alphabet: str, length: int) -> str:
    """Returns random characters, ten times as fast as by choosing each, which matters for 100,000 users."""
    number, letters = secrets.randbelow(len(alphabet) ** length), []
    for _ in range(length):
        number, index = divmod(number, len(alphabet))
        letters.append(alphabet[index])
    return "".join(letters)
