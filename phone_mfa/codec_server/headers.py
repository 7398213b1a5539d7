"""Parsing of request headers: their names and valid values.

``X-Namespace`` and ``Authorization`` are Temporal's (codec server protocol), the others are ours.
"""

import re
from typing import Final

from starlette.requests import Request

COOKIE: Final = "phone_mfa_codec"
ALLOWED: Final = (
    "authorization", "content-type", "x-flow-id", "x-namespace", "x-reveal", "x-reveal-reason", "x-workflow-id",
)  # fmt: skip
"""Request headers that pages of the Temporal UI may send."""
MAX_REASON_LENGTH: Final = 200

_FLOW: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_NAMESPACE: Final = re.compile(r"[\x21-\x7e]{1,255}")


def namespace_in(request: Request) -> str | None:
    """Returns the namespace in the request, or the server's own; None if it is invalid."""
    named = request.headers.get("x-namespace") or str(request.app.state.context.namespace)
    return named if _NAMESPACE.fullmatch(named) else None


def flow_in(request: Request) -> str | None:
    """Returns the flow that the caller names for the payloads; None if it is missing or invalid."""
    named = (request.headers.get(name, "") for name in ("x-flow-id", "x-workflow-id"))
    return next((flow for flow in named if _FLOW.fullmatch(flow)), None)


def bearer_in(request: Request) -> str | None:
    """Returns the bearer token; empty if the Authorization header has another scheme, None if there is none."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def reason_in(request: Request) -> str | None:
    """Returns the reason for a reveal; None unless it has 1 to 200 printable characters."""
    given = request.headers.get("x-reveal-reason", "").strip()
    try:
        given = given.encode("latin-1").decode()  # UTF-8 if valid: HTTP defines no characters beyond ASCII
    except UnicodeError:
        pass
    return given if 1 <= len(given) <= MAX_REASON_LENGTH and given.isprintable() else None
