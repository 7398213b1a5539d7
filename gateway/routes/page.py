"""Serves the web page: static files, texts with the operator's overrides, and the page's configuration.

Serves the JavaScript client, too, which the page uses and other front ends can take.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.context import context_of
from gateway.etag import is_known, tag_of
from gateway.problems import ProblemError
from gateway.texts import languages_with, texts_with
from phone_mfa.phone_numbers import REGIONS

PAGE: Final = Path(__file__).parents[1] / "page"
CLIENT: Final = Path(__file__).parents[1] / "client"
_MEDIA_TYPES: Final = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".ts": "text/plain"}
ASSETS: Final[Mapping[str, Path]] = {file.name: file for file in PAGE.iterdir() if file.suffix in (".css", ".js")}
CLIENT_FILES: Final[Mapping[str, Path]] = {
    file.name: file for file in CLIENT.iterdir() if file.suffix in (".js", ".ts")
}
_FRESH: Final = {"Cache-Control": "no-cache"}  # revalidated each time, 304 when not modified

router = APIRouter(include_in_schema=False)


@router.get("/enroll")
@router.get("/enroll/")
@router.get("/enroll#{encoded:path}")
@router.get("/enroll/#{encoded:path}")
@router.get("/verify")
@router.get("/verify/")
@router.get("/verify#{encoded:path}")
@router.get("/verify/#{encoded:path}")
async def page(request: Request) -> Response:
    """The page to enroll or verify a phone.

    Some mail programs encode the ``#`` of a link, whose token then arrives in the path: the page moves it back.
    """
    return _file(request, PAGE / "page.html")


def not_found(request: Request) -> Response | None:
    """The page, for a person at an address that does not exist: it says so, and what to do next. None for programs."""
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return None
    return Response((PAGE / "page.html").read_bytes(), HTTPStatus.NOT_FOUND, media_type="text/html")


@router.get("/assets/config.json")
async def config(request: Request) -> Response:
    """The page's configuration."""
    context = context_of(request)
    who = context.identity
    links = {"return_url": context.return_url, "help_url": context.help_url, "privacy_url": who.privacy_url}
    names = {"company": who.company, "app": who.app, "logo": who.logo is not None}
    settings = {
        **links,
        **names,
        "login": context.login is not None,
        "languages": languages_with(context.theme),
        "countries": dict(REGIONS),
    }
    return JSONResponse(settings, headers=_FRESH)


@router.get("/assets/theme.css")
async def theme(request: Request) -> Response:
    """The operator's style sheet; empty by default."""
    folder = context_of(request).theme
    if folder and (folder / "theme.css").is_file():
        return _file(request, folder / "theme.css")
    return Response("", media_type="text/css", headers=_FRESH)


@router.get("/assets/logo")
async def logo(request: Request) -> Response:
    """The operator's logo."""
    identity = context_of(request).identity
    if identity.logo is None:
        raise ProblemError("not-found")
    return _file(request, identity.logo, identity.logo_type)


@router.get("/assets/texts/{language}.json")
async def texts(request: Request, language: str) -> Response:
    """The texts of a language; the operator's texts override the built-in ones. The page adds what only English has."""
    folder = context_of(request).theme
    if language not in languages_with(folder):
        raise ProblemError("not-found")
    return JSONResponse(texts_with(folder, language), headers=_FRESH)


@router.get("/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """A static file of the page."""
    if name not in ASSETS:
        raise ProblemError("not-found")
    return _file(request, ASSETS[name])


@router.get("/client/{name}")
async def client(request: Request, name: str) -> Response:
    """A file of the JavaScript client, or its type declarations."""
    if name not in CLIENT_FILES:
        raise ProblemError("not-found")
    return _file(request, CLIENT_FILES[name])


def _file(request: Request, path: Path, media_type: str = "") -> Response:
    content = path.read_bytes()
    tag = tag_of(content)
    headers = {**_FRESH, "ETag": f'"{tag}"'}
    if is_known(tag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type or _MEDIA_TYPES[path.suffix])
