"""Recognizes calls that a web site makes, through somebody's browser, to an emulator of another origin.

The control plane asks for no credentials and reads JSON whatever the content type says, so that plain `curl -d` works.
Without this check, so would a form or a `fetch` without CORS on any page that a developer visits.
"""

from starlette.datastructures import Headers
from starlette.types import Scope

_HARMLESS = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing here; what they return, another origin cannot read."""
_OWN = ("same-origin", "none")


def is_cross_site(scope: Scope) -> bool:
    """Whether a browser says that another origin makes this call, and the call could change something.

    `Sec-Fetch-Site` decides (W3C, Fetch Metadata); browsers that lack it send `Origin`. Other clients send neither.
    """
    if scope["method"] in _HARMLESS:
        return False
    headers = Headers(scope=scope)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in _OWN
    return origin is not None and origin.partition("://")[2].lower() != headers.get("host", "").lower()
