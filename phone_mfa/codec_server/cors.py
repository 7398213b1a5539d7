"""Which page may read our answers: those of one origin (Fetch standard, "CORS protocol").

Not Starlette's middleware, which tells pages of other origins, too, that credentials are allowed.
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


class OneOrigin:
    """Lets pages of ``origin`` read, and says nothing to those of others."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app, self._origin = app, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or let the request through and mark its answer."""
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
