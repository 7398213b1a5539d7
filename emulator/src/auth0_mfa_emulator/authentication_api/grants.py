"""`POST /oauth/token`: first steps of a login (reference 2.2, 2.3), and dispatch of grants."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant import clients
from auth0_mfa_emulator.tenant.refresh_tokens import exchanged, usable
from auth0_mfa_emulator.tenant.sessions import Login, is_own
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import answer, issuer, optional_text, parameters, required_text

from .authorization_codes import authorization_code
from .client_authentication import authenticate
from .device_authorization import device_code
from .exchange import Exchange
from .login_scopes import login_with
from .mfa_grants import verify_oob, verify_otp, verify_recovery_code
from .mfa_requirements import needs_mfa, requirements
from .password_login import check_password
from .token_issuer import issue, machine_token

Grant = Callable[[Exchange], dict[str, object]]

_REALM = "Username-Password-Authentication"
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def token(request: Request) -> Response:
    """Authenticate the application, dispatch the grant, return tokens."""
    emulator, given = emulator_of(request), await parameters(request)
    grant_type = required_text(given, "grant_type")
    grant = GRANTS.get(grant_type)
    if not grant:
        raise errors.unsettled("unsupported_grant_type", grant_type=grant_type)
    client = authenticate(request, emulator.tenant, given)
    if grant_type not in client.grant_types:
        raise errors.grant_not_allowed(grant_type)
    ip = request.client.host if request.client else ""
    body = grant(Exchange(emulator, client, given, issuer(request), ip))
    return answer(body, headers=_NO_STORE)


def password(exchange: Exchange) -> dict[str, object]:
    """Returns tokens if no MFA is needed, otherwise raises 403 mfa_required."""
    audience, scope = optional_text(exchange.given, "audience"), optional_text(exchange.given, "scope")
    user = check_password(exchange)
    return _finish(exchange, user, _login(exchange, user, audience, scope))


def password_realm(exchange: Exchange) -> dict[str, object]:
    """The password grant with a named connection; a null realm means the default (auth0-python sends null)."""
    if optional_text(exchange.given, "realm") not in (None, _REALM):
        raise errors.invalid_request("the connection was not found")
    return password(exchange)


def refresh(exchange: Exchange) -> dict[str, object]:
    """Returns a new access token, for another audience if requested, and the refresh token to use next."""
    token, tenant = required_text(exchange.given, "refresh_token"), exchange.tenant
    known = usable(tenant, exchange.client, token)
    if not known:
        raise errors.invalid_grant("Unknown or invalid refresh token.")
    user = tenant.users[known.login.user_id]
    login = _login(exchange, user, *_repeated(exchange, known.login))
    exchange.refuse_blocked(user)
    _require_mfa(exchange, user, login, with_mfa=known.with_mfa)
    exchange.note("sertft", user)
    renewed = exchanged(tenant, exchange.client, token, known)
    identity = {**known.session, **({"amr": ["mfa"]} if known.with_mfa else {})}
    return issue(
        exchange.emulator,
        login,
        with_mfa=known.with_mfa,
        refreshable=False,
        renewed=renewed,
        identity=identity,
        gty="refresh_token",
    )


def client_credentials(exchange: Exchange) -> dict[str, object]:
    """Returns a token for the Management API, the only API an application can call on its own behalf here."""
    audience = required_text(exchange.given, "audience")
    if not is_own(audience, exchange.issuer, "api/v2/"):
        raise errors.refused(403, "access_denied", f"Service not enabled within domain: {audience}")
    allowed = exchange.client.management_scopes
    if not allowed:
        raise errors.refused(403, "access_denied", f'Client is not authorized to access "{audience}".')
    wanted = (optional_text(exchange.given, "scope") or " ".join(allowed)).split()
    scope = " ".join(scope for scope in wanted if scope in allowed)
    exchange.tenant.note("seccft", client_id=exchange.client.client_id)
    return machine_token(exchange.emulator, exchange.client.client_id, exchange.issuer, audience, scope)


GRANTS: dict[str, Grant] = {
    clients.AUTHORIZATION_CODE: authorization_code,
    clients.PASSWORD: password,
    clients.PASSWORD_REALM: password_realm,
    clients.REFRESH_TOKEN: refresh,
    clients.CLIENT_CREDENTIALS: client_credentials,
    clients.DEVICE_CODE: device_code,
    clients.MFA_OOB: verify_oob,
    clients.MFA_OTP: verify_otp,
    clients.MFA_RECOVERY_CODE: verify_recovery_code,
}


def _login(exchange: Exchange, user: User, audience: str | None, scope: str | None) -> Login:
    return login_with(exchange.tenant, user.id, exchange.client.client_id, exchange.issuer, audience, scope)


def _repeated(exchange: Exchange, login: Login) -> tuple[str | None, str | None]:
    """Returns audience and scope of an exchange: those of the login, or another audience, or fewer scopes."""
    audience, scope = optional_text(exchange.given, "audience"), optional_text(exchange.given, "scope")
    if audience not in (None, login.audience):
        return audience, scope
    wanted = (scope or login.scope).split()
    return login.audience, " ".join(one for one in wanted if one in login.scopes)


def _finish(exchange: Exchange, user: User, login: Login) -> dict[str, object]:
    exchange.refuse_blocked(user)
    _require_mfa(exchange, user, login, with_mfa=False)
    exchange.note("sepft", user)
    user.note_login(exchange.tenant.clock.now())
    return issue(exchange.emulator, login, with_mfa=False, gty="password")


def _require_mfa(exchange: Exchange, user: User, login: Login, *, with_mfa: bool) -> None:
    if needs_mfa(exchange.tenant, user, for_mfa=login.for_mfa) and not with_mfa:
        exchange.note("mfar", user)
        raise errors.mfa_required(exchange.tenant.start_mfa(login).token, requirements(exchange.tenant, user))
