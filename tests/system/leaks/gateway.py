"""The gateway as services, browsers and strangers come to it. Notes what nobody may find, and what it answers."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import httpx
import jwt

from emulator.tests.visitor import bearer
from tests.system.leaks.secrets import Secrets
from tests.system.leaks.stack import Stack

SHOWING: Final = {
    *("enrollments", "challenges", "token", "result", "recovery-code", "binding-code"),
    *("invitation", "logins", "login", "callback"),
}
"""Ends of addresses that are meant to answer with secrets, to who may have them. A verdict names its submission."""

NOBODYS: Final = f"enroll-{'a' * 32}"
"""A flow that is not there."""

PAGES: Final = ("/enroll", "/verify", "/assets/config.json", "/assets/main.js", "/assets/texts/en.json", "/nowhere")


@dataclass
class Gateway:
    """``secrets``: all of the run. ``answers``: those that should show none, by what was asked."""

    http: httpx.AsyncClient
    api_key: str = field(repr=False)
    secrets: Secrets
    answers: list[tuple[str, bytes]] = field(default_factory=list)

    def made_up(self, kind: str) -> str:
        """A new secret that is given to the gateway."""
        made = secrets.token_hex(12)
        self.secrets.token(kind, made)
        return made

    async def ask(self, method: str, path: str, headers: Mapping[str, str], **request: Any) -> httpx.Response:
        """Ask as somebody with these headers."""
        answer = await self.http.request(method, path, headers=headers, **request)
        if answer.is_error or path.partition("?")[0].rpartition("/")[2] not in SHOWING:
            self.answers.append((f"{method} {path}", shown(answer)))
        return answer

    async def serve(
        self, method: str, path: str, headers: Mapping[str, str] = MappingProxyType({}), **request: Any
    ) -> httpx.Response:
        """Ask as our service."""
        return await self.ask(method, path, {**bearer(self.api_key), **headers}, **request)

    async def start(self, kind: str, idempotency_key: str, **body: Any) -> "Browser":
        """Start a flow, for a browser. ``kind`` is enrollments or challenges."""
        answer = await self.serve("POST", f"/v1/{kind}", {"Idempotency-Key": idempotency_key}, json=body)
        started = answer.raise_for_status().json()
        return self.browser(started["flow_id"], started["flow_token"])

    async def renewed(self, flow: str) -> "Browser":
        """A browser with a new token."""
        answer = (await self.serve("POST", f"/v1/flows/{flow}/token")).raise_for_status()
        return self.browser(flow, answer.json()["flow_token"])

    def link(self, url: str) -> str:
        """The token of a link, noted."""
        token = url.partition("#invitation=")[2]
        self.secrets.token("link", token)
        return token

    def flow_of(self, token: str) -> str:
        """The flow of a flow token."""
        return str(jwt.decode(token, options={"verify_signature": False})["sub"])

    def browser(self, flow: str, token: str) -> "Browser":
        """Somebody with the token of a flow."""
        self.secrets.token("flow token", token)
        return Browser(self, flow, token)

    async def meet_strangers(self) -> None:
        """Ask everything there is with no key, each page too."""
        document = (await self.ask("GET", "/openapi.json", {})).json()
        for path, operations in document["paths"].items():
            for method in operations:
                await self.ask(method.upper(), path.replace("{flow_id}", NOBODYS), {})
        for path in PAGES:
            await self.ask("GET", path, {})


@dataclass(frozen=True)
class Browser:
    """Takes part in one flow, by its token."""

    gateway: Gateway
    flow: str
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        """Of the flow."""
        return f"/v1/flows/{self.flow}"

    async def get(self, part: str = "") -> httpx.Response:
        """Look at the flow. Its events are answered until it is over."""
        return await self.gateway.ask("GET", f"{self.address}{part}", bearer(self.token))

    async def post(self, part: str, **body: Any) -> httpx.Response:
        """Say something to the flow."""
        return await self.gateway.ask("POST", f"{self.address}{part}", bearer(self.token), json=body)

    async def leave(self) -> None:
        """Cancel the flow."""
        (await self.gateway.ask("DELETE", self.address, bearer(self.token))).raise_for_status()


def shown(answer: httpx.Response) -> bytes:
    """All that was answered."""
    return json.dumps(dict(answer.headers)).encode() + b"\n" + answer.content


@asynccontextmanager
async def opened(stack: Stack, secrets: Secrets) -> AsyncIterator[Gateway]:
    """A gateway of the installation, until the end of the block."""
    async with (
        stack.gateway("gateway") as address,
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as http,
    ):
        yield Gateway(http, stack.own.api_key, secrets)
