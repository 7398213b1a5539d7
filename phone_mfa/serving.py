"""Serving over HTTP with uvicorn, adapted in two ways.

The line that says where the server listens comes out when it is true, and a signal ends it with success.
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

GRACE: Final = 5
"""Seconds that answers may take to end after a signal."""


class CannotListenError(Exception):
    """Nothing can listen there; says why in a sentence."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ``CannotListenError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # Python adds the address, which we have named
        raise CannotListenError(f"Nothing can listen on {host} port {port}: {reason}.") from None


class Server(uvicorn.Server):
    """Says where it listens once it does, and ends with success on a signal."""

    def __init__(self, config: uvicorn.Config, name: str) -> None:
        super().__init__(config)
        self._name = name

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start accepting, then say so."""
        await super().startup(sockets)
        for listening in sockets or []:
            sys.stdout.write(f"{self._name} listening on http://{_address(listening)}\n")
        sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; uvicorn would raise them again and end with failure."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let the answers under way end, then stop."""
        self.should_exit = True


async def serve(app: ASGIApp, listening: socket.socket, name: str) -> None:
    """Serve until SIGTERM or SIGINT. ``name``: what says that it listens."""
    await Server(config_of(app), name).serve([listening])


def config_of(app: ASGIApp) -> uvicorn.Config:
    """How we serve: quietly, since addresses may hold what is no business of a log's."""
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
        timeout_graceful_shutdown=GRACE,
    )


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
