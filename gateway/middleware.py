"""Middleware for all routes: limits on body size and response time, security headers, one log line per request.

Pure ASGI, so that streams pass through unbuffered.
"""

import asyncio
import time
from typing import Final

import structlog
from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from phone_mfa.tracebacks import traceback_of

from .metrics import Metrics
from .problems import ProblemError

MAX_BODY_BYTES: Final = 64 * 1024
"""Maximum body size in bytes; the longest content is a token of a few kB."""

METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Methods named in the log and in metrics; clients can send any number of other ones."""

_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), otp-credentials=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_log = structlog.get_logger("gateway")


class RequestGuard:
    """Guards an ASGI application."""

    def __init__(self, app: ASGIApp, metrics: Metrics, deadline: float) -> None:
        self._app, self._metrics, self._deadline = app, metrics, deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        answer = _Answer(send, head_only=scope["method"] == "HEAD")
        asked = {**scope, "method": "GET"} if answer.head_only else scope  # routes handle GET only (RFC 9110, 9.3.2)
        started = time.monotonic()
        try:
            await self._answer(asked, receive, answer)
        except Exception as error:
            _log.error("gateway.defect", traceback=traceback_of(error))
            await answer.problem(ProblemError("defect"), asked, receive)
        finally:
            self._record(asked, scope["method"], answer.status, time.monotonic() - started)

    async def _answer(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        body = _Body(receive, answer)
        task = asyncio.ensure_future(self._app(scope, body.receive, answer.send))
        begun = asyncio.ensure_future(answer.begun.wait())
        try:
            await asyncio.wait({task, begun}, timeout=self._deadline, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and not answer.begun.is_set():
                task.cancel()
                problem = "too-slow" if body.awaited else "engine-unreachable"
                return await answer.problem(ProblemError(problem), scope, receive)
            if not (answer.head_only and answer.begun.is_set()):
                await task
                await answer.end()
        finally:
            task.cancel()
            begun.cancel()

    def _record(self, scope: Scope, given_method: str, status: int, seconds: float) -> None:
        route, state = getattr(scope.get("route"), "path", "none"), scope.get("state", {})
        method = given_method if given_method in METHODS else "other"
        self._metrics.answered(method, route, status, seconds)
        known = {"caller": state.get("caller"), "flow": state.get("flow")}
        _log.info(
            "gateway.answered",
            method=method,
            route=route,
            status=status,
            seconds=round(seconds, 3),
            **{name: value for name, value in known.items() if value},
        )


class _Body:
    """A request body with a size limit."""

    def __init__(self, receive: Receive, answer: "_Answer") -> None:
        self._receive, self._answer = receive, answer
        self._length, self._whole, self.awaited = 0, False, False

    async def receive(self) -> Message:
        self.awaited = not self._whole  # afterwards only a disconnect is awaited
        message = await self._receive()
        self._length += len(message.get("body", b""))
        self._whole, self.awaited = not message.get("more_body", False), False
        if self._length > MAX_BODY_BYTES:
            if self._answer.begun.is_set():  # a stream only waits for a disconnect
                return {"type": "http.disconnect"}
            raise HTTPException(413)  # the only exception that FastAPI passes on
        return message


class _Answer:
    """The response so far. ``head_only``: its body is neither sent nor awaited."""

    def __init__(self, send: Send, head_only: bool) -> None:
        self._send, self.head_only = send, head_only
        self.status = 0
        self.begun = asyncio.Event()
        self._ended = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            await self._send(message)
            if self.head_only:
                await self.end()
            self.begun.set()
        elif not self._ended:
            self._ended = not message.get("more_body", False)
            await self._send(message)

    async def end(self) -> None:
        """End the response, for a stream that stopped without its last message."""
        if self.status and not self._ended:
            self._ended = True
            await self._send({"type": "http.response.body"})

    async def problem(self, problem: ProblemError, scope: Scope, receive: Receive) -> None:
        if not self.begun.is_set():
            await problem.response(scope, receive, self.send)
