"""Sign-in page that gives a browser its session cookie. Only with a shared token; JWT readers have their own tokens.

Does not rely on ``Sec-Fetch-Site``: the origin of a request is compared with the host it was sent to.
"""

import html
import json
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import audit
from .auth import Credentials, NotAuthenticatedError
from .context import context_of
from .errors import RefusedError, refusal_of
from .headers import COOKIE
from .request_body import body_of
from .shared_token import SESSION_SECONDS, WHO, SharedTokenAuthenticator

MAX_SIGN_IN_BYTES: Final = 16 * 1024
_FILES: Final = files("phone_mfa.codec_server").joinpath("page")
_TYPES: Final = {"sign-in.css": "text/css", "sign-in.js": "text/javascript"}
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def page(request: Request) -> Response:
    """Serve the page, with a link to the UI."""
    text = _FILES.joinpath("index.html").read_text(encoding="utf-8")
    return Response(
        text.replace("{{origin}}", html.escape(context_of(request).origin)), headers=_HEADERS, media_type="text/html"
    )


async def asset(request: Request) -> Response:
    """Serve a static file of the page."""
    name = request.url.path.removeprefix("/")
    return Response(_FILES.joinpath(name).read_bytes(), headers=_HEADERS, media_type=_TYPES[name])


async def show_session(request: Request) -> Response:
    """Return whether this browser is signed in, since the page cannot read its cookie."""
    try:
        await _shared_token(request).authenticate(Credentials(cookie=request.cookies.get(COOKIE)))
    except NotAuthenticatedError:
        return _answer(signed_in=False)
    return _answer(signed_in=True)


async def open_session(request: Request) -> Response:
    """Sign in: exchange the token for a cookie."""
    _require_same_origin(request)
    shared = _shared_token(request)
    if not shared.is_token(_token_in(await body_of(request, MAX_SIGN_IN_BYTES))):
        raise refusal_of(NotAuthenticatedError("wrong_token"))
    request.state.who = WHO
    audit.signed_in(request)
    answer = _answer(signed_in=True)
    _set_cookie(request, answer, shared.session(), SESSION_SECONDS)
    return answer


async def close_session(request: Request) -> Response:
    """Sign out."""
    _require_same_origin(request)
    answer = _answer(signed_in=False)
    _set_cookie(request, answer, "", 0)
    return answer


def _answer(*, signed_in: bool) -> Response:
    return JSONResponse({"signed_in": signed_in}, headers={"Cache-Control": "no-store"})


def _set_cookie(request: Request, answer: Response, value: str, seconds: int) -> None:
    # Without a domain the cookie is limited to this host. A proxy that terminates TLS sets X-Forwarded-Proto.
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    answer.set_cookie(COOKIE, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")


def _require_same_origin(request: Request) -> None:
    _, _, sent_from = request.headers.get("origin", "").partition("://")
    if not sent_from or sent_from != request.headers.get("host"):
        raise RefusedError(403, "Sign in and out on the codec server's own page.", reason="another_origin")


def _token_in(body: bytes) -> str:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        read = None
    token = read.get("token") if isinstance(read, dict) else None
    if not isinstance(token, str):
        raise RefusedError(400, 'The body must be JSON: {"token": "..."}.')
    return token


def _shared_token(request: Request) -> SharedTokenAuthenticator:
    shared = context_of(request).shared_token
    assert shared  # noqa: S101 - these routes exist only with one
    return shared
