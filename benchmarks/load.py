"""A low-overhead load generator: prebuilt requests over keep-alive connections, one at a time per connection."""

import asyncio
import json
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Answer = tuple[int, bytes]
"""Status and body."""
Done = Callable[[Answer], None]


def request(method: str, path: str, body: object = None, bearer: str = "") -> bytes:
    """Return the bytes of a request, with an optional JSON body."""
    content = b"" if body is None else json.dumps(body).encode()
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(content)}"]
    head += ["Content-Type: application/json"] if content else []
    head += [f"Authorization: Bearer {bearer}"] if bearer else []
    return "\r\n".join([*head, "", ""]).encode() + content


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run on an event loop with microsecond timers; epoll's have millisecond resolution."""
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        return runner.run(main)


class _Connection(asyncio.Protocol):
    """One connection, one request at a time. Responses must have a length, as all of the emulator's do."""

    def __init__(self, idle: Callable[["_Connection"], None]) -> None:
        self._idle, self._buffer = idle, bytearray()
        self._transport: asyncio.Transport
        self._done: Done | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # a socket's, always
        self._transport = transport

    def ask(self, wire: bytes, done: Done) -> None:
        self._done = done
        self._transport.write(wire)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[: end + 2]).lower()
        size = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        if len(self._buffer) >= end + 4 + size:
            self._answered((int(head[9:12]), bytes(self._buffer[end + 4 :])))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done:
            self._done((0, b"the connection was closed"))

    def close(self) -> None:
        self._done = None
        self._transport.close()

    def _answered(self, answer: Answer) -> None:
        done, self._done = self._done, None
        self._buffer.clear()
        if done:
            done(answer)
        self._idle(self)


class Pool:
    """A pool of connections to one server, and the requests that wait for a free one."""

    def __init__(self) -> None:
        self._free: deque[_Connection] = deque()
        self._waiting: deque[tuple[bytes, Done]] = deque()

    async def connect(self, port: int, connections: int) -> None:
        """Open the connections to a port of this machine."""
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            _, connection = await loop.create_connection(lambda: _Connection(self._release), "127.0.0.1", port)
            self._free.append(connection)

    async def ask_all(self, wires: Sequence[bytes]) -> list[Answer]:
        """Send all requests as fast as they are answered; return the responses in order."""
        return (await self.ask_at(wires, 0))[0]

    async def ask_at(self, wires: Sequence[bytes], interval: float) -> tuple[list[Answer], list[float]]:
        """Send a request every `interval` seconds; return the responses, and the seconds from each request's due time.

        A request is due whether or not earlier ones were answered, so waiting for a free connection counts.
        """
        loop, left, finished = asyncio.get_running_loop(), len(wires), asyncio.Event()
        answers: list[Answer] = [(0, b"")] * left
        seconds = [0.0] * left
        start = loop.time()

        def done(index: int, answer: Answer) -> None:
            nonlocal left
            answers[index], seconds[index], left = answer, loop.time() - start - index * interval, left - 1
            if not left:
                finished.set()

        for index, wire in enumerate(wires):
            early = start + index * interval - loop.time()
            if early > 0:
                await asyncio.sleep(early)
            self._ask(wire, lambda answer, index=index: done(index, answer))  # type: ignore[misc]
        await finished.wait()
        return answers, seconds

    def close(self) -> None:
        """Close the connections."""
        for connection in self._free:
            connection.close()

    def _ask(self, wire: bytes, done: Done) -> None:
        if self._free:
            self._free.popleft().ask(wire, done)
        else:
            self._waiting.append((wire, done))

    def _release(self, connection: _Connection) -> None:
        if self._waiting:
            connection.ask(*self._waiting.popleft())
        else:
            self._free.append(connection)
