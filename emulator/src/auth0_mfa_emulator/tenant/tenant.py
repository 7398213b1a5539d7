"""The tenant: settings, users, applications and pending logins. Implements the rules, independent of HTTP."""

from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Literal, TypeVar, cast

from auth0_mfa_emulator.phone.inbox import Inbox
from auth0_mfa_emulator.storage.table import Table

from .clients import MFA_OOB, Client, default_clients
from .clock import Clock
from .device_codes import DeviceCode
from .events import Event, EventLog, EventType
from .growing_waits import GrowingWait
from .sessions import Login, MfaSession, OobCode, RefreshToken
from .settings import Settings
from .sign_ins import AuthorizationCode, BrowserSession, SignIn, TrustedBrowser
from .tickets import Ticket
from .token_buckets import Bucket, Budget
from .tokens import MFA_TOKEN_BYTES, seal
from .users import User

Kept = TypeVar("Kept")
BudgetName = Literal["sends", "emails", "pushes", "wrong_codes", "recovery_attempts", "exchanges", "logins"]
_REMEMBERED_SECONDS = 86_400
"""How long an expired token is reported as expired; after a day it counts as malformed."""
KEPT = 100_000
"""How many tokens and codes are kept; beyond that, expired ones, and the oldest refresh tokens, are dropped."""
KEPT_SIGN_INS = 10_000
"""How many visits, browser sessions, trusted browsers, authorization codes and device codes are kept, each."""
_SWEPT_EVERY = 1_000
"""Logins between two sweeps; a sweep of 100,000 takes milliseconds."""


@dataclass
class Tenant:
    """Everything a reset clears, except the faults and the request log."""

    clock: Clock = field(default_factory=Clock)
    inbox: Inbox = field(default_factory=Inbox)
    settings: Settings = field(default_factory=Settings)
    log: EventLog = field(default_factory=EventLog)
    clients: Table[Client] = field(default_factory=default_clients)
    users: Table[User] = field(default_factory=Table)
    user_ids: Table[str] = field(default_factory=Table)
    """User id by lowercase e-mail address."""
    sessions: Table[MfaSession] = field(default_factory=Table)
    oob_codes: Table[OobCode] = field(default_factory=Table)
    newest_codes: Table[str] = field(default_factory=Table)
    """The latest oob_code, by mfa_token."""
    refresh_tokens: Table[RefreshToken] = field(default_factory=Table)
    failed_logins: Table[int] = field(default_factory=Table)
    """Consecutive wrong passwords, by e-mail address and IP address."""
    buckets: Table[Bucket] = field(default_factory=Table)
    growing_waits: Table[GrowingWait] = field(default_factory=Table)
    """Use of the phone provider, by user id, where waits grow in place of a budget."""
    tickets: Table[Ticket] = field(default_factory=Table)
    """Enrollment tickets, by id."""
    sign_ins: Table[SignIn] = field(default_factory=Table)
    """Visits to the login pages, by the `state` in their addresses."""
    browser_sessions: Table[BrowserSession] = field(default_factory=Table)
    """Single sign-on sessions, by the value of their cookie."""
    trusted_browsers: Table[TrustedBrowser] = field(default_factory=Table)
    """Browsers that need not repeat MFA, by the value of their cookie."""
    authorization_codes: Table[AuthorizationCode] = field(default_factory=Table)
    device_codes: Table[DeviceCode] = field(default_factory=Table)
    user_grants: Table[list[str]] = field(default_factory=Table)
    """Scopes a user consented to, by user, application and audience."""

    def add_user(self, user: User) -> None:
        """Add a user; addresses are unique and case-insensitive."""
        user.created_at = user.updated_at = self.clock.now()
        self.users[user.id] = user
        self.user_ids[user.email.lower()] = user.id

    def user_by_email(self, email: str) -> User | None:
        """Returns the user with this address, case-insensitively."""
        return self.users.get(self.user_ids.get(email.lower(), ""))

    def add_ticket(self, ticket: Ticket) -> None:
        """Store an enrollment ticket; the oldest goes if there are too many."""
        self.tickets[ticket.id] = ticket
        if len(self.tickets) > KEPT:
            del self.tickets[next(iter(self.tickets))]

    def keep(self, table: Table[Kept], key: str, value: Kept) -> None:
        """Store a short-lived value; the oldest goes if there are too many."""
        table[key] = value
        if len(table) > KEPT_SIGN_INS:
            del table[next(iter(table))]

    def rename_user(self, user: User, email: str) -> None:
        """Change a user's address, which no other user has."""
        self.user_ids.pop(user.email.lower(), None)
        user.email = email
        self.user_ids[email.lower()] = user.id

    def remove_user(self, user: User) -> None:
        """Remove a user with all logins and tokens that refer to them."""
        del self.users[user.id]
        self.user_ids.pop(user.email.lower(), None)
        self.tickets.remove_all([name for name, one in self.tickets.items() if one.user_id == user.id])
        self.growing_waits.pop(user.id, None)
        logins = {token for token, one in self.sessions.items() if one.login.user_id == user.id}
        self.sessions.remove_all(logins)
        self.oob_codes.remove_all([value for value, one in self.oob_codes.items() if one.mfa_token in logins])
        self.newest_codes.remove_all(logins & self.newest_codes.keys())
        self.refresh_tokens.remove_all(
            [token for token, one in self.refresh_tokens.items() if one.login.user_id == user.id]
        )
        self._sign_out(user)

    def _sign_out(self, user: User) -> None:
        """Forget a user's sign-ins, browser sessions, codes and consents."""
        for table in (self.sign_ins, self.browser_sessions, self.trusted_browsers):
            table.remove_all([key for key, one in table.items() if one.user_id == user.id])
        codes = self.authorization_codes
        codes.remove_all([value for value, one in codes.items() if one.login.user_id == user.id])
        self.user_grants.remove_all([key for key in self.user_grants if key.startswith(f"{user.id} ")])

    def forget_sign_ins(self, session: str) -> None:
        """Forget the visits to the login pages that rest on a browser session, so that none of them opens it again."""
        self.sign_ins.remove_all([key for key, one in self.sign_ins.items() if one.session == session])

    def forget_failed_logins(self, user: User) -> None:
        """Lift the blocks that wrong passwords caused, from whatever address."""
        own = user.email.lower()
        self.failed_logins.remove_all([one for one in self.failed_logins if one.rpartition(" ")[0] == own])

    def user_of(self, session: MfaSession) -> User:
        """Returns the user who is logging in."""
        return self.users[session.login.user_id]

    @property
    def mfa_grant(self) -> bool:
        """Whether every application that logs users in has the MFA grant."""
        return all(MFA_OOB in client.grant_types for client in self.clients.values() if client.logs_users_in)

    def allow_mfa(self, allowed: bool) -> None:
        """Check or clear the "MFA" checkbox of every application that logs users in."""
        for client_id in list(self.clients):
            if self.clients[client_id].logs_users_in:
                self.clients[client_id].allow_mfa(allowed)

    def take(self, name: BudgetName, owner: str) -> bool:
        """Spend one unit of a user's or session's budget. Returns False if none is left."""
        if name == "sends" and self.settings.phone_protection == "exponential":
            return self.growing_waits.setdefault(owner, GrowingWait()).take(self.settings.waits, self.clock.now())
        return self._bucket(name, owner).take(self._rule(name), self.clock.now())

    def exhausted(self, name: BudgetName, owner: str) -> bool:
        """Whether a budget is exhausted."""
        return not self._bucket(name, owner).left(self._rule(name), self.clock.now())

    def seconds_to_next(self, name: BudgetName, owner: str) -> int:
        """Returns the whole seconds until a budget has one unit again."""
        return self._bucket(name, owner).seconds_to_next(self._rule(name), self.clock.now())

    def note(self, event: EventType, user: User | None = None, client_id: str | None = None, **details: str) -> None:
        """Write an event to the tenant log."""
        user_id, user_name = (user.id, user.email) if user else (None, None)
        self.log.add(Event(self.log.next_id, self.clock.now(), event, user_id, user_name, client_id, details))

    def start_mfa(self, login: Login) -> MfaSession:
        """Open a session with a fresh mfa_token."""
        now = self.clock.now()
        if len(self.sessions) % _SWEPT_EVERY == 0:
            self._sweep(now)
        expires_at = now + self.settings.mfa_token_seconds
        session = MfaSession(seal(MFA_TOKEN_BYTES, now, expires_at), login, expires_at, opaque=True)
        self.sessions[session.token] = session
        return session

    def remember(self, token: str, refresh: RefreshToken) -> None:
        """Store a refresh token, with which a login can be repeated."""
        self.refresh_tokens[token] = refresh
        if len(self.refresh_tokens) > KEPT:
            del self.refresh_tokens[next(iter(self.refresh_tokens))]

    def _sweep(self, now: float) -> None:
        """Drop what expired long ago, or recently if there is too much of it, and every budget that is full again."""
        self.sessions.remove_all(
            [token for token, session in self.sessions.items() if _dead(session, self.sessions, now)]
        )
        self.oob_codes.remove_all([value for value, code in self.oob_codes.items() if _dead(code, self.oob_codes, now)])
        self.newest_codes.remove_all(
            [token for token, value in self.newest_codes.items() if value not in self.oob_codes]
        )
        self.buckets.remove_all([key for key, bucket in self.buckets.items() if self._whole(key, bucket, now)])

    def _whole(self, key: str, bucket: Bucket, now: float) -> bool:
        rule = self._rule(cast(BudgetName, key.partition(" ")[0]))
        return bucket.left(rule, now) == rule.burst

    def _rule(self, name: BudgetName) -> Budget:
        rule: Budget = getattr(self.settings, name)
        return rule

    def _bucket(self, name: BudgetName, owner: str) -> Bucket:
        key = f"{name} {owner}"
        bucket = self.buckets.get(key)
        if bucket is None:
            bucket = self.buckets[key] = Bucket()
        return bucket


def _dead(one: MfaSession | OobCode, table: Sized, now: float) -> bool:
    return one.expires_at < now - (0 if len(table) > KEPT else _REMEMBERED_SECONDS)
