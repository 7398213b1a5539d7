"""A login that a command waits for, and the person who logs in with a browser without scripts."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import SecretStr

from phone_mfa.contracts import ProvideMfaToken
from phone_mfa.settings import Auth0Settings

PERSON = {"username": "ada@example.com", "password": "correct horse"}


def settings_of(address: str, **changed: Any) -> Auth0Settings:
    application = {"client_id": "emulator-client", "client_secret": SecretStr("emulator-secret")}
    return Auth0Settings(**{"domain": address, **application, **changed})


@dataclass
class Waiting:
    """A command that waits. ``shown``: the lines that it shows."""

    shown: list[str] = field(default_factory=list)
    seen: asyncio.Event = field(default_factory=asyncio.Event)

    def show(self, line: str) -> None:
        self.shown.append(line)
        if "://" in line:
            self.seen.set()

    def begin(
        self, command: Callable[[Callable[[str], None]], Coroutine[Any, Any, ProvideMfaToken]]
    ) -> asyncio.Task[ProvideMfaToken]:
        return asyncio.create_task(command(self.show))

    async def url(self) -> str:
        """The address of the login page, once it is shown."""
        async with asyncio.timeout(20):
            await self.seen.wait()
        return next(line.strip() for line in self.shown if "://" in line)


async def followed(http: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    """Follow redirects within the tenant, not the one that leaves it."""
    while answer.is_redirect and answer.headers["location"].startswith("/"):
        answer = await http.get(answer.url.join(answer.headers["location"]))
    return answer


async def sent(http: httpx.AsyncClient, page: httpx.Response, **fields: str) -> httpx.Response:
    """Submit the form of a page."""
    return await followed(http, await http.post(page.request.url, data=fields))


async def logs_in(http: httpx.AsyncClient, page: httpx.Response, answer: str = "accept") -> httpx.Response:
    """Give the password, and answer the question for consent."""
    consent = await sent(http, page, **PERSON)
    assert "enroll" in consent.text, consent.text
    return await sent(http, consent, action=answer)
