"""Users of the tenant and their authenticators."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from .authenticators import Authenticator, Email, Entry, Phone, Push, RecoveryCode, Totp, new_device_id


@dataclass
class User:
    """A database user. `authenticators` are in the order of association, which is also the order of lists."""

    email: str
    password: str
    email_verified: bool = False
    blocked: bool = False
    id: str = field(default_factory=lambda: f"auth0|{secrets.token_hex(12)}")
    email_device: str = field(default_factory=new_device_id)
    authenticators: list[Authenticator] = field(default_factory=list)
    created_at: float = 0.0
    """Epoch seconds of the tenant's clock, like the other times; 0 if never."""
    updated_at: float = 0.0
    last_login: float = 0.0
    logins_count: int = 0
    last_password_reset: float = 0.0
    profile: dict[str, object] | None = None
    """Members that only the Management API sets and shows, such as `name`, `username` and `user_metadata`."""

    @property
    def enrolled(self) -> bool:
        """Whether a factor is confirmed; neither an email nor a recovery code counts (reference, section 1)."""
        return any(one.active and isinstance(one, Phone | Push | Totp) for one in self.authenticators)

    @property
    def recovery(self) -> RecoveryCode | None:
        """The recovery code, confirmed or not, if any."""
        return next((one for one in self.authenticators if isinstance(one, RecoveryCode)), None)

    @property
    def factors(self) -> list[Authenticator]:
        """All authenticators except the recovery code."""
        return [one for one in self.authenticators if not isinstance(one, RecoveryCode)]

    @property
    def shown_profile(self) -> dict[str, object]:
        """The profile with Auth0's defaults for what was never set: name, nickname and picture (recorded)."""
        local = self.email.partition("@")[0]
        return {"nickname": local, "name": self.email, "picture": _gravatar(self.email), **(self.profile or {})}

    def all(self, *, with_email: bool) -> Iterator[Authenticator]:
        """Yields all authenticators, last the verified address that the email factor enrolls itself (recorded)."""
        yield from self.authenticators
        if with_email and self.email_verified:
            yield Email(self.email, active=True, device=self.email_device)

    def device(self, device: str) -> Authenticator | None:
        """Returns the authenticator with this device id."""
        return next((one for one in self.all(with_email=True) if one.device == device), None)

    def named(self, authenticator_id: str) -> Authenticator | None:
        """Returns the authenticator listed under an id such as `sms|dev_...`; None for a wrong prefix."""
        prefix, _, device = authenticator_id.partition("|")
        found = self.device(device)
        if not found:
            return None
        prefixes = found.channels if isinstance(found, Phone) else (found.kind,)
        return found if prefix in prefixes else None

    def store(self, authenticators: Iterable[Authenticator], now: float) -> None:
        """Append authenticators, created now."""
        for one in authenticators:
            one.created_at = now
            self.authenticators.append(one)

    def note_login(self, now: float) -> None:
        """Count a completed login."""
        self.last_login, self.logins_count = now, self.logins_count + 1

    def confirm(self, authenticator: Authenticator, now: float) -> None:
        """Activate an authenticator, its twins, and, once the user has a factor, the recovery code."""
        _activate(authenticator, now)
        for other in self.authenticators:
            if isinstance(other, Totp) and other.push_device == authenticator.device:
                _activate(other, now)
        if self.recovery and self.enrolled:
            _activate(self.recovery, now)

    def remove(self, authenticator: Authenticator) -> None:
        """Remove an authenticator; a push and its one-time passwords are removed together (Auth0 docs)."""
        device = authenticator.push_device if isinstance(authenticator, Totp) else None
        gone = {authenticator.device, device}
        self.authenticators = [
            one
            for one in self.authenticators
            if one.device not in gone and not (isinstance(one, Totp) and one.push_device in gone - {None})
        ]

    def listed(self, *, with_email: bool, with_type: bool) -> list[Entry]:
        """Returns the entries of `GET /mfa/authenticators`; `type` is for early access tenants only."""
        entries = [entry for one in self.all(with_email=with_email) for entry in one.entries()]
        return entries if with_type else [_without(entry, "type") for entry in entries]


def _activate(authenticator: Authenticator, now: float) -> None:
    if not authenticator.active:
        authenticator.active, authenticator.enrolled_at = True, now


def _without(entry: Entry, member: str) -> Entry:
    return {name: value for name, value in entry.items() if name != member}


def _gravatar(email: str) -> str:
    """Returns the address of the default picture (recorded)."""
    digest = hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
    letters = re.sub("[^a-z]", "", email.partition("@")[0].lower())[:2]
    own = quote(f"https://cdn.auth0.com/avatars/{letters or 'default'}.png", safe="")
    return f"https://s.gravatar.com/avatar/{digest}?s=480&r=pg&d={own}"
