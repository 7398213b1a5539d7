"""Parsing of requests and encoding of responses: compact JSON, Auth0's content types, safe against any body."""

import json
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from . import errors

JSON = "application/json"
"""Content type of `/oauth/token` and of errors (recorded)."""
JSON_UTF8 = "application/json; charset=utf-8"
"""Content type of successes of `/mfa/*` (recorded) and of the Management API."""

Parameters = dict[str, object]


def answer(
    body: object, status: int = 200, *, content_type: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """Returns a response with a compact JSON body, members in the given order."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status, headers, media_type=content_type)


def refusal(error: errors.RefusedError) -> Response:
    """Returns an error response; the Management API's name a charset, the others' do not (recorded)."""
    kind = JSON_UTF8 if "statusCode" in error.body else JSON
    return answer(error.body, error.status, content_type=kind, headers=error.headers)


def issuer(request: Request) -> str:
    """Returns the tenant's address as the caller sees it, `http://HOST/`."""
    return f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}/"


async def parameters(request: Request) -> Parameters:
    """Returns the members of a JSON or form body. Null members count as absent (auth0-python sends nulls)."""
    try:
        parsed = decoded(await request.body(), request.headers.get("content-type", ""))
    except ValueError:
        raise _malformed(request) from None
    if not isinstance(parsed, dict):
        raise _malformed(request)
    return {name: value for name, value in parsed.items() if value is not None}


def decoded(body: bytes, content_type: str) -> object:
    """Decode a form if the content type says so, otherwise any JSON. Raises ValueError if malformed."""
    if "x-www-form-urlencoded" in content_type.lower():
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000))
    return parse_json(body)


def parse_json(body: bytes) -> object:
    """Parse JSON that can be re-encoded; an empty body is an empty object. Raises ValueError otherwise."""
    try:
        parsed = json.loads(body.decode() or "{}", parse_constant=_no_constant)
        # Rejects lone surrogates and 1e400, which parses as infinity: neither can be echoed.
        json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return parsed


def optional_text(given: Parameters, name: str) -> str | None:
    """Returns a text parameter, or None if it is absent or empty."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise errors.invalid_request(f"{name} must be a string")
    return value or None


def required_text(given: Parameters, name: str) -> str:
    """Returns a parameter that must be non-empty text."""
    value = optional_text(given, name)
    if value is None:
        raise errors.missing(name)
    return value


def _malformed(request: Request) -> errors.RefusedError:
    return errors.for_path(
        request.scope["path"], 400, "invalid_request", "The request body must be a JSON object or a form in UTF-8."
    )


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
