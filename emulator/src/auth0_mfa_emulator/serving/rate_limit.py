"""Tenant-wide rate limit on the wire: headers on every response, and 429."""

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import Emulator
from auth0_mfa_emulator.wire import answer

_TOO_MANY = "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers."
"""Auth0 docs, Authentication API introduction."""


def limited(emulator: Emulator, app: ASGIApp) -> ASGIApp:
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
        await (app if standing.admitted else _refused())(scope, receive, _with(headers, send))

    return enter


def _with(headers: dict[str, str], send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return add


def _refused() -> Response:
    return answer(errors.refused(429, "too_many_requests", _TOO_MANY).body, 429)
