"""Authorization of Management API calls: a client credentials token with one of the required scopes."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.authentication_api.bearer import bearer_token
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.sessions import is_own
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import JSON_UTF8, answer

_FORGED = "Invalid signature received for JSON Web Token validation"
"""OpenAPI description of the Management API."""


def caller(request: Request) -> str:
    """Returns the client_id of an authorized call."""
    claims = emulator_of(request).signer.verify(bearer_token(request) or "")
    return str(claims["azp"]) if claims else ""


def authorized(request: Request, *scopes: str) -> Tenant:
    """Returns the tenant if the token carries any of the scopes."""
    emulator = emulator_of(request)
    token = _token(request)
    claims = emulator.signer.verify(token)
    if not claims or "aud" not in claims:
        forged = emulator.signer.is_forged(token)
        raise errors.invalid_token(_FORGED if forged else "Invalid token")
    if not is_own(claims["aud"], claims["iss"], "api/v2/"):
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        raise errors.invalid_token(f"Bad audience: {','.join(audiences)}")  # node-auth0 issue 787
    if claims.get("gty") != "client-credentials":
        raise errors.invalid_token("Invalid token")
    if claims["exp"] <= emulator.tenant.clock.now():
        raise errors.invalid_token("Expired token received for JSON Web Token validation")
    if not set(scopes) & set(claims["scope"].split()):
        expected = f"Insufficient scope, expected any of: {','.join(scopes)}"
        raise errors.management(403, expected, "insufficient_scope")
    return emulator.tenant


def _token(request: Request) -> str:
    """Returns the token. Raises 401 without any, and 400 for what is no JWT (Auth0.Android sample, issue 70)."""
    if not request.headers.get("authorization"):
        raise errors.management(401, "Missing authentication")
    token = bearer_token(request) or ""
    if token.count(".") != 2:
        raise errors.management(400, "Bad HTTP authentication header format", "Bearer")
    return token


def created(body: object) -> Response:
    """Returns a 201 of the Management API."""
    return answer(body, 201, content_type=JSON_UTF8)


def gone() -> Response:
    """Returns a 204, with the content type that recorded ones carry."""
    return Response(status_code=204, media_type=JSON_UTF8)


def ok(body: object) -> Response:
    """Returns a success response of the Management API."""
    return answer(body, content_type=JSON_UTF8)
