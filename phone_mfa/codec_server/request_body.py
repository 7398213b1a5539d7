"""The bodies of requests: not longer than allowed, and the payloads in them (protobuf's JSON form)."""

from collections.abc import Sequence

from google.protobuf import json_format
from starlette.requests import Request
from starlette.responses import Response
from temporalio.api.common.v1 import Payload, Payloads

from .errors import RefusedError

LONGEST = 4 * 1024 * 1024
"""Bytes; what Temporal takes in one gRPC message."""
MOST = 1000
"""Payloads in one request; the UI asks for those of one event, or one page of them."""
_DRAINED = 4 * LONGEST
"""Bytes that are read of a body that is too long, so that its sender comes to hear of it."""


async def body_of(request: Request, longest: int = LONGEST) -> bytes:
    """The body. Raises ``RefusedError``."""
    body, length = bytearray(), 0
    async for part in request.stream():
        length += len(part)
        if length > _DRAINED:
            break
        if length <= longest:
            body += part
    if length > longest:
        raise RefusedError(413, f"The body must not be longer than {longest} bytes.", reason="too_long")
    return bytes(body)


def payloads_in(body: bytes) -> Sequence[Payload]:
    """The payloads. Raises ``RefusedError``."""
    read = Payloads()
    try:
        if not body.lstrip().startswith(b"{"):
            raise ValueError("protobuf takes an empty list for an empty message")  # noqa: TRY301 - refused below
        json_format.Parse(body.decode(), read, ignore_unknown_fields=True)
    # protobuf lets go of whatever its setters raise about values of other types
    except (json_format.ParseError, ValueError, TypeError, AttributeError, RecursionError):
        raise RefusedError(400, 'The body must be JSON: {"payloads": [...]}.') from None
    if len(read.payloads) > MOST:
        raise RefusedError(400, f"At most {MOST} payloads at once.", reason="too_many")
    return read.payloads


def answer_with(payloads: Sequence[Payload]) -> Response:
    """Payloads as an answer that nobody keeps."""
    text = json_format.MessageToJson(Payloads(payloads=payloads), indent=None)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})
