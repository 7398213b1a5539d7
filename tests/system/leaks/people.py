"""People of the tenant whose every word is new, so that it can be told from all else that is written down."""

import itertools
import secrets
from dataclasses import dataclass, field

import httpx

from emulator.tests.visitor import Person, Visitor

_serial = itertools.count(1)


@dataclass(frozen=True)
class People(Visitor):
    """A way to the tenant, as an application that has a secret of its own."""

    client_secret: str = field(repr=False)
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    numbers: list[str] = field(default_factory=list, repr=False)

    async def person(self, **flags: object) -> Person:
        """Somebody new, whose number is of the United States, or, every third time, of Germany."""
        email = f"{secrets.token_hex(5)}@{secrets.token_hex(3)}.example"
        password = self.passwords[email] = secrets.token_urlsafe(12)
        made = await self.control("POST", "users", {"email": email, "password": password, **flags})
        return Person(email, self.number(), made["user_id"])

    def number(self) -> str:
        """A number nobody has."""
        serial, digits = next(_serial), f"{secrets.randbelow(10**4):04}"
        number = f"+49151{serial:04}{digits}" if serial % 3 == 0 else f"+1212{serial % 800 + 200}{digits}"
        self.numbers.append(number)
        return number

    async def grant(self, grant_type: str, **parameters: str) -> httpx.Response:
        """Ask for tokens as our application."""
        ours = {"client_id": "our-application", "client_secret": self.client_secret, "grant_type": grant_type}
        return await self.http.post("/oauth/token", data=ours | parameters)

    async def login(self, person: Person, **parameters: str) -> httpx.Response:
        """Log somebody in."""
        return await self.grant("password", username=person.email, password=self.passwords[person.email], **parameters)
