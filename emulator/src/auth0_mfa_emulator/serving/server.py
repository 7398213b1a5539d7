"""Serving over HTTP or HTTPS with uvicorn, adapted in three ways.

A fault can reach the connection it has to close; a signal stops the process at once and with success; and the line
that says the emulator is listening comes out when it is true.
"""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Iterator
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .fault_responses import TRANSPORT
from .tls import Tls


class Protocol(H11Protocol):
    """HTTP/1.1 that hands each request its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Remember the connection for every request that comes over it."""
        super().connection_made(transport)
        application = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            # Cancelled means the process is ending and the connection is gone: there is nobody to tell.
            with contextlib.suppress(asyncio.CancelledError):
                await application(scope, receive, send)

        self.app = with_transport


class Server(uvicorn.Server):
    """A server that says where it listens and leaves quietly."""

    def __init__(self, config: uvicorn.Config, tls: Tls | None) -> None:
        super().__init__(config)
        self._tls = tls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start accepting, then say so; whom to trust comes first, so that the address is the last to wait for."""
        await super().startup(sockets)
        scheme = "https" if self._tls else "http"
        if self._tls:
            sys.stdout.write(f"certificate authority: {self._tls.authority}\n")
        for listening in sockets or []:
            sys.stdout.write(f"emulator listening on {scheme}://{_address(listening)}\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut every connection: no answer of a pretend tenant is worth waiting for."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; uvicorn would raise them again and end with failure."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop now."""
        self.should_exit = self.force_exit = True


def serve(app: ASGIApp, host: str, port: int, tls: Tls | None = None) -> None:
    """Serve until a signal; OSError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=2048) as listening:
        # Head and body are two writes: without this, connections wait 40 ms for an acknowledgement in between.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            app,
            http=Protocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,  # clients go first: httpx after 5 s, which uvicorn by default does too
            timeout_graceful_shutdown=1,
            ssl_context_factory=(lambda _config, _default: tls.context) if tls else None,
        )
        # What is there by now stays: searching 100,000 users for garbage holds every answer up for 170 ms (measured).
        gc.freeze()
        Server(config, tls).run([listening])


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
