"""State of an emulator with its log of calls; a reset replaces everything except the signing key."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from auth0_mfa_emulator.calls.faults import Faults
from auth0_mfa_emulator.calls.rate_limit import RateLimit
from auth0_mfa_emulator.phone.message import Message
from auth0_mfa_emulator.phone.message_faults import MessageFault
from auth0_mfa_emulator.storage.sqlite import Singles, SqliteStore, Tables
from auth0_mfa_emulator.tenant.clients import Client
from auth0_mfa_emulator.tenant.clock import Reading
from auth0_mfa_emulator.tenant.device_codes import DeviceCode
from auth0_mfa_emulator.tenant.events import Event
from auth0_mfa_emulator.tenant.growing_waits import GrowingWait
from auth0_mfa_emulator.tenant.sessions import MfaSession, OobCode, RefreshToken
from auth0_mfa_emulator.tenant.settings import Settings
from auth0_mfa_emulator.tenant.sign_ins import AuthorizationCode, BrowserSession, SignIn, TrustedBrowser
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.tickets import Ticket
from auth0_mfa_emulator.tenant.token_buckets import Bucket
from auth0_mfa_emulator.tenant.tokens import Signer
from auth0_mfa_emulator.tenant.users import User

NEWEST_CALLS = 100_000
"""How many of the newest calls are kept: a day at one call a second, about 20 MB however long a load test runs."""
LONGEST_PATH = 1_000
"""How many characters of a path are kept; a request line can have 64 KB."""


@dataclass(slots=True)
class Call:
    """One call. `status` is that of the processed call, None if it was not processed or is still in progress."""

    method: str
    path: str
    status: int | None = None


@dataclass
class RequestLog:
    """The newest calls since the last reset, except those to the control plane and the phone page."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=NEWEST_CALLS))

    def open(self, method: str, path: str) -> Call:
        """Record the arrival of a call."""
        call = Call(method, path[:LONGEST_PATH])
        self.calls.append(call)
        return call


@dataclass
class Emulator:
    """A tenant with its signer, faults, request log, rate limit and store."""

    signer: Signer = field(default_factory=Signer)
    tenant: Tenant = field(default_factory=Tenant)
    faults: Faults = field(default_factory=Faults)
    request_log: RequestLog = field(default_factory=RequestLog)
    rate_limit: RateLimit = field(default_factory=RateLimit)
    store: SqliteStore | None = None
    smtp_port: int | None = None
    """The port of the SMTP listener, once it listens."""

    def keep_in(self, path: Path) -> bool:
        """Resume from a state file and update it from the first save on. Returns whether it held anything.

        Raises StateError if the file cannot be used. The request log, the call faults and the usage of the
        tenant-wide limit are not persisted.
        """
        self.store = SqliteStore.open(path)
        held = not self.store.empty
        self._attach(self.store)
        return held

    def save(self) -> None:
        """Persist changes. Must run before the first byte of the response that reports them."""
        if self.store:
            self.store.save()

    def reset(self) -> None:
        """Return to the initial state, keeping the signing key."""
        past = self.tenant.inbox
        self.tenant, self.faults, self.request_log, self.rate_limit = Tenant(), Faults(), RequestLog(), RateLimit()
        if self.store:
            self.store.reset()
            self._attach(self.store)
        past.notifier.ring()

    def _attach(self, store: SqliteStore) -> None:
        tenant = self.tenant
        tables: Tables = {
            "users": (tenant.users, User),
            "user_ids": (tenant.user_ids, str),
            "clients": (tenant.clients, Client),
            "sessions": (tenant.sessions, MfaSession),
            "oob_codes": (tenant.oob_codes, OobCode),
            "newest_codes": (tenant.newest_codes, str),
            "refresh_tokens": (tenant.refresh_tokens, RefreshToken),
            "failed_logins": (tenant.failed_logins, int),
            "buckets": (tenant.buckets, Bucket),
            "growing_waits": (tenant.growing_waits, GrowingWait),
            "tickets": (tenant.tickets, Ticket),
            "sign_ins": (tenant.sign_ins, SignIn),
            "browser_sessions": (tenant.browser_sessions, BrowserSession),
            "trusted_browsers": (tenant.trusted_browsers, TrustedBrowser),
            "authorization_codes": (tenant.authorization_codes, AuthorizationCode),
            "device_codes": (tenant.device_codes, DeviceCode),
            "user_grants": (tenant.user_grants, list[str]),
            "events": (tenant.log.events, Event),
            "messages": (tenant.inbox.received.messages, Message),
            "underway": (tenant.inbox.underway, Message),
        }
        faults = tenant.inbox.faults
        singles: Singles = {
            "clock": (lambda: tenant.clock.reading, lambda reading: setattr(tenant.clock, "reading", reading), Reading),
            "settings": (lambda: tenant.settings, lambda settings: setattr(tenant, "settings", settings), Settings),
            "message_faults": (
                lambda: faults.orders,
                lambda orders: setattr(faults, "orders", orders),
                tuple[MessageFault, ...],
            ),
            "key": (lambda: self.signer.pem, lambda pem: setattr(self, "signer", Signer(pem)), str),
        }
        store.attach(tables, singles)
        tenant.inbox.recall()


def emulator_of(request: Request) -> Emulator:
    """Returns the emulator that serves the request."""
    emulator: Emulator = request.app.state.emulator
    return emulator
