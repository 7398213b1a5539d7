"""What every call passes on its way in: body limit, record, faults, rate limit. The control plane passes untouched."""

import asyncio
import socket
import struct

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulator import errors
from emulator.calls.faults import Fault
from emulator.calls.journal import Call
from emulator.state import Emulator
from emulator.wire import answer

MAX_BODY_BYTES = 1_048_576
"""The longest request body read: a megabyte is far beyond any request of this API."""
TRANSPORT = "emulator.transport"
"""Where the server puts the connection in the scope, so that a fault can close it."""
_CONTROL = "/_control/"
_LINGER_NONE = struct.pack("ii", 1, 0)


class Gate:
    """ASGI middleware. It reads the whole body first: a caller that hangs up during a delay has still asked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one call through."""
        if scope["type"] != "http":
            return
        body = await _read(receive)
        if body is None:
            return
        passed = scope, _replayed(body, receive), send
        if scope["path"].startswith(_CONTROL):
            await (self._app if len(body) <= MAX_BODY_BYTES else _too_large(scope["path"]))(*passed)
        else:
            await self._admit(*passed, fits=len(body) <= MAX_BODY_BYTES)

    async def _admit(self, scope: Scope, receive: Receive, send: Send, *, fits: bool) -> None:
        emulator: Emulator = scope["app"].state.emulator
        call = emulator.journal.open(scope["method"], scope["path"])
        fault = emulator.faults.strike(call.method, call.path)
        app = self._app if fits else _too_large(call.path)
        if fault and fault.kind == "reset":
            await _hang_up(scope, receive, reset=True)
            return
        if fault and fault.kind == "status":
            await _injected(fault)(scope, receive, _recording(call, send, {}))
            return
        if fault and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        headers, refusal = _rate_limit(emulator, call.path)
        if fault and fault.kind == "drop_response":
            await (refusal or app)(scope, receive, _recording(call, _discard, headers))
            await _hang_up(scope, receive, reset=False)
            return
        await (refusal or app)(scope, receive, _recording(call, send, headers))


async def _read(receive: Receive) -> bytes | None:
    """The body, kept to just past the limit; None when the caller hung up before its end."""
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


def _recording(call: Call, send: Send, headers: dict[str, str]) -> Send:
    async def record(message: Message) -> None:
        if message["type"] == "http.response.start":
            call.status = message["status"]
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return record


async def _discard(_: Message) -> None:
    """Send nothing."""


async def _hang_up(scope: Scope, receive: Receive, *, reset: bool) -> None:
    transport: asyncio.Transport = scope[TRANSPORT]
    if reset:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
        transport.abort()
    else:
        transport.close()
    # Returning before the server has noticed would have it answer 500 in our place.
    while (await receive())["type"] != "http.disconnect":
        pass


def _injected(fault: Fault) -> Response:
    if fault.status in (204, 304):
        return Response(status_code=fault.status, headers=fault.headers)
    if fault.body is None or isinstance(fault.body, str):
        return Response(fault.body, fault.status, fault.headers)
    return answer(fault.body, fault.status, headers=fault.headers)


def _rate_limit(emulator: Emulator, path: str) -> tuple[dict[str, str], Response | None]:
    """The headers of every answer of a limited tenant (Auth0 docs, rate limit use cases), and the 429 if it is one."""
    rule, now = emulator.tenant.settings.rate_limit, emulator.tenant.clock.now()
    if not rule:
        return {}, None
    taken, wait = emulator.calls.take(rule, now), emulator.calls.seconds_to_next(rule, now)
    headers = {
        "x-ratelimit-limit": str(rule.burst),
        "x-ratelimit-remaining": str(emulator.calls.left(rule, now)),
        "x-ratelimit-reset": str(int(now) + wait),
    }
    if taken:
        return headers, None
    refusal = errors.for_path(path, 429, "too_many_requests", "Rate limit exceeded.")
    return headers | {"Retry-After": str(wait)}, answer(refusal.body, 429)


def _too_large(path: str) -> Response:
    refusal = errors.for_path(path, 413, "invalid_request", f"The request body is over {MAX_BODY_BYTES} bytes.")
    return answer(refusal.body, 413)
