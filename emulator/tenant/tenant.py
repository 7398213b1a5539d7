"""The tenant: its switches, users, applications and logins under way. It knows the rules, and nothing of HTTP."""

import secrets
from dataclasses import dataclass, field
from typing import Literal

from emulator import errors
from emulator.phone.inbox import Channel, Inbox

from .budgets import Bucket, Budget
from .clients import MFA_OOB, Client, default_clients
from .clock import Clock
from .sessions import Login, MfaSession, OobCode, RefreshToken
from .settings import Settings
from .tokens import MFA_TOKEN_BYTES, OOB_CODE_BYTES, seal
from .users import Phone, User

BudgetName = Literal["sends", "wrong_codes", "recovery_attempts", "exchanges"]


@dataclass
class Tenant:
    """Everything a reset forgets, except the faults and the record of requests."""

    clock: Clock = field(default_factory=Clock)
    inbox: Inbox = field(default_factory=Inbox)
    settings: Settings = field(default_factory=Settings)
    clients: dict[str, Client] = field(default_factory=default_clients)
    users: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, MfaSession] = field(default_factory=dict)
    oob_codes: dict[str, OobCode] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)
    _buckets: dict[tuple[BudgetName, str], Bucket] = field(default_factory=dict)

    def add_user(self, user: User) -> None:
        """Let a user in; one address, whatever its case, is one user."""
        self.users[user.id] = user
        self._ids[user.email.lower()] = user.id

    def user_by_email(self, email: str) -> User | None:
        """The user with this address, whatever its case."""
        return self.users.get(self._ids.get(email.lower(), ""))

    @property
    def mfa_grant(self) -> bool:
        """Whether every application that logs users in has the MFA grant."""
        return all(MFA_OOB in client.grant_types for client in self.clients.values() if client.logs_users_in)

    def allow_mfa(self, allowed: bool) -> None:
        """Tick or clear the "MFA" checkbox of every application that logs users in."""
        for client in self.clients.values():
            if client.logs_users_in:
                client.allow_mfa(allowed)

    def take(self, name: BudgetName, owner: str) -> bool:
        """Spend one of a user's or session's budget; False when none is left."""
        return self._bucket(name, owner).take(self._rule(name), self.clock.now())

    def exhausted(self, name: BudgetName, owner: str) -> bool:
        """Whether a budget has nothing left."""
        return not self._bucket(name, owner).left(self._rule(name), self.clock.now())

    def seconds_to_next(self, name: BudgetName, owner: str) -> int:
        """Whole seconds until a budget has one again."""
        return self._bucket(name, owner).seconds_to_next(self._rule(name), self.clock.now())

    def start_mfa(self, login: Login) -> MfaSession:
        """Open a session with a fresh mfa_token."""
        now = self.clock.now()
        expires_at = now + self.settings.mfa_token_seconds
        session = MfaSession(seal(MFA_TOKEN_BYTES, now, expires_at), login, expires_at, opaque=True)
        self.sessions[session.token] = session
        return session

    def send_code(self, session: MfaSession, phone: Phone, channel: Channel) -> OobCode:
        """Send a message with a new code; refused when the user's sends are spent or the provider fails."""
        if not self.take("sends", session.login.user.id):
            raise errors.too_many_sms()
        if self.settings.provider_failure:
            raise errors.refused("provider_failure", "bad_gateway", "The message could not be sent by the provider.")
        now = self.clock.now()
        # The seal lives as long as the mfa_token's (recorded), the six digits in it only five minutes.
        value = seal(OOB_CODE_BYTES, now, now + self.settings.mfa_token_seconds)
        digits = f"{secrets.randbelow(10**6):06}"
        oob = OobCode(value, session.token, phone, channel, digits, now + self.settings.code_seconds)
        if not self.settings.old_codes_stay_valid:
            self._supersede(session.token)
        self.oob_codes[value] = oob
        if phone.number not in self.settings.undeliverable:
            self.inbox.deliver(phone.number, channel, digits, now)
        return oob

    def remove_phone(self, user: User, phone: Phone) -> None:
        """Forget a phone, its twin and every code sent to it."""
        user.phones.remove(phone)
        self.oob_codes = {value: oob for value, oob in self.oob_codes.items() if oob.phone is not phone}

    def _supersede(self, mfa_token: str) -> None:
        for oob in self.oob_codes.values():
            oob.spent = oob.spent or oob.mfa_token == mfa_token

    def _rule(self, name: BudgetName) -> Budget:
        rules: dict[BudgetName, Budget] = {
            "sends": self.settings.sends,
            "wrong_codes": self.settings.wrong_codes,
            "recovery_attempts": self.settings.recovery_attempts,
            "exchanges": self.settings.exchanges,
        }
        return rules[name]

    def _bucket(self, name: BudgetName, owner: str) -> Bucket:
        return self._buckets.setdefault((name, owner), Bucket())
