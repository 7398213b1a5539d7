"""Origins of the pages that may read responses of the tenant: cross-origin resource sharing (CORS).

Auth0 allows the origins of an application's callbacks and its "Allowed Origins (CORS)" (Auth0 docs, configure CORS).
"""

import re
from collections.abc import Iterable
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from .clients import Client

HeaderName = Annotated[str, Field(pattern=r"\A[A-Za-z0-9-]{1,100}\z")]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_WILDCARD = re.compile(r"[a-z0-9-]*\*[a-z0-9-]*\.[^.*]+\.[^*]+")
"""A host with one wildcard, in the subdomain furthest from the root (Auth0 docs, subdomain placeholders)."""


class Cors(BaseModel):
    """What pages of other origins may do.

    That browsers may not send headers of their own choice is known (auth0-spa-js #843, auth0-react #662). The lists
    themselves, `origins_of` including `web_origins`, the open discovery document, credentials and the lifetime of a
    preflight response, in seconds, are not established.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    origins_of: list[Literal["callbacks", "allowed_origins", "web_origins"]] = [
        "callbacks",
        "allowed_origins",
        "web_origins",
    ]
    """Members of an application whose origins are allowed."""
    allowed_headers: list[HeaderName] | None = ["Auth0-Client", "Authorization", "DPoP", "X-Requested-With"]
    """Request headers that are allowed besides those that browsers always allow; None allows any."""
    exposed_headers: list[HeaderName] = [
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "Retry-After",
        "WWW-Authenticate",
    ]
    """Response headers that a page may read."""
    credentials: bool = True
    """Whether requests may carry cookies."""
    max_age_seconds: int = Field(600, ge=0, le=86_400)
    open_discovery: bool = True
    """Whether any origin may read the discovery document and the key set."""


def origin_of(url: str) -> str | None:
    """Returns scheme, host and port of a URL as browsers write an origin; None if it has none."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + ("" if port in (None, _DEFAULT_PORTS.get(scheme)) else f":{port}")


def allowed(clients: Iterable[Client], client_id: object, origin: str, cors: Cors) -> bool:
    """Whether an application allows an origin: the one with this `client_id`, or any if none has it."""
    known = list(clients)
    named = [client for client in known if client.client_id == client_id]
    return any(
        _matches(url, origin) for client in named or known for name in cors.origins_of for url in getattr(client, name)
    )


def _matches(url: str, origin: str) -> bool:
    own = origin_of(url)
    if own is None or "*" not in own:
        return own == origin
    scheme, _, host = own.partition("://")
    if scheme not in _DEFAULT_PORTS or not _WILDCARD.fullmatch(host):
        return False
    return re.fullmatch(re.escape(own).replace(r"\*", "[a-z0-9-]+"), origin) is not None
