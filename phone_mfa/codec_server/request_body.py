"""Request and response bodies: size limits, and payloads in protobuf's JSON format."""

from collections.abc import Sequence

from google.protobuf import json_format
from starlette.requests import Request
from starlette.responses import Response
from temporalio.api.common.v1 import Payload, Payloads

from .budget import values_in
from .errors import RefusedError

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Maximum size of a body in bytes, the same as Temporal's limit for a gRPC message."""
MAX_VALUES = 65_536
"""Maximum number of JSON values in a body; a payload has about ten."""
MAX_PAYLOADS = 1000
"""Maximum number of payloads in a request; the UI requests those of one event, or of one page of events."""
_DRAINED = 4 * MAX_BODY_BYTES
"""Bytes that are read of a body that is too long, so that the sender receives the error response."""


async def body_of(request: Request, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Read the body. Raises ``RefusedError`` if it is too long."""
    body, length = bytearray(), 0
    async for part in request.stream():
        length += len(part)
        if length > _DRAINED:
            break
        if length <= max_bytes:
            body += part
    if length > max_bytes:
        raise RefusedError(413, f"The body must not be longer than {max_bytes} bytes.", reason="too_long")
    return bytes(body)


def payloads_in(body: bytes) -> Sequence[Payload]:
    """Parse the payloads. Raises ``RefusedError``."""
    read = Payloads()
    try:
        if not body.lstrip().startswith(b"{"):
            raise ValueError("protobuf takes an empty list for an empty message")  # noqa: TRY301 - refused below
        text = body.decode()
        if values_in(text) > MAX_VALUES:
            raise RefusedError(400, f"At most {MAX_VALUES} values in a body.", reason="too_many")
        json_format.Parse(text, read, ignore_unknown_fields=True)
    # protobuf passes on whatever its setters raise for values of wrong types
    except (json_format.ParseError, ValueError, TypeError, AttributeError, RecursionError):
        raise RefusedError(400, 'The body must be JSON: {"payloads": [...]}.') from None
    if len(read.payloads) > MAX_PAYLOADS:
        raise RefusedError(400, f"At most {MAX_PAYLOADS} payloads at once.", reason="too_many")
    return read.payloads


def answer_with(payloads: Sequence[Payload]) -> Response:
    """Returns a response with payloads that must not be cached."""
    text = json_format.MessageToJson(Payloads(payloads=payloads), indent=None)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})
