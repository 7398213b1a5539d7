"""`GET /_phone`: page of the emulated phones."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors

_FILES = files("auth0_mfa_emulator.phone").joinpath("page")
_TYPES = {"phone.css": "text/css", "phone.js": "text/javascript", "icon.svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-store",
    # Messages contain client input: nothing in them may run, load or be framed.
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def page(_: Request) -> Response:
    """Return the page."""
    return _file("index.html", "text/html")


async def asset(request: Request) -> Response:
    """Return an asset of the page."""
    name = request.path_params["name"]
    if name not in _TYPES:
        raise errors.control("Not Found", 404)
    return _file(name, _TYPES[name])


def _file(name: str, media_type: str) -> Response:
    return Response(_FILES.joinpath(name).read_bytes(), headers=_HEADERS, media_type=media_type)
