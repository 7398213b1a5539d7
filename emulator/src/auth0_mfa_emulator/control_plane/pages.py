"""`GET /_phone` and `GET /_control`: the pages of the emulated phones and of the control plane, and their assets."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePath

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors

_PHONE = files("auth0_mfa_emulator.phone").joinpath("page")
_CONTROL = files("auth0_mfa_emulator.control_plane").joinpath("page")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-store",
    # Messages and users contain client input: nothing in them may run, load or be framed.
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def phone(_: Request) -> Response:
    """Return the page of the phones."""
    return _response(_PHONE.joinpath("index.html").read_bytes(), "text/html")


async def phone_asset(request: Request) -> Response:
    """Return an asset of the page of the phones, or one that both pages share."""
    return _asset(request, _PHONE)


async def control(_: Request) -> Response:
    """Return the page of the control plane."""
    return _response(_CONTROL.joinpath("index.html").read_bytes(), "text/html")


async def control_asset(request: Request) -> Response:
    """Return an asset of the page of the control plane."""
    return _asset(request, _CONTROL)


def _asset(request: Request, folder: Traversable) -> Response:
    name = request.path_params["name"]
    kinds = {file.name: _TYPES.get(PurePath(file.name).suffix) for file in folder.iterdir()}
    kind = kinds.get(name)
    if not kind:
        raise errors.control("Not Found", 404)
    return _response(folder.joinpath(name).read_bytes(), kind)


def _response(content: bytes, media_type: str) -> Response:
    return Response(content, headers=_HEADERS, media_type=media_type)
