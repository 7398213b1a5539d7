"""Middleware for every call: framing, body limit, request log, faults, rate limit.

Only framing and the body limit apply to the control plane and the phone page, which are not part of the tenant.
"""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.calls.call_view import CallView
from auth0_mfa_emulator.calls.request_log import Call
from auth0_mfa_emulator.state import Emulator
from auth0_mfa_emulator.storage.file import StateError
from auth0_mfa_emulator.wire import answer

from . import fault_responses
from .rate_limit import limited
from .request_validation import path_of, unclear, unclear_refused

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
        scope["path"] = path_of(scope["raw_path"])
        body = await _read(receive)
        if body is None:
            return
        if unclear(scope):
            await unclear_refused(scope["path"])(scope, receive, send)
            return
        app = _saved(self._app) if len(body) <= MAX_BODY_BYTES else _too_large(scope["path"])
        enter = app if _is_ours(scope["path"]) else _admitted(app, scope, body)
        await enter(scope, _replayed(body, receive), send)


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
        return _recorded(call, limited(emulator, app))
    work = _recorded(call, fault_responses.injected(fault) if fault.kind == "status" else limited(emulator, app))

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
