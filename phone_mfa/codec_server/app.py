"""ASGI application and routing table of the codec server."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import routes, sign_in
from .context import CodecContext
from .cors import SingleOriginCors
from .errors import RefusedError, failed, no_route, refused


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _client_disconnected(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


# By Temporal's protocol, only the end of the path matters, so that a codec server can be mounted anywhere.
_CODING = [
    Route(f"{prefix}/{name}", endpoint, methods=["POST"])
    for name, endpoint in (("decode", routes.decode), ("encode", routes.encode))
    for prefix in ("", "/{mounted:path}")
]
_HEALTH = [Route("/healthz", _health, methods=["GET"])]
_SIGN_IN = [
    Route("/", sign_in.page, methods=["GET"]),
    Route("/sign-in.css", sign_in.asset, methods=["GET"]),
    Route("/sign-in.js", sign_in.asset, methods=["GET"]),
    Route("/session", sign_in.show_session, methods=["GET"]),
    Route("/session", sign_in.open_session, methods=["POST"]),
    Route("/session", sign_in.close_session, methods=["DELETE"]),
]


def build(context: CodecContext) -> Starlette:
    """Build the ASGI application of a codec server."""
    app = Starlette(
        routes=[*_HEALTH, *(_SIGN_IN if context.shared_token else []), *_CODING],
        middleware=[Middleware(SingleOriginCors, origin=context.origin)],
        exception_handlers={
            RefusedError: refused,
            HTTPException: no_route,
            ClientDisconnect: _client_disconnected,
            Exception: failed,
        },
    )
    app.router.redirect_slashes = False  # a redirect would repeat the Host header of the request
    app.state.context = context
    return app
