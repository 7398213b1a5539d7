"""Audit log: one line for every payload request served or refused: who, where, how many; never the content.

``who`` is the subject of a token. A reason given by the caller passes the log's redaction like all text.
"""

import re
from typing import Final

import structlog
from starlette.requests import Request

from .headers import flow_in, namespace_in
from .payloads import DecodedPayloads

LOGGER: Final = "codec"
_FLOW: Final = re.compile(r"(?:enroll|challenge)-[a-z2-7]{32}")
"""Flow ids as ``phone_mfa.client`` creates them, with an opaque name. Other values from callers are not logged."""

_log = structlog.get_logger(LOGGER)


def decoded(request: Request, decoded_payloads: DecodedPayloads) -> None:
    """Log that redacted payloads were shown."""
    counts = {"payloads": len(decoded_payloads.payloads), "not_opened": decoded_payloads.not_opened}
    _log.info("codec.decoded", **_asked(request), **_whose(decoded_payloads), **counts)


def revealed(request: Request, what: str, why: str, decoded_payloads: DecodedPayloads) -> None:
    """Log that phone numbers were revealed, with the reason."""
    _log.warning(
        "codec.revealed",
        **_asked(request),
        **_whose(decoded_payloads),
        what=what,
        why=why,
        payloads=len(decoded_payloads.payloads),
    )


def encoded(request: Request, payloads: int) -> None:
    """Log that payloads were sealed."""
    _log.info("codec.encoded", **_asked(request), payloads=payloads)


def refused(request: Request, status: int, reason: str) -> None:
    """Log that a request was refused."""
    path = request.url.path.rpartition("/")[2]
    _log.warning("codec.refused", **_asked(request), what=path, status=status, reason=reason)


def signed_in(request: Request) -> None:
    """Log that a browser signed in."""
    _log.info("codec.signed_in", **_asked(request))


def _whose(decoded_payloads: DecodedPayloads) -> dict[str, list[str]]:
    """Returns the flows sealed in the payloads, which cannot be forged without the keys."""
    ours = sorted(flow for flow in decoded_payloads.flows if _FLOW.fullmatch(flow))
    return {"flows": ours} if ours else {}


def _asked(request: Request) -> dict[str, str]:
    flow = flow_in(request) or ""
    known = {
        "who": getattr(request.state, "who", None),
        "namespace": namespace_in(request),
        "flow": flow if _FLOW.fullmatch(flow) else None,
    }
    return {name: text for name, text in known.items() if text}
