"""Cookies of the hosted pages, each twice: with `SameSite=None`, and without for browsers that do not know it.

Names and the fallback are Auth0's (Auth0 docs, Authentication API cookies). Browsers take `SameSite=None` over HTTPS
only, so that plain HTTP has neither attribute.
"""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

Name = Literal["auth0", "auth0-mf", "did"]
"""The single sign-on session, the browser trusted not to repeat MFA, and the browser itself."""


def read(request: Request, name: Name) -> str:
    """Returns a cookie's value, empty if it was not sent."""
    return request.cookies.get(name) or request.cookies.get(_fallback(name)) or ""


def put(request: Request, response: Response, name: Name, value: str, seconds: float) -> None:
    """Set a cookie for so many seconds."""
    secure, age = request.scope["scheme"] == "https", max(1, int(seconds))
    same_site: Literal["none"] | None = "none" if secure else None
    response.set_cookie(name, value, age, httponly=True, secure=secure, samesite=same_site)
    response.set_cookie(_fallback(name), value, age, httponly=True, secure=secure, samesite=None)


def drop(request: Request, response: Response, name: Name) -> None:
    """Delete a cookie."""
    secure = request.scope["scheme"] == "https"
    for each in (name, _fallback(name)):
        response.delete_cookie(each, httponly=True, secure=secure, samesite=None)


def _fallback(name: str) -> str:
    return f"{name}_compat"
