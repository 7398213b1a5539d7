"""Bytes to parameters and answers to bytes: compact JSON, Auth0's content types, and nothing a body can break."""

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
    """A response with a compact JSON body, members in the order given."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status, headers, media_type=content_type)


def issuer(request: Request) -> str:
    """The tenant's address as the caller sees it, `http://HOST/`."""
    return f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}/"


async def parameters(request: Request) -> Parameters:
    """The members of a JSON or form body. A null member is an absent one (auth0-python sends nulls)."""
    try:
        parsed = decoded(await request.body(), request.headers.get("content-type", ""))
    except ValueError:
        raise _malformed(request) from None
    if not isinstance(parsed, dict):
        raise _malformed(request)
    return {name: value for name, value in parsed.items() if value is not None}


def decoded(body: bytes, content_type: str) -> object:
    """The members of a form when the content type says so, else any JSON. ValueError when it is not that."""
    if "x-www-form-urlencoded" in content_type.lower():
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000))
    return parse_json(body)


def parse_json(body: bytes) -> object:
    """JSON whose every text can be sent again; an empty body is an empty object. ValueError otherwise."""
    try:
        parsed = json.loads(body.decode() or "{}", parse_constant=_no_constant)
        # A lone surrogate could not be echoed, nor could 1e400, which was read as infinity.
        json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return parsed


def optional_text(given: Parameters, name: str) -> str | None:
    """A parameter that is text or absent; empty is absent."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise errors.invalid_request(f"{name} must be a string")
    return value or None


def required_text(given: Parameters, name: str) -> str:
    """A parameter that must be non-empty text."""
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
