"""Middleware for every call: framing, body limit, request log, faults, rate limit, cross-origin sharing.

Only framing and the body limit apply to the control plane and its pages, which are not part of the tenant. Other web
sites may not use them.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.calls.call_view import CallView
from auth0_mfa_emulator.state import Call, Emulator
from auth0_mfa_emulator.storage.state_file import StateError
from auth0_mfa_emulator.wire import refusal

from . import cors, fault_responses
from .cross_site import is_cross_site

MAX_BODY_BYTES = 1_048_576
"""Maximum size of a request body; a megabyte is far beyond any request of this API."""


class EmulatorMiddleware:
    """ASGI middleware. It reads the whole body first: a call counts even if its caller hangs up during a delay."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one call."""
        if scope["type"] != "http":
            return
        scope["path"] = _path_of(scope["raw_path"])
        body = await _read(receive)
        if body is None:
            return
        if _unclear(scope):
            # Closes the connection, so that nothing that follows is read as a request.
            refusal = _refusal(scope, 400, "It is not clear where the request ends.", {"Connection": "close"})
            await refusal(scope, receive, send)
            return
        too_large = f"The request body is over {MAX_BODY_BYTES} bytes."
        app = _saved(self._app) if len(body) <= MAX_BODY_BYTES else _refusal(scope, 413, too_large)
        enter = _own(app, scope) if _is_ours(scope["path"]) else _admitted(app, scope, body)
        await enter(scope, _replayed(body, receive), send)


def _unclear(scope: Scope) -> bool:
    """Whether the request gives its length in two ways (RFC 9112, 6.3), opens a tunnel, or is not HTTP/1.x."""
    names = {name for name, _ in scope["headers"]}
    two_lengths = {b"content-length", b"transfer-encoding"} <= names
    return two_lengths or scope["method"] == "CONNECT" or not scope["http_version"].startswith("1.")


def _refusal(scope: Scope, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """Returns an error in the format of the API that owns the path."""
    code = "server_error" if status == 500 else "invalid_request"
    return refusal(errors.for_path(scope["path"], status, code, sentence, headers))


def _path_of(target: bytes) -> str:
    """Returns the decoded path of a request target, which may be an absolute URL, as for a proxy (RFC 9112, 3.2.2)."""
    return unquote(re.sub(rb"\Ahttps?://[^/]*(?=/|\Z)", b"", target, flags=re.IGNORECASE)) or "/"


def _saved(app: ASGIApp) -> ASGIApp:
    """Persist changes before the first byte of the response that reports them."""

    async def saved(scope: Scope, receive: Receive, send: Send) -> None:
        emulator: Emulator = scope["app"].state.emulator
        try:
            await app(scope, receive, _before_head(lambda _: emulator.save(), send))
        except StateError as problem:
            await _refusal(scope, 500, str(problem))(scope, receive, send)

    return saved


def _is_ours(path: str) -> bool:
    return path.startswith(("/_control/", "/_phone/")) or path in ("/_control", "/_phone")


def _own(app: ASGIApp, scope: Scope) -> ASGIApp:
    return _refusal(scope, 403, "Another web site cannot change anything here.") if is_cross_site(scope) else app


def _admitted(app: ASGIApp, scope: Scope, body: bytes) -> ASGIApp:
    emulator: Emulator = scope["app"].state.emulator
    call, view = emulator.request_log.open(scope["method"], scope["path"]), CallView(scope, body)
    fault = emulator.faults.strike(view)
    work = fault_responses.injected(fault) if fault and fault.kind == "status" else _limited(emulator, app)
    if not (fault and fault.kind == "status" and cors.is_preflight(view)):
        work = cors.shared(emulator.tenant, work, view)
    work = _recorded(call, work)
    if not fault:
        return work

    async def struck(scope: Scope, receive: Receive, send: Send) -> None:
        await fault_responses.play(fault, work, scope, receive, send)

    return struck


def _recorded(call: Call, app: ASGIApp) -> ASGIApp:
    def record(head: Message) -> None:
        call.status = head["status"]

    async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, _before_head(record, send))

    return recorded


def _limited(emulator: Emulator, app: ASGIApp) -> ASGIApp:
    """Wrap the app with the tenant's rate limit; a call counts when its processing begins."""

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        settings, now = emulator.tenant.settings, emulator.tenant.clock.now()
        standing = emulator.rate_limit.admit(scope["path"], settings, now)
        if not standing:
            await app(scope, receive, send)
            return
        headers = standing.headers
        if not standing.admitted and settings.rate_limit_retry_after:
            headers["retry-after"] = str(standing.wait_seconds)
        work = app if standing.admitted else refusal(errors.too_many_calls(scope["path"]))
        await work(scope, receive, _before_head(lambda head: MutableHeaders(scope=head).update(headers), send))

    return enter


def _before_head(act: Callable[[Message], None], send: Send) -> Send:
    """Call `act` with the head of the response just before it is sent."""

    async def acting(message: Message) -> None:
        if message["type"] == "http.response.start":
            act(message)
        await send(message)

    return acting


async def _read(receive: Receive) -> bytes | None:
    """Read the body, truncated just past the limit. Returns None if the caller hung up before its end."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")[: MAX_BODY_BYTES + 1 - len(body)]
        more = message.get("more_body", False)
    return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return unread.pop() if unread else await receive()

    return replay
