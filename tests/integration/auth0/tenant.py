"""A tenant that says exactly what a test scripts, byte by byte, on a loopback socket."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any

from phone_mfa.auth0 import Auth0Error


class Mischief(Enum):
    """What a tenant may do in place of an answer."""

    SILENCE = "holds the connection and says nothing"
    RESET = "resets the connection"
    HANG_UP = "closes the connection without a word"


@dataclass(frozen=True)
class Scripted:
    """Raw bytes of an answer, and whether the connection stays open after them."""

    raw: bytes
    then: Mischief = Mischief.HANG_UP


@dataclass(frozen=True)
class Heard:
    """One request as the tenant read it off the socket."""

    method: str
    target: str
    headers: Mapping[str, str]
    raw_body: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw_body)


def answer(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> Scripted:
    """A whole HTTP answer; ``bytes`` are sent as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    head = {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(content)),
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {status} {_phrase(status)}", *(f"{k}: {v}" for k, v in (head | dict(headers or {})).items())]
    return Scripted("\r\n".join([*lines, "", ""]).encode() + content)


def refusal(status: int, error: str, description: str, headers: Mapping[str, str] | None = None) -> Scripted:
    return answer(status, {"error": error, "error_description": description}, headers)


def evidence(error: Auth0Error) -> tuple[type[Auth0Error], int | None, str, str]:
    return type(error), error.status, error.error, error.description


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"


@dataclass
class ScriptedTenant:
    """Gives the scripted answers in turn, one connection each, and remembers what it heard."""

    base_url: str
    heard: list[Heard] = field(default_factory=list)
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a request was read."""
    _script: list[Scripted | Mischief] = field(default_factory=list)

    def will(self, *script: Scripted | Mischief) -> None:
        self._script.extend(script)

    @property
    def only_request(self) -> Heard:
        (request,) = self.heard
        return request

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heard.append(await _read_request(reader))
            self.listening.set()
            await self._act(self._script.pop(0), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client walked away, as some tests make it do
        finally:
            writer.close()

    async def _act(self, act: Scripted | Mischief, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if isinstance(act, Scripted):
            writer.write(act.raw)
            await writer.drain()
            act = act.then
        if act is Mischief.SILENCE:
            await reader.read()  # until the client walks away
        if act is Mischief.RESET:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()


@asynccontextmanager
async def scripted_tenant() -> AsyncIterator[ScriptedTenant]:
    tenant = ScriptedTenant("")
    server = await asyncio.start_server(tenant.serve, "127.0.0.1", 0)
    tenant.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield tenant


async def _read_request(reader: asyncio.StreamReader) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
    return Heard(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))
