"""Pytest plugin: fixtures for an emulated tenant, its users, phones and clock.

``auth0_tenant`` is reset before each test. The process behind it, ``auth0_emulator``, runs for the whole test session,
listens on a free loopback port, and serves plain HTTP. It starts only when a test requests one of the two fixtures.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import pytest

CLIENT: Final = ("emulator-client", "emulator-secret")
"""Client ID and secret of the application that logs users in."""

_START_SECONDS: Final = 10
_DIRECT: Final = build_opener(ProxyHandler({}))
"""Ignores proxies from the environment: the emulator listens on loopback."""


@dataclass(frozen=True)
class Control:
    """The control plane of a running emulator. ``address``: such as ``http://127.0.0.1:3000``, no trailing slash."""

    address: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Returns the response's JSON. Raises ``urllib.error.HTTPError`` if the emulator returns an error."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.address}/_control/{path}", data, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - our own process
        with _DIRECT.open(request, timeout=_START_SECONDS) as answer:
            return json.load(answer)


@dataclass(frozen=True)
class Users:
    """The users of the tenant."""

    control: Control

    def add(self, email: str, password: str, **fields: object) -> str:
        """Create a user and return the ``user_id``. ``fields``: other members of ``POST /_control/users``."""
        made = self.control.call("POST", "users", {"email": email, "password": password, **fields})
        return str(made["user_id"])


@dataclass(frozen=True)
class Clients:
    """The applications of the tenant."""

    control: Control

    def add(self, client_id: str, client_secret: str | None = None, **fields: object) -> None:
        """Register an application, or change one. Without a secret it is public.

        ``fields``: other members of ``POST /_control/clients``, such as ``callbacks=["http://localhost:8000/callback"]``.
        """
        self.control.call("POST", "clients", {"client_id": client_id, "client_secret": client_secret, **fields})


@dataclass(frozen=True)
class Phone:
    """A phone or mailbox. ``number``: an E.164 number or an e-mail address."""

    control: Control
    number: str

    def messages(self) -> list[dict[str, Any]]:
        """Returns the received messages, oldest first: ``channel``, ``text``, ``code``, ``delivered_at`` and more."""
        received: list[dict[str, Any]] = self.control.call("GET", f"messages?{urlencode({'to': self.number})}")
        return received

    def code(self) -> str:
        """Returns the code of the newest message with a code. Raises ``LookupError`` if there is none."""
        codes = [message["code"] for message in self.messages() if message["code"]]
        if not codes:
            raise LookupError("No code was received.")
        return str(codes[-1])


@dataclass(frozen=True)
class Clock:
    """The tenant's clock, which drives the lifetimes of codes and tokens, and budgets."""

    control: Control

    def now(self) -> datetime:
        """Returns the tenant's current time."""
        return datetime.fromisoformat(self.control.call("GET", "clock")["now"])

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self.control.call("POST", "clock", {"advance_seconds": seconds})


@dataclass(frozen=True)
class Tenant:
    """An emulated tenant. ``address``: its base URL, to use in place of an Auth0 domain.

    ``smtp_port``: the loopback port to which an application sends its mails, so that they reach the same mailboxes as
    the tenant's.
    """

    address: str
    smtp_port: int = 0

    @property
    def control(self) -> Control:
        """The control plane, for direct calls."""
        return Control(self.address)

    @property
    def users(self) -> Users:
        """The users of the tenant."""
        return Users(self.control)

    @property
    def clients(self) -> Clients:
        """The applications of the tenant."""
        return Clients(self.control)

    @property
    def clock(self) -> Clock:
        """The clock of the tenant."""
        return Clock(self.control)

    def phone(self, number: str) -> Phone:
        """Returns the phone with this number, or the mailbox with this address."""
        return Phone(self.control, number)

    def switch(self, **switches: object) -> None:
        """Change settings, such as ``code_seconds=60``."""
        self.control.call("PATCH", "tenant", switches)

    def reset(self) -> None:
        """Clear users, messages and faults, and restore default settings."""
        self.control.call("POST", "reset")


@pytest.fixture(scope="session")
def auth0_emulator() -> Iterator[Tenant]:
    """A tenant for the whole session, in its own process. State persists between tests."""
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--smtp-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout  # noqa: S101 - asked for above
        mailboxes, address = (process.stdout.readline().rpartition(" ")[2].strip() for _ in range(2))
        if not address:
            raise RuntimeError("The Auth0 emulator did not start: its error is on standard error.")
        try:
            yield Tenant(address, int(mailboxes.rpartition(":")[2]))
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


@pytest.fixture
def auth0_tenant(auth0_emulator: Tenant) -> Tenant:
    """A freshly reset tenant."""
    auth0_emulator.reset()
    return auth0_emulator
