"""Errors of the codec server and their responses: one sentence in JSON, and an audit line."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from phone_mfa.jwks import IssuerDownError

from . import audit
from .auth import NotAuthenticatedError

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="phone-mfa codec server"'}


class RefusedError(Exception):
    """A refused request. ``message`` is for the caller; ``reason``, one word, for the log."""

    def __init__(
        self, status: int, message: str, *, reason: str = "bad_request", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.reason, self.headers = status, message, reason, headers


def refusal_of(error: NotAuthenticatedError | IssuerDownError) -> RefusedError:
    """Returns the refusal, with the same message for every invalid token."""
    if isinstance(error, IssuerDownError):
        wait = {"Retry-After": str(error.retry_after)}
        return RefusedError(503, "Tokens cannot be checked now: try again.", reason="issuer_down", headers=wait)
    return RefusedError(401, "Authentication required: send a valid token.", reason=error.reason, headers=_CHALLENGE)


def refused(request: Request, error: Exception) -> Response:
    """Respond to a ``RefusedError``, and log it."""
    assert isinstance(error, RefusedError)  # noqa: S101 - narrowing what Starlette hands over
    audit.refused(request, error.status, error.reason)
    return JSONResponse({"message": error.message}, error.status, error.headers)


def no_route(request: Request, error: Exception) -> Response:
    """Respond to a request that no route serves."""
    assert isinstance(error, HTTPException)  # noqa: S101 - narrowing what Starlette hands over
    return JSONResponse({"message": f"{error.detail}."}, error.status_code, error.headers)


def failed(request: Request, error: Exception) -> Response:
    """Respond to an internal error; the details are in the log."""
    return JSONResponse({"message": "The codec server failed."}, 500)
