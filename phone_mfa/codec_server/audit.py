"""One line for everything that was shown, sealed or refused: who, where, how many; never what.

Who is the subject of a token; a reason that somebody gave passes the log's redaction like every text.
"""

import re
from typing import Final

import structlog
from starlette.requests import Request

from .headers import flow_in, namespace_in
from .payloads import Seen

LOGGER: Final = "codec"
_FLOW: Final = re.compile(r"(?:enroll|challenge)-[a-z2-7]{32}")
"""As ``starter`` makes them, with an opaque name. What else a caller says may be anything, and is left out."""

_log = structlog.get_logger(LOGGER)


def decoded(request: Request, seen: Seen) -> None:
    """Somebody saw payloads, redacted."""
    counts = {"payloads": len(seen.payloads), "not_opened": seen.not_opened}
    _log.info("codec.decoded", **_asked(request), **_whose(seen), **counts)


def revealed(request: Request, what: str, why: str, seen: Seen) -> None:
    """Somebody saw more, and said why."""
    _log.warning("codec.revealed", **_asked(request), **_whose(seen), what=what, why=why, payloads=len(seen.payloads))


def encoded(request: Request, payloads: int) -> None:
    """Somebody had payloads sealed."""
    _log.info("codec.encoded", **_asked(request), payloads=payloads)


def refused(request: Request, status: int, reason: str) -> None:
    """Somebody got nothing."""
    path = request.url.path.rpartition("/")[2]
    _log.warning("codec.refused", **_asked(request), what=path, status=status, reason=reason)


def signed_in(request: Request) -> None:
    """Somebody's browser got a cookie."""
    _log.info("codec.signed_in", **_asked(request))


def _whose(seen: Seen) -> dict[str, list[str]]:
    """The flows that the payloads say they are of, which nobody without the keys could make them say."""
    ours = sorted(flow for flow in seen.flows if _FLOW.fullmatch(flow))
    return {"flows": ours} if ours else {}


def _asked(request: Request) -> dict[str, str]:
    flow = flow_in(request) or ""
    known = {
        "who": getattr(request.state, "who", None),
        "namespace": namespace_in(request),
        "flow": flow if _FLOW.fullmatch(flow) else None,
    }
    return {name: text for name, text in known.items() if text}
