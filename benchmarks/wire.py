"""A lightweight keep-alive HTTP connection for one person, so that a thousand fit into one process."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from .load import Answer, request


@dataclass
class Event:
    """One server-sent event. ``id``: its optional id."""

    name: str
    data: str
    id: str = ""


class ClosedError(Exception):
    """The server closed the connection before the response was complete."""


class Wire:
    """A connection to a local port, opened on first use. One request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: object = None, bearer: str = "") -> Answer:
        """Status and body."""
        return await self.send(request(method, path, body, bearer))

    async def send(self, wire: bytes) -> Answer:
        """Send the bytes of a request and return the response."""
        reader, status, head = await self._asked(wire)
        length = head.get("content-length")
        if length is not None:
            return status, await reader.readexactly(int(length))
        return status, b"".join([piece async for piece in _chunks(reader)])

    async def events(self, path: str, bearer: str = "") -> AsyncIterator[Event]:
        """Yield the events of a stream until it ends. Raises ``ClosedError`` if there is no stream."""
        reader, status, _ = await self._asked(request("GET", path, bearer=bearer))
        if status != 200:
            raise ClosedError(f"no stream: status {status}")
        text = ""
        async for piece in _chunks(reader):
            text += piece.decode().replace("\r\n", "\n")
            *whole, text = text.split("\n\n")
            for block in whole:
                if event := _event(block):
                    yield event

    def close(self) -> None:
        """Close the connection."""
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _asked(self, wire: bytes) -> tuple[asyncio.StreamReader, int, dict[str, str]]:
        if self._streams and self._streams[0].at_eof():  # kept alive for so long that the server has let go
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(wire)
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            raise ClosedError("no answer") from None
        head = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return reader, int(first.split()[1]), head


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        try:
            size = int(await reader.readline(), 16)
            piece = (await reader.readexactly(size + 2))[:-2]
        except (ValueError, asyncio.IncompleteReadError, ConnectionError):
            raise ClosedError("the stream broke off") from None
        if not size:
            return
        yield piece


def _event(block: str) -> Event | None:
    fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
    return Event(fields.get("event", "message"), fields["data"], fields.get("id", "")) if "data" in fields else None


def parsed(answer: Answer, *statuses: int) -> dict[str, object]:
    """Return the JSON object of a response with one of these statuses. Raises ``WrongAnswerError``."""
    if answer[0] not in statuses:
        raise WrongAnswerError(f"status {answer[0]}: {answer[1][:200]!r}")
    found: dict[str, object] = json.loads(answer[1])
    return found


class WrongAnswerError(Exception):
    """A client received an incorrect response."""
