"""Every way in which a request is not answered as asked: one problem document each (RFC 9457).

The types are stable. Details are sentences for people, and repeat no value.
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

from phone_mfa.client.errors import FlowsError, RefusedMessageError

from .status_codes import REFUSALS

MEDIA_TYPE: Final = "application/problem+json"
URN: Final = "urn:phone-mfa:problem:"
NO_OBJECT: Final = "The body must be a JSON object, sent with Content-Type: application/json."
SOON: Final = 3
"""Seconds to wait for what is expected back at any moment."""


def soon() -> datetime:
    """When it is worth asking again for that."""
    return datetime.now(UTC) + timedelta(seconds=SOON)


@dataclass(frozen=True, slots=True)
class Kind:
    """What problems of one type have in common. ``retry_after``: seconds, where waiting helps."""

    status: int
    title: str
    retry_after: int | None = None


KINDS: Final[Mapping[str, Kind]] = {
    "bad-input": Kind(422, "The request does not fit."),
    "unauthorized": Kind(401, "An API key or a flow token is needed."),
    "not-allowed": Kind(403, "A flow token may not do this."),
    "unknown-flow": Kind(404, "There is no such flow."),
    "no-recovery-code": Kind(404, "There is no recovery code to show."),
    "not-found": Kind(404, "There is nothing at this address."),
    "method-not-allowed": Kind(405, "This address does not do that."),
    "idempotency-key-reused": Kind(422, "The idempotency key belongs to another request."),
    "flow-over": Kind(409, "The flow is over."),
    "flow-running": Kind(409, "The flow is not over yet."),
    "no-message-left": Kind(409, "No message is left in this flow."),
    "not-possible": Kind(409, "This flow cannot do that."),
    "too-slow": Kind(408, "The body did not come in time."),
    "too-long": Kind(413, "The body is too long."),
    "too-early": Kind(429, "It is too early for another message."),
    "too-many-requests": Kind(429, "There are too many requests."),
    "defect": Kind(500, "Something is wrong with us."),
    "flow-failed": Kind(502, "The flow failed."),
    "flow-unreadable": Kind(502, "The flow cannot be read."),
    "no-worker": Kind(503, "No worker answers.", SOON),
    "step-fails": Kind(503, "The flow's next step fails again and again.", SOON),
    "engine-limit": Kind(503, "Temporal takes no more messages for this flow just now.", SOON),
    "no-answer-yet": Kind(503, "The flow cannot answer yet.", SOON),
    "engine-unreachable": Kind(503, "Temporal does not answer.", SOON),
}


class ProblemDocument(BaseModel):
    """What is wrong, as RFC 9457 writes it. ``type`` is stable, ``detail`` is a sentence for people."""

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
    retry_at: datetime | None = None


@dataclass(eq=False)
class ProblemError(Exception):
    """A problem that a request meets. ``name``: of one of ``KINDS``. ``retry_at``: when it is worth asking again."""

    name: str
    detail: str = ""
    field_name: str | None = None
    retry_at: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: FlowsError, *, to_service: bool = False) -> "ProblemError":
        """What ``starter`` raised, as a problem. Why a flow failed is for those who run it, and not for browsers."""
        name = REFUSALS[type(error)]
        field_name = error.field_name if isinstance(error, RefusedMessageError) else None
        return cls(name, "" if name.startswith("flow-") and not to_service else str(error), field_name)

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
            retry_at=self.retry_at,
        )
        return problem.model_dump(mode="json", exclude_none=True)

    @property
    def response(self) -> Response:
        """The answer."""
        kind = KINDS[self.name]
        headers = dict(self.headers)
        if self.retry_at:
            headers["Retry-After"] = str(max(1, math.ceil((self.retry_at - datetime.now(UTC)).total_seconds())))
        elif kind.retry_after:
            headers["Retry-After"] = str(kind.retry_after)
        return JSONResponse(self.document, kind.status, headers, MEDIA_TYPE)


def described(header: str, what: str) -> dict[str, Any]:
    """What the OpenAPI document says of a header."""
    return {header: {"description": what, "schema": {"type": "string"}}}


def documented(*names: str) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of these problems."""
    by_status: dict[int | str, list[str]] = {}
    for name in names:
        by_status.setdefault(KINDS[name].status, []).append(name)
    return {status: _described(among) for status, among in by_status.items()}


_RETRY_AFTER: Final = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}}
_HEADERS: Final = {401: described("WWW-Authenticate", "`Bearer`."), 429: _RETRY_AFTER, 503: _RETRY_AFTER}


def _described(names: Sequence[str]) -> dict[str, Any]:
    examples = {name: {"value": ProblemError(name).document} for name in names}
    headers = _HEADERS.get(KINDS[names[0]].status)
    return {
        "description": " ".join(KINDS[name].title for name in names),
        **({"headers": headers} if headers else {}),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}, "examples": examples}},
    }


async def of_problem(_: Request, error: Exception) -> Response:
    """Answer with a problem."""
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for it
    return error.response


async def of_flows(request: Request, error: Exception) -> Response:
    """Answer with what ``starter`` raised."""
    assert isinstance(error, FlowsError)  # noqa: S101 - registered for it
    return ProblemError.of(error, to_service=getattr(request.state, "service", False)).response


async def of_validation(_: Request, error: Exception) -> Response:
    """Answer to what does not fit, with the field and not the value."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    first = error.errors()[0]
    names = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    if first["type"] == "json_invalid" or not names:
        return ProblemError("bad-input", NO_OBJECT).response
    if first["type"] == "extra_forbidden":  # its name may be anything, and is not repeated
        parent = ".".join(names[:-1])
        return ProblemError("bad-input", f"{parent or 'The body'} has a member that is not known here.").response
    field_name = ".".join(names)
    said = str(first["msg"]).removeprefix("Value error, ")
    return ProblemError("bad-input", f"{field_name}: {said}.", field_name).response


async def of_http(_: Request, error: Exception) -> Response:
    """Answer to what no route takes."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    names = {404: "not-found", 405: "method-not-allowed", 413: "too-long"}
    name = names.get(error.status_code, "bad-input")
    return ProblemError(name, NO_OBJECT if name == "bad-input" else "", headers=error.headers or {}).response
