"""Takes a browser back from Auth0 at an address on this computer (RFC 8252, section 7.3).

Listens on 127.0.0.1 only, takes one response with the right ``state``, and repeats nothing that it is sent.
"""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl

from starter.callback_url import HOST, PATH

from .errors import BadInputError

_SECONDS_TO_SEND: Final = 10
"""How long a browser may take to send a request."""
_MOST_PARAMETERS: Final = 20

_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Connection": "close",
}

_Page = tuple[HTTPStatus, str, str]
_LOGGED_IN: Final[_Page] = (HTTPStatus.OK, "You can close this window", "The command goes on in your terminal.")
_REFUSED: Final[_Page] = (
    HTTPStatus.OK,
    "You are not logged in",
    "The command in your terminal says why. You can close this window.",
)
_OTHER_LOGIN: Final[_Page] = (
    HTTPStatus.BAD_REQUEST,
    "This login cannot be used",
    "The command that waits in your terminal did not begin it, or it came back before. You can close this window.",
)
_NOT_FOUND: Final[_Page] = (HTTPStatus.NOT_FOUND, "There is nothing here", "You can close this window.")


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """What a login ended with: a ``code``, or an ``error``. ``issuer``: who answered, if it says so (RFC 9207)."""

    code: str = field(default="", repr=False)
    error: str = field(default="", repr=False)
    issuer: str | None = None


@asynccontextmanager
async def listening(port: int, state: str) -> AsyncIterator[asyncio.Future[AuthorizationResponse]]:
    """Listen while the block runs, which waits for the response of the login with this ``state``.

    Raises:
        BadInputError: The port is in use, or must not be used.
    """
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[AuthorizationResponse] = loop.create_future()

    def settle(response: AuthorizationResponse) -> None:
        if not answered.done():
            answered.set_result(response)

    try:
        server = _Server(port, state, lambda response: loop.call_soon_threadsafe(settle, response))
    except OSError:
        raise BadInputError(
            f"--port: port {port} cannot be used on this computer. Choose another, and allow its callback URL at Auth0."
        ) from None
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield answered
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()


class _Server(ThreadingHTTPServer):
    """A thread for each connection: browsers open some that they do not use."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, state: str, done: Callable[[AuthorizationResponse], object]) -> None:
        super().__init__((HOST, port), _Handler)
        self.done = done
        self._state: str | None = state
        self._lock = threading.Lock()

    def is_the_one(self, state: str) -> bool:
        """Whether a response has the ``state`` of the login. True once."""
        with self._lock:
            if self._state is None or not secrets.compare_digest(self._state.encode(), state.encode()):
                return False
            self._state = None
            return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about a connection that broke: a traceback could show the code."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SECONDS_TO_SEND
    server_version, sys_version = "phone-mfa", ""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path != PATH:
            self._show(_NOT_FOUND)
            return
        try:
            given = dict(parse_qsl(query, max_num_fields=_MOST_PARAMETERS))
        except ValueError:
            given = {}
        if not self.server.is_the_one(given.get("state", "")):
            self._show(_OTHER_LOGIN)
            return
        response = AuthorizationResponse(given.get("code", ""), given.get("error", ""), given.get("iss"))
        try:
            self._show(_LOGGED_IN if response.code and not response.error else _REFUSED)
        finally:  # a browser that is closed by now has logged in all the same
            self.server.done(response)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Respond to a request that is no GET, or no HTTP."""
        self._show((HTTPStatus(code), *_NOT_FOUND[1:]))

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the address has the code."""

    def _show(self, page: _Page) -> None:
        status, title, sentence = page
        text = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta name="color-scheme" content="light dark"></head><body><main><h1>{title}</h1><p>{sentence}</p>'
            "</main></body></html>"
        ).encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()
