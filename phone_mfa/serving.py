"""HTTP serving with uvicorn, adapted in two ways.

The "listening" line is printed only once the server accepts connections, and a signal ends it with exit code 0.
"""

import contextlib
import signal
import socket
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from .errors import CannotStartError

GRACE_SECONDS: Final = 5
"""Seconds that running requests may take to finish after a signal."""


class CannotListenError(CannotStartError):
    """The address cannot be listened on. The message is one sentence with the reason."""


def listen(host: str, port: int) -> socket.socket:
    """Create a listening socket. Raises ``CannotListenError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # Python appends the address, which the message already has
        raise CannotListenError(f"Cannot listen on {host} port {port}: {reason}.") from None


class Server(uvicorn.Server):
    """A uvicorn server that prints its address once it listens, and exits with success on a signal."""

    def __init__(self, config: uvicorn.Config, name: str) -> None:
        super().__init__(config)
        self._name = name

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start accepting connections, then print the address."""
        await super().startup(sockets)
        for listening in sockets or []:
            sys.stdout.write(f"{self._name} listening on http://{_address(listening)}\n")
        sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; uvicorn would raise them again and exit with failure."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let running requests finish, then stop."""
        self.should_exit = True


async def serve(app: ASGIApp, listening: socket.socket, name: str) -> None:
    """Serve until SIGTERM or SIGINT. ``name``: printed before the address."""
    await Server(config_of(app), name).serve([listening])


def config_of(app: ASGIApp) -> uvicorn.Config:
    """Returns the uvicorn configuration, without an access log, since URLs may contain sensitive data."""
    return uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
