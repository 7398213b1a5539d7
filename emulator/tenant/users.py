"""The people of the tenant and what they have enrolled, and how Auth0 lists and masks it."""

import secrets
import string
from dataclasses import dataclass, field

from emulator.phone.inbox import Channel

_ALPHANUMERIC = string.ascii_letters + string.digits
_RECOVERY_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_device_id() -> str:
    """`dev_` and 16 letters or digits (recorded)."""
    return "dev_" + "".join(secrets.choice(_ALPHANUMERIC) for _ in range(16))


def new_recovery_code() -> str:
    """24 capitals and digits without 0, I and O (recorded samples)."""
    return "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(24))


@dataclass
class Phone:
    """One associated number (E.164). With both channels it is listed twice under the same device id: twins."""

    number: str
    channels: tuple[Channel, ...]
    preferred: Channel
    active: bool = False
    device: str = field(default_factory=new_device_id)


@dataclass
class RecoveryCode:
    """The user's recovery code; it works once a phone is confirmed, and changes with each use."""

    code: str = field(default_factory=new_recovery_code)
    active: bool = False
    device: str = field(default_factory=new_device_id)


@dataclass
class User:
    """A database user."""

    email: str
    password: str
    email_verified: bool = False
    blocked: bool = False
    id: str = field(default_factory=lambda: f"auth0|{secrets.token_hex(12)}")
    email_device: str = field(default_factory=new_device_id)
    phones: list[Phone] = field(default_factory=list)
    recovery: RecoveryCode | None = None

    @property
    def enrolled(self) -> bool:
        """Whether a factor is confirmed; neither an email nor a recovery code counts (reference, section 1)."""
        return any(phone.active for phone in self.phones)

    def confirm(self, phone: Phone) -> None:
        """Make a phone, and with it the recovery code, usable."""
        phone.active = True
        if self.recovery:
            self.recovery.active = True

    def phone(self, authenticator_id: str) -> tuple[Phone, Channel] | None:
        """The phone and channel listed as `sms|dev_...` or `voice|dev_...`."""
        for phone in self.phones:
            for channel in phone.channels:
                if authenticator_id == f"{channel}|{phone.device}":
                    return phone, channel
        return None

    def authenticators(self, *, with_email: bool) -> list[dict[str, object]]:
        """What `GET /mfa/authenticators` lists, members in recorded order; a verified email comes last."""
        listed = [entry for phone in self.phones for entry in _phone_entries(phone)]
        if self.recovery:
            listed.append(_entry("recovery-code", self.recovery.device, "recovery-code", self.recovery.active))
        if with_email and self.email_verified:
            oob = {"oob_channel": "email", "name": masked_email(self.email)}
            listed.append(_entry("email", self.email_device, "oob", True) | oob)
        return listed


def masked_phone(number: str) -> str:
    """All but the last four characters as X, the + too (recorded)."""
    return "X" * (len(number) - 4) + number[-4:]


def masked_email(email: str) -> str:
    """`chuck334@example.com` as `chuc****@exam*******` (recorded); a short local part becomes four stars."""
    local, _, domain = email.partition("@")
    shown = "****" if len(local) <= 4 else local[:4] + "*" * (len(local) - 4)
    return f"{shown}@{domain[:4]}{'*' * (len(domain) - 4)}"


def _phone_entries(phone: Phone) -> list[dict[str, object]]:
    name = masked_phone(phone.number)
    return [
        _entry(channel, phone.device, "oob", phone.active) | {"oob_channel": channel, "name": name}
        for channel in phone.channels
    ]


def _entry(prefix: str, device: str, authenticator_type: str, active: bool) -> dict[str, object]:
    return {"id": f"{prefix}|{device}", "authenticator_type": authenticator_type, "active": active}
