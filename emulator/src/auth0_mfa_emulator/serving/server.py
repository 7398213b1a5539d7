"""HTTP and HTTPS server based on uvicorn, adapted in three ways.

Faults can access the connection they close; a signal stops the process immediately with exit status 0; and the line
that reports the address is printed only once the emulator is listening.
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
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .fault_responses import TRANSPORT
from .smtp import SmtpListener
from .tls import Tls


class AddressError(Exception):
    """An address cannot be listened on; the message is one sentence."""


class Protocol(H11Protocol):
    """HTTP/1.1 protocol that gives each request access to its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Store the connection in the scope of each of its requests."""
        super().connection_made(transport)
        application = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            # Cancellation means the process is ending and the connection is gone, so there is no one to report to.
            with contextlib.suppress(asyncio.CancelledError):
                await application(scope, receive, send)

        self.app = with_transport


class Server(uvicorn.Server):
    """A server that prints its address and exits quietly."""

    def __init__(self, config: uvicorn.Config, tls: Tls | None, smtp: SmtpListener | None) -> None:
        super().__init__(config)
        self._tls, self._smtp = tls, smtp

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then print where, first the CA path, if any, and last the address of the tenant."""
        if self._smtp:
            await self._smtp.start()
        await super().startup(sockets)
        scheme = "https" if self._tls else "http"
        if self._tls:
            sys.stdout.write(f"certificate authority: {self._tls.authority}\n")
        if self._smtp:
            sys.stdout.write(f"mailboxes listening on {self._smtp.address}\n")
        for listening in sockets or []:
            sys.stdout.write(f"emulator listening on {scheme}://{_address(listening)}\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Abort every connection: no response of an emulator is worth waiting for."""
        if self._smtp:
            self._smtp.stop()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; uvicorn would raise them again and exit with a failure."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop now."""
        self.should_exit = self.force_exit = True


def serve(app: Starlette, host: str, port: int, tls: Tls | None = None, smtp_port: int | None = None) -> None:
    """Serve until a signal, with `smtp_port` also SMTP. Raises AddressError if an address is unavailable."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(_listening(host, port))
        smtp = None
        if smtp_port is not None:
            mailboxes = stack.enter_context(_listening(host, smtp_port))
            smtp = SmtpListener(app.state.emulator, mailboxes, tls.context if tls else None)
        # Head and body are separate writes: without this, connections wait 40 ms for an acknowledgement in between.
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
            timeout_keep_alive=75,  # let clients close first: httpx does after 5 s, the same as uvicorn's default
            timeout_graceful_shutdown=1,
            ssl_context_factory=(lambda _config, _default: tls.context) if tls else None,
        )
        # Existing objects stay: a garbage collection over 100,000 users delays every response by 170 ms (measured).
        gc.freeze()
        Server(config, tls, smtp).run([listening])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as problem:
        raise AddressError(f"emulator cannot listen on {host} port {port}: {problem.strerror}") from None


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
