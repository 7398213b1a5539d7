"""Authentication of MFA API calls: an opaque mfa_token, or an access token with the audience `/mfa/`.

`/mfa/associate` and `/mfa/authenticators` read the Authorization header, the others the `mfa_token` parameter.
"""

from starlette.requests import Request

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import Emulator
from auth0_mfa_emulator.tenant.clients import MFA_OOB
from auth0_mfa_emulator.tenant.sessions import Login, MfaSession, is_own
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.tokens import audiences
from auth0_mfa_emulator.wire import Parameters, required_text


def bearer_session(request: Request, emulator: Emulator, scope: str) -> MfaSession:
    """Returns the live session of the Authorization header. An access token must carry `scope`."""
    token = bearer_token(request)
    session = _find_session(emulator, token) if token else None
    if not session or session.expires_at <= emulator.tenant.clock.now():
        raise errors.invalid_bearer()
    if not session.opaque and scope not in session.login.scopes:
        raise errors.unsettled("insufficient_scope", scope=scope)
    return session


def live_session(emulator: Emulator, given: Parameters, client_id: str, *, opaque_only: bool = False) -> MfaSession:
    """Returns the session of the `mfa_token` parameter, if it can still yield tokens to this application."""
    session = _find_session(emulator, required_text(given, "mfa_token"))
    if not session or session.spent or (opaque_only and not session.opaque):
        raise errors.invalid_grant("Malformed mfa_token")
    if session.login.client_id != client_id:
        raise errors.invalid_request("mfa_token not issued to this client")
    if session.expires_at <= emulator.tenant.clock.now():
        raise errors.unsettled("expired_token", token="mfa_token")
    return session


def require_mfa_grant(tenant: Tenant, session: MfaSession) -> None:
    """Reject an application without the MFA grant, before sending a useless message."""
    client = tenant.clients.get(session.login.client_id)
    if not client or MFA_OOB not in client.grant_types:
        raise errors.grant_not_allowed(MFA_OOB)


def bearer_token(request: Request) -> str | None:
    """Returns the bearer token in the Authorization header, if any."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def means_mfa(tenant: Tenant, audience: object, issuer: str) -> bool:
    """Whether an audience is the MFA API: `/mfa/` of the called host, or the tenant's `mfa_audience`."""
    return is_own(audience, issuer, "mfa/") or (audience is not None and audience == tenant.settings.mfa_audience)


def is_audience(tenant: Tenant, audience: str, issuer: str) -> bool:
    """Whether logins may ask for a token for this audience."""
    known = tenant.settings.api(audience) is not None or is_own(audience, issuer, "userinfo")
    return known or means_mfa(tenant, audience, issuer)


def _find_session(emulator: Emulator, token: str) -> MfaSession | None:
    """Returns the session of a token, expired or not; None for a token the tenant never issued."""
    return emulator.tenant.sessions.get(token) or _from_access_token(emulator, token)


def _from_access_token(emulator: Emulator, token: str) -> MfaSession | None:
    claims = emulator.signer.verify(token)
    if not claims or "scope" not in claims or claims["sub"] not in emulator.tenant.users:
        return None
    mfa = next((one for one in audiences(claims) if means_mfa(emulator.tenant, one, claims["iss"])), None)
    if not mfa:
        return None
    login = Login(claims["sub"], claims["azp"], claims["iss"], mfa, claims["scope"], for_mfa=True)
    return MfaSession(token, login, claims["exp"], opaque=False)
