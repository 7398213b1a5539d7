"""Why a request gets no payloads, and how that is answered: one sentence in JSON, and a line in the log."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import audit
from .auth import IssuerDownError, NotProvedError

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="phone-mfa codec server"'}


class RefusedError(Exception):
    """``message`` is for whoever asked; ``reason``, a word, for the log."""

    def __init__(
        self, status: int, message: str, *, reason: str = "bad_request", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.reason, self.headers = status, message, reason, headers


def refusal_of(error: NotProvedError | IssuerDownError) -> RefusedError:
    """The same sentence for every token that does not do."""
    if isinstance(error, IssuerDownError):
        wait = {"Retry-After": str(error.retry_after)}
        return RefusedError(503, "Nobody can be checked now: try again.", reason="issuer_down", headers=wait)
    return RefusedError(401, "Say who you are: a valid token is needed.", reason=error.reason, headers=_CHALLENGE)


def refused(request: Request, error: Exception) -> Response:
    """Answer a refusal of ours, and note it."""
    assert isinstance(error, RefusedError)  # noqa: S101 - narrowing what Starlette hands over
    audit.refused(request, error.status, error.reason)
    return JSONResponse({"message": error.message}, error.status, error.headers)


def not_served(request: Request, error: Exception) -> Response:
    """Answer what no route is for."""
    assert isinstance(error, HTTPException)  # noqa: S101 - narrowing what Starlette hands over
    return JSONResponse({"message": f"{error.detail}."}, error.status_code, error.headers)


def failed(request: Request, error: Exception) -> Response:
    """Answer a defect of ours; the log tells which."""
    return JSONResponse({"message": "The codec server failed."}, 500)
