"""Listeners of the message stream, and an in-process emulator."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from auth0_mfa_emulator.app import build
from auth0_mfa_emulator.phone.message import Delivery, Draft, Medium
from auth0_mfa_emulator.serving.server import Protocol
from auth0_mfa_emulator.state import Emulator


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    kind: str
    id: str | None
    data: dict[str, Any]


class Events:
    """The events of one open stream."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self) -> Event:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line and "event" in fields:
                return Event(fields["event"], fields.get("id"), json.loads(fields["data"]))
            name, _, value = line.partition(": ")
            fields[name] = value
        raise AssertionError("the stream ended")

    async def until_ready(self) -> list[Event]:
        """Events before `ready`."""
        events = [await self.next()]
        while events[-1].kind != "ready":
            events.append(await self.next())
        return events[:-1]


@asynccontextmanager
async def listening(http: httpx.AsyncClient, to: str | None = None, last: str | None = None) -> AsyncIterator[Events]:
    query, headers = {"to": to} if to else {}, {"Last-Event-ID": last} if last else {}
    async with http.stream("GET", "/_control/messages/stream", params=query, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Events(answer.aiter_lines())


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass(frozen=True)
class OwnEmulator:
    """An emulator served by the test process, for messages that no API call sends."""

    address: str
    emulator: Emulator

    def send(self, to: str, medium: Medium = "sms", code: str | None = "123456", name: str = "Acme") -> Delivery:
        tenant = self.emulator.tenant
        return tenant.inbox.send(Draft(to, medium, code, "challenge", name), tenant.clock.now())


@asynccontextmanager
async def own_emulator(port: int = 0) -> AsyncIterator[OwnEmulator]:
    emulator = Emulator()
    with socket.create_server(("127.0.0.1", port)) as listening_socket:
        options: dict[str, Any] = {"http": Protocol, "ws": "none", "lifespan": "off", "log_config": None}
        server = uvicorn.Server(uvicorn.Config(build(emulator), timeout_graceful_shutdown=0, **options))
        serving = asyncio.create_task(server.serve([listening_socket]))
        try:
            yield OwnEmulator(f"http://127.0.0.1:{listening_socket.getsockname()[1]}", emulator)
        finally:
            server.should_exit = server.force_exit = True
            for connection in list(server.server_state.connections):
                connection.transport.abort()
            await serving
