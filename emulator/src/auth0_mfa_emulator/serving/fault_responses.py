"""Execution of ordered faults on the wire."""

import asyncio
import socket
import struct

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth0_mfa_emulator.calls.faults import Fault
from auth0_mfa_emulator.wire import answer

TRANSPORT = "emulator.transport"
"""Scope key under which the server stores the connection, so that a fault can close it."""
GARBAGE = b'{"error":"\xff\xfe\x00'
"""A body that starts like JSON but is neither JSON nor UTF-8."""
_PIECES = 10
_LINGER_NONE = struct.pack("ii", 1, 0)


def injected(fault: Fault) -> Response:
    """Returns the response that a `status` fault substitutes."""
    if fault.status in (204, 304):
        return Response(status_code=fault.status, headers=fault.headers)
    if fault.body is None or isinstance(fault.body, str):
        return Response(fault.body, fault.status, fault.headers)
    return answer(fault.body, fault.status, headers=fault.headers)


async def play(fault: Fault, work: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Process and answer the call as the fault specifies."""
    if fault.kind == "reset":
        await _hang_up(scope, receive, reset=True)
        return
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
    if fault.kind in ("status", "delay"):
        await work(scope, receive, send)
        return
    head, body = await _answer_of(work, scope, receive)
    if fault.kind == "slow_body":
        await send(head)
        await _send_slowly(body, fault.seconds, send)
    elif fault.kind == "garbage_body":
        await _send_garbage(head, body, send)
    else:
        if fault.kind == "truncated_body":
            await send(head)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await _hang_up(scope, receive, reset=False)


async def _answer_of(work: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    await work(scope, receive, keep)
    return sent[0], b"".join(message.get("body", b"") for message in sent[1:])


async def _send_slowly(body: bytes, seconds: float, send: Send) -> None:
    size = max(1, -(-len(body) // _PIECES))
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    for piece in pieces:
        await asyncio.sleep(seconds / len(pieces))
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_garbage(head: Message, body: bytes, send: Send) -> None:
    garbage = GARBAGE if body else b""  # a response without a body, such as 204, must stay so
    if body:
        MutableHeaders(scope=head)["content-length"] = str(len(garbage))
    await send(head)
    await send({"type": "http.response.body", "body": garbage})


async def _hang_up(scope: Scope, receive: Receive, *, reset: bool) -> None:
    transport: asyncio.Transport = scope[TRANSPORT]
    if reset:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
        transport.abort()
    else:
        transport.close()
    # If this returned before the server notices the disconnect, the server would send a 500.
    while (await receive())["type"] != "http.disconnect":
        pass
