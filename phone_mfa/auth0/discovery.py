"""Discovery document of a tenant. Needs no credentials."""

import httpx
from pydantic import TypeAdapter

from .error_rules import Call
from .models import Discovery
from .transport import Wire

_DISCOVERY = TypeAdapter(Discovery)


async def discover(http: httpx.AsyncClient, base_url: str, timeout_seconds: float = 10.0) -> Discovery:
    """Fetch the tenant's discovery document (OpenID Connect Discovery 1.0, section 4).

    Raises:
        Auth0Error: The tenant could not be reached, or the server that answers is not Auth0.
    """
    wire = Wire(http, base_url, timeout_seconds)
    return (await wire.send(Call.DISCOVER, "GET", "/.well-known/openid-configuration")).read(_DISCOVERY)
