"""What the headers of a request say. Knows their names and what may stand in them; decides nothing.

``X-Namespace`` and ``Authorization`` are Temporal's (protocol of codec servers), the others are ours.
"""

import re
from typing import Final

from starlette.requests import Request

COOKIE: Final = "phone_mfa_codec"
ALLOWED: Final = (
    "authorization", "content-type", "x-flow-id", "x-namespace", "x-reveal", "x-reveal-reason", "x-workflow-id",
)  # fmt: skip
"""What a page of the Temporal UI may send."""
LONGEST_REASON: Final = 200

_FLOW: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_NAMESPACE: Final = re.compile(r"[\x21-\x7e]{1,255}")


def namespace_in(request: Request) -> str | None:
    """The namespace named, else the server's own; None when it cannot be one."""
    named = request.headers.get("x-namespace") or str(request.app.state.served.namespace)
    return named if _NAMESPACE.fullmatch(named) else None


def flow_in(request: Request) -> str | None:
    """The flow that the payloads are said to belong to; None when it is not said, or cannot be one."""
    said = (request.headers.get(name, "") for name in ("x-flow-id", "x-workflow-id"))
    return next((flow for flow in said if _FLOW.fullmatch(flow)), None)


def bearer_in(request: Request) -> str | None:
    """The token in the Authorization header; empty when the header is of another kind."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def reason_in(request: Request) -> str | None:
    """Why somebody wants to see more; None when that is not said in 1 to 200 printable characters."""
    given = request.headers.get("x-reveal-reason", "").strip()
    try:
        given = given.encode("latin-1").decode()  # UTF-8, where it is: HTTP has no letters of its own beyond ASCII
    except UnicodeError:
        pass
    return given if 1 <= len(given) <= LONGEST_REASON and given.isprintable() else None
