"""CORS middleware that allows a single origin (Fetch standard, "CORS protocol").

Starlette's own middleware also announces to other origins that credentials are allowed.
"""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .headers import ALLOWED

_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": ", ".join(ALLOWED),
    "Access-Control-Max-Age": "600",
}


class SingleOriginCors:
    """Allows pages of ``origin`` to read responses; sends no CORS headers to others."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app, self._origin = app, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or pass the request on and add the headers to its response."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        ours = headers.get("origin") == self._origin

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if ours:
                    answer["Access-Control-Allow-Origin"] = self._origin
                    answer["Access-Control-Allow-Credentials"] = "true"
            await send(message)

        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await Response(status_code=204, headers=_PREFLIGHT if ours else None)(scope, receive, marked)
        else:
            await self._app(scope, receive, marked)
