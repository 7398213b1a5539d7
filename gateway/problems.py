"""Problem documents (RFC 9457) for all errors.

The types are stable. Details are human-readable sentences that repeat no input.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from phone_mfa.client.errors import ConflictingStartError, FlowsError, RefusedMessageError

from .status_codes import PROBLEMS

MEDIA_TYPE: Final = "application/problem+json"
URN: Final = "urn:phone-mfa:problem:"
NO_OBJECT: Final = "The body must be a JSON object, sent with Content-Type: application/json."
SOON: Final = 3
"""Seconds to wait for a short outage to end."""


def soon() -> datetime:
    """When to retry after a short outage."""
    return datetime.now(UTC) + timedelta(seconds=SOON)


@dataclass(frozen=True, slots=True)
class Kind:
    """The status and title of one problem type. ``retry_after``: seconds, if a retry can help."""

    status: int
    title: str
    retry_after: int | None = None


KINDS: Final[Mapping[str, Kind]] = {
    "bad-input": Kind(422, "The request is invalid."),
    "number-not-allowed": Kind(422, "No messages are sent to this number."),
    "unauthorized": Kind(401, "An API key or a flow token is required."),
    "not-allowed": Kind(403, "This call requires an API key."),
    "unknown-flow": Kind(404, "There is no such flow."),
    "invitation-unusable": Kind(410, "The link cannot be used."),
    "not-invited": Kind(409, "The user of this flow was not invited."),
    "login-required": Kind(409, "The user of this flow has to log in by a link."),
    "login-not-enabled": Kind(404, "This gateway has no login."),
    "no-recovery-code": Kind(404, "There is no recovery code to show."),
    "not-found": Kind(404, "There is nothing at this URL."),
    "method-not-allowed": Kind(405, "This URL does not support that method."),
    "idempotency-key-reused": Kind(422, "The idempotency key belongs to another request."),
    "start-conflict": Kind(409, "The user's running flow was started differently."),
    "flow-over": Kind(409, "The flow is over."),
    "flow-running": Kind(409, "The flow is not over yet."),
    "no-message-left": Kind(409, "This flow has no messages left."),
    "not-possible": Kind(409, "This flow cannot do that."),
    "too-slow": Kind(408, "The body did not arrive in time."),
    "too-long": Kind(413, "The body is too long."),
    "too-early": Kind(429, "It is too early for another message."),
    "too-many-requests": Kind(429, "Too many requests."),
    "defect": Kind(500, "Internal error."),
    "flow-failed": Kind(502, "The flow failed."),
    "flow-unreadable": Kind(502, "The flow cannot be read."),
    "no-worker": Kind(503, "No worker responds.", SOON),
    "step-fails": Kind(503, "The flow's next step keeps failing.", SOON),
    "engine-limit": Kind(503, "Temporal cannot accept more messages for this flow now.", SOON),
    "no-answer-yet": Kind(503, "The flow cannot answer yet.", SOON),
    "login-unavailable": Kind(503, "Auth0's login does not respond.", SOON),
    "engine-unreachable": Kind(503, "Temporal does not respond.", SOON),
}


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457). ``type`` is stable, ``detail`` is a human-readable sentence.

    ``field``: what is invalid. ``fields``: what differs from the running flow.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": f"{URN}unknown-flow", "title": KINDS["unknown-flow"].title, "status": 404, "detail": "..."}
            ]
        }
    )

    type: str = Field(pattern=f"^{URN}[a-z-]+$")
    title: str
    status: int
    detail: str
    field: str | None = None
    fields: tuple[str, ...] | None = None
    retry_at: datetime | None = None


@dataclass(eq=False)
class ProblemError(Exception):
    """An error to return as a problem document. ``name``: a key of ``KINDS``. ``retry_at``: when to retry."""

    name: str
    detail: str = ""
    field_name: str | None = None
    retry_at: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] | None = None

    @classmethod
    def of(cls, error: FlowsError, *, to_service: bool = False) -> "ProblemError":
        """Convert an error of ``phone_mfa.client``. Only services see why a flow failed."""
        name = PROBLEMS[type(error)]
        field_name = error.field_name if isinstance(error, RefusedMessageError) else None
        fields = error.fields if isinstance(error, ConflictingStartError) else None
        detail = "" if name.startswith("flow-") and not to_service else str(error)
        return cls(name, detail, field_name, fields=fields)

    @property
    def document(self) -> dict[str, Any]:
        """The problem document."""
        kind = KINDS[self.name]
        problem = ProblemDocument(
            type=f"{URN}{self.name}",
            title=kind.title,
            status=kind.status,
            detail=self.detail or kind.title,
            field=self.field_name,
            fields=self.fields,
            retry_at=self.retry_at,
        )
        return problem.model_dump(mode="json", exclude_none=True)

    @property
    def response(self) -> Response:
        """The problem document as a response."""
        kind = KINDS[self.name]
        headers = dict(self.headers)
        if self.retry_at:
            headers["Retry-After"] = str(max(1, math.ceil((self.retry_at - datetime.now(UTC)).total_seconds())))
        elif kind.retry_after:
            headers["Retry-After"] = str(kind.retry_after)
        return JSONResponse(self.document, kind.status, headers, MEDIA_TYPE)


def header_doc(header: str, what: str) -> dict[str, Any]:
    """A header in the OpenAPI document."""
    return {header: {"description": what, "schema": {"type": "string"}}}


def problem_responses(*names: str) -> dict[int | str, dict[str, Any]]:
    """The responses of these problems in the OpenAPI document."""
    by_status: dict[int | str, list[str]] = {}
    for name in names:
        by_status.setdefault(KINDS[name].status, []).append(name)
    return {status: _described(among) for status, among in by_status.items()}


_RETRY_AFTER: Final = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
_HEADERS: Final = {401: header_doc("WWW-Authenticate", "`Bearer`."), 429: _RETRY_AFTER, 503: _RETRY_AFTER}


def _described(names: Sequence[str]) -> dict[str, Any]:
    examples = {name: {"value": ProblemError(name).document} for name in names}
    headers = _HEADERS.get(KINDS[names[0]].status)
    return {
        "description": " ".join(KINDS[name].title for name in names),
        **({"headers": headers} if headers else {}),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}, "examples": examples}},
    }


async def handle_problem(_: Request, error: Exception) -> Response:
    """Handle a ``ProblemError``."""
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for it
    return error.response


async def handle_flows_error(request: Request, error: Exception) -> Response:
    """Handle an error of ``phone_mfa.client``."""
    assert isinstance(error, FlowsError)  # noqa: S101 - registered for it
    return ProblemError.of(error, to_service=getattr(request.state, "service", False)).response


async def handle_validation_error(_: Request, error: Exception) -> Response:
    """Handle invalid input. Names the field without its value."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    first = error.errors()[0]
    names = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    if first["type"] == "json_invalid" or not names:
        return ProblemError("bad-input", NO_OBJECT).response
    if first["type"] == "extra_forbidden":  # its name can be anything, so do not repeat it
        parent = ".".join(names[:-1])
        return ProblemError("bad-input", f"{parent or 'The body'} has an unknown member.").response
    field_name = ".".join(names)
    message = str(first["msg"]).removeprefix("Value error, ")
    return ProblemError("bad-input", f"{field_name}: {message}.", field_name).response


async def handle_http_error(_: Request, error: Exception) -> Response:
    """Handle a request that no route accepts."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    names = {404: "not-found", 405: "method-not-allowed", 413: "too-long"}
    name = names.get(error.status_code, "bad-input")
    return ProblemError(name, NO_OBJECT if name == "bad-input" else "", headers=error.headers or {}).response
