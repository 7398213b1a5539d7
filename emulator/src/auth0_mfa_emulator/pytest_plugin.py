"""A pytest plugin: fixtures with a pretend tenant, its users, phones and clock.

``auth0_tenant`` is as new in each test. The process behind it, ``auth0_emulator``, lives as long as the test session,
listens on a free port of loopback, and speaks plain HTTP. Nothing starts unless a test asks for one of the two.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

CLIENT: Final = ("emulator-client", "emulator-secret")
"""The id and the secret of the application that logs users in."""

_START_SECONDS: Final = 10


@dataclass(frozen=True)
class Control:
    """The control plane of a running emulator. ``address``: as in ``http://127.0.0.1:3000``, without a slash."""

    address: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON. Raises ``urllib.error.HTTPError`` when the emulator refuses."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.address}/_control/{path}", data, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - our own process
        with urlopen(request, timeout=_START_SECONDS) as answer:  # noqa: S310 - our own process
            return json.load(answer)


@dataclass(frozen=True)
class Users:
    """The people of the tenant."""

    control: Control

    def add(self, email: str, password: str, **fields: object) -> str:
        """Make one, and give the ``user_id``. ``fields``: what else ``POST /_control/users`` takes."""
        made = self.control.call("POST", "users", {"email": email, "password": password, **fields})
        return str(made["user_id"])


@dataclass(frozen=True)
class Phone:
    """A phone or a mailbox. ``number``: in E.164, or an e-mail address."""

    control: Control
    number: str

    def messages(self) -> list[dict[str, Any]]:
        """What it received, oldest first: ``channel``, ``text``, ``code``, ``received_at`` and more."""
        received: list[dict[str, Any]] = self.control.call("GET", f"messages?{urlencode({'to': self.number})}")
        return received

    def code(self) -> str:
        """The code of the newest message. Raises ``LookupError`` when there is none."""
        codes = [message["code"] for message in self.messages() if message["code"]]
        if not codes:
            raise LookupError("No code was sent there.")
        return str(codes[-1])


@dataclass(frozen=True)
class Clock:
    """The tenant's clock: codes, tokens and budgets age by it."""

    control: Control

    def now(self) -> datetime:
        """What time it is there."""
        return datetime.fromisoformat(self.control.call("GET", "clock")["now"])

    def advance(self, seconds: float) -> None:
        """Let so much time pass."""
        self.control.call("POST", "clock", {"advance_seconds": seconds})


@dataclass(frozen=True)
class Tenant:
    """A pretend tenant. ``address``: its base URL, to be set where an Auth0 domain is."""

    address: str

    @property
    def control(self) -> Control:
        """Whatever the control plane can do, by path."""
        return Control(self.address)

    @property
    def users(self) -> Users:
        """Its people."""
        return Users(self.control)

    @property
    def clock(self) -> Clock:
        """Its clock."""
        return Clock(self.control)

    def phone(self, number: str) -> Phone:
        """The phone with this number, or the mailbox with this address."""
        return Phone(self.control, number)

    def switch(self, **switches: object) -> None:
        """Change switches, such as ``code_seconds=60``."""
        self.control.call("PATCH", "tenant", switches)

    def reset(self) -> None:
        """Forget users, messages, faults and switches."""
        self.control.call("POST", "reset")


@pytest.fixture(scope="session")
def auth0_emulator() -> Iterator[Tenant]:
    """A tenant for the whole session, in a process of its own. What tests did to it stays."""
    command = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout  # noqa: S101 - asked for above
        address = process.stdout.readline().rpartition(" ")[2].strip()
        try:
            yield Tenant(address)
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


@pytest.fixture
def auth0_tenant(auth0_emulator: Tenant) -> Tenant:
    """A tenant that is as new."""
    auth0_emulator.reset()
    return auth0_emulator
