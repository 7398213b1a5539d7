"""Checks of request framing, against request smuggling."""

import re
from urllib.parse import unquote

from starlette.responses import Response
from starlette.types import Scope

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.wire import answer


def unclear(scope: Scope) -> bool:
    """Whether the request gives its length in two ways (RFC 9112, 6.3), opens a tunnel, or is not HTTP/1.x."""
    names = {name for name, _ in scope["headers"]}
    two_lengths = {b"content-length", b"transfer-encoding"} <= names
    return two_lengths or scope["method"] == "CONNECT" or not scope["http_version"].startswith("1.")


def unclear_refused(path: str) -> Response:
    """Returns 400 and closes the connection, so that nothing that follows is read as a request."""
    refusal = errors.for_path(path, 400, "invalid_request", "It is not clear where the request ends.")
    return answer(refusal.body, 400, headers={"Connection": "close"})


def path_of(target: bytes) -> str:
    """Returns the decoded path of a request target, which may be an absolute URL, as for a proxy (RFC 9112, 3.2.2)."""
    return unquote(re.sub(rb"\Ahttps?://[^/]*(?=/|\Z)", b"", target, flags=re.IGNORECASE)) or "/"
