"""`POST /oauth/revoke`: revocation of a refresh token (Auth0 docs, revoke a refresh token)."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant import refresh_tokens
from auth0_mfa_emulator.wire import JSON, parameters, required_text

from .client_authentication import authenticate


async def revoke(request: Request) -> Response:
    """Revoke the caller's refresh token; one that is unknown is as good as revoked."""
    tenant, given = emulator_of(request).tenant, await parameters(request)
    client = authenticate(request, tenant, given)
    token = required_text(given, "token")
    known = tenant.refresh_tokens.get(token)
    if known and known.login.client_id != client.client_id:
        raise errors.unsettled("foreign_refresh_token")
    if known:
        refresh_tokens.revoke(tenant, token, known)
    return Response(status_code=200, media_type=JSON)  # an empty body of this type (recorded)
