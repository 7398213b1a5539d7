"""Middleware for every call: framing, body limit, request log, faults, rate limit.

Only framing and the body limit apply to the control plane and the phone page, which are not part of the tenant.
"""

import re
from urllib.parse import unquote

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.calls.call_view import CallView
from auth0_mfa_emulator.state import Call, Emulator
from auth0_mfa_emulator.storage.state_file import StateError
from auth0_mfa_emulator.wire import answer

from . import fault_responses

MAX_BODY_BYTES = 1_048_576
"""Maximum size of a request body; a megabyte is far beyond any request of this API."""
_TOO_MANY = "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers."
"""Auth0 docs, Authentication API introduction."""


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
            await _unclear_refused(scope["path"])(scope, receive, send)
            return
        app = _saved(self._app) if len(body) <= MAX_BODY_BYTES else _too_large(scope["path"])
        enter = app if _is_ours(scope["path"]) else _admitted(app, scope, body)
        await enter(scope, _replayed(body, receive), send)


def _unclear(scope: Scope) -> bool:
    """Whether the request gives its length in two ways (RFC 9112, 6.3), opens a tunnel, or is not HTTP/1.x."""
    names = {name for name, _ in scope["headers"]}
    two_lengths = {b"content-length", b"transfer-encoding"} <= names
    return two_lengths or scope["method"] == "CONNECT" or not scope["http_version"].startswith("1.")


def _unclear_refused(path: str) -> Response:
    """Returns 400 and closes the connection, so that nothing that follows is read as a request."""
    refusal = errors.for_path(path, 400, "invalid_request", "It is not clear where the request ends.")
    return answer(refusal.body, 400, headers={"Connection": "close"})


def _path_of(target: bytes) -> str:
    """Returns the decoded path of a request target, which may be an absolute URL, as for a proxy (RFC 9112, 3.2.2)."""
    return unquote(re.sub(rb"\Ahttps?://[^/]*(?=/|\Z)", b"", target, flags=re.IGNORECASE)) or "/"


def _saved(app: ASGIApp) -> ASGIApp:
    """Persist changes before the first byte of the response that reports them."""

    async def saved(scope: Scope, receive: Receive, send: Send) -> None:
        emulator: Emulator = scope["app"].state.emulator

        async def save_first(message: Message) -> None:
            if message["type"] == "http.response.start":
                emulator.save()
            await send(message)

        try:
            await app(scope, receive, save_first)
        except StateError as problem:
            refusal = errors.for_path(scope["path"], 500, "server_error", str(problem))
            await answer(refusal.body, 500)(scope, receive, send)

    return saved


def _is_ours(path: str) -> bool:
    return path.startswith(("/_control/", "/_phone/")) or path == "/_phone"


def _admitted(app: ASGIApp, scope: Scope, body: bytes) -> ASGIApp:
    emulator: Emulator = scope["app"].state.emulator
    call = emulator.request_log.open(scope["method"], scope["path"])
    fault = emulator.faults.strike(CallView(scope, body))
    if not fault:
        return _recorded(call, _limited(emulator, app))
    work = _recorded(call, fault_responses.injected(fault) if fault.kind == "status" else _limited(emulator, app))

    async def struck(scope: Scope, receive: Receive, send: Send) -> None:
        await fault_responses.play(fault, work, scope, receive, send)

    return struck


def _recorded(call: Call, app: ASGIApp) -> ASGIApp:
    async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
        async def record(message: Message) -> None:
            if message["type"] == "http.response.start":
                call.status = message["status"]
            await send(message)

        await app(scope, receive, record)

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
        await (app if standing.admitted else _too_many())(scope, receive, _with(headers, send))

    return enter


def _with(headers: dict[str, str], send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return add


def _too_many() -> Response:
    return answer(errors.refused(429, "too_many_requests", _TOO_MANY).body, 429)


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


def _too_large(path: str) -> Response:
    refusal = errors.for_path(path, 413, "invalid_request", f"The request body is over {MAX_BODY_BYTES} bytes.")
    return answer(refusal.body, 413)
