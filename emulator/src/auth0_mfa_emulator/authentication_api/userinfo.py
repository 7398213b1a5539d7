"""`/userinfo`: claims about the user of an access token (Auth0 docs, get user info; OpenID Connect Core, 5.3)."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.sessions import is_own
from auth0_mfa_emulator.tenant.tokens import Claims, audiences
from auth0_mfa_emulator.wire import JSON_UTF8, answer, decoded

from .bearer import bearer_token
from .user_claims import claims_of


async def userinfo(request: Request) -> Response:
    """Return the claims that the scopes of the token allow. A form may carry the token (RFC 6750, 2.2)."""
    token = bearer_token(request) or await _posted(request)
    if not token:
        raise errors.unsettled("userinfo_without_token", {"WWW-Authenticate": "Bearer"})
    tenant, claims = emulator_of(request).tenant, emulator_of(request).signer.verify(token)
    user = tenant.users.get(claims["sub"]) if claims and _live(claims, tenant.clock.now()) else None
    if not claims or not user:
        raise errors.unsettled("invalid_userinfo_token", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    scopes = claims["scope"].split()
    if "openid" not in scopes:
        challenge = 'Bearer error="insufficient_scope", scope="openid"'
        raise errors.unsettled("insufficient_scope", {"WWW-Authenticate": challenge}, scope="openid")
    return answer({"sub": user.id, **claims_of(user, scopes)}, content_type=JSON_UTF8)


def _live(claims: Claims, now: float) -> bool:
    """Whether this is an access token that is meant for `/userinfo` and has not expired."""
    meant = any(is_own(audience, claims["iss"], "userinfo") for audience in audiences(claims))
    return meant and "scope" in claims and bool(claims["exp"] > now)


async def _posted(request: Request) -> str | None:
    """Returns the `access_token` of a form."""
    kind = request.headers.get("content-type", "")
    if request.method != "POST" or "x-www-form-urlencoded" not in kind.lower():
        return None
    try:
        given = decoded(await request.body(), kind)
    except ValueError:
        return None
    return given.get("access_token") if isinstance(given, dict) else None
