"""The way of a sign-in through the pages: which comes next, the cookies it leaves, and the code it ends in."""

import secrets

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.sign_ins import (
    AuthorizationCode,
    AuthorizationRequest,
    BrowserSession,
    SignIn,
    TrustedBrowser,
    new_token,
)
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User

from . import cookies
from .responses import AuthorizationError, PageError, redirect, responded
from .second_factor import begin_second_factor
from .sign_in_steps import auth_time_is_due, grant_key, login_of, next_step, session_suits

_LOST = (
    "The login has expired, or it was started in another browser. Go back to the application and log in again. "
    "Cookies must be allowed."
)


def visit(request: Request) -> SignIn:
    """Returns the sign-in that the address names and this browser started. Raises PageError."""
    tenant = emulator_of(request).tenant
    sign_in = tenant.sign_ins.get(request.query_params.get("state", ""))
    ours = sign_in and sign_in.browser == cookies.read(request, "did")
    if not sign_in or not ours or sign_in.expires_at <= tenant.clock.now():
        raise PageError(400, "invalid_request", _LOST)
    if sign_in.request.client_id not in tenant.clients:
        raise PageError(400, "invalid_request", f"Unknown client: {sign_in.request.client_id}")
    return sign_in


def session_of(request: Request) -> BrowserSession | None:
    """Returns the browser's live session."""
    tenant, settings = emulator_of(request).tenant, emulator_of(request).tenant.settings
    session, now = tenant.browser_sessions.get(cookies.read(request, "auth0")), tenant.clock.now()
    if not session or session.user_id not in tenant.users:
        return None
    idle, age = now - session.last_used, now - session.authenticated_at
    return session if idle < settings.idle_session_seconds and age < settings.session_seconds else None


def begun(request: Request, asked: AuthorizationRequest) -> SignIn:
    """Returns a new sign-in, with the browser's session if that saves the user from logging in again."""
    tenant, session = emulator_of(request).tenant, session_of(request)
    now = tenant.clock.now()
    sign_in = SignIn(asked, cookies.read(request, "did") or new_token(), now + tenant.settings.sign_in_seconds)
    if session and session_suits(session, asked, now):
        sign_in.user_id, sign_in.session = session.user_id, cookies.read(request, "auth0")
        sign_in.authenticated_at = session.authenticated_at
    return sign_in


def advance(request: Request, sign_in: SignIn) -> Response:
    """Returns a redirect to the next page, or the response that ends the sign-in."""
    tenant = emulator_of(request).tenant
    user = tenant.users.get(sign_in.user_id or "")
    if user and user.blocked:
        return failed(request, sign_in, blocked(tenant))
    step = next_step(tenant, sign_in, trusted=is_trusted(request, sign_in))
    match step:
        case "login" | "consent" | "confirmation":
            sign_in.screen = "login" if step == "login" else "consent"
        case "mfa" if user:
            begin_second_factor(tenant, sign_in, user)
        case "recovery_code":
            sign_in.screen = "mfa-recovery-code-enrollment"
    if step in ("login", "mfa", "recovery_code") or not user:
        return shown(sign_in)
    token = _open_session(request, sign_in, user)
    response = finished(request, sign_in, user, silent=False) if step == "done" else shown(sign_in)
    cookies.put(request, response, "auth0", token, tenant.settings.session_seconds)
    if sign_in.remember:
        _trust(request, response, user)
    return response


def answered_silently(request: Request, sign_in: SignIn) -> Response:
    """Returns the response to `prompt=none`. Raises AuthorizationError if the user would have to do anything."""
    tenant = emulator_of(request).tenant
    user = tenant.users.get(sign_in.user_id or "")
    step = next_step(tenant, sign_in, trusted=is_trusted(request, sign_in))
    if step == "login" or not user:
        raise AuthorizationError("login_required", "Login required")
    if user.blocked:
        raise blocked(tenant)
    if step == "mfa":
        raise AuthorizationError(tenant.settings.silent_mfa_error, "Multifactor authentication required")
    if step == "consent":
        raise AuthorizationError("consent_required", "Consent required")
    token = _open_session(request, sign_in, user)
    response = finished(request, sign_in, user, silent=True)
    cookies.put(request, response, "auth0", token, tenant.settings.session_seconds)
    return response


def shown(sign_in: SignIn) -> Response:
    """Returns a redirect to the page on which the user has to act."""
    sign_in.prompted = True
    return redirect(f"/u/{sign_in.screen}?state={sign_in.id}")


def failed(request: Request, sign_in: SignIn, problem: AuthorizationError) -> Response:
    """Returns the response that ends a sign-in with an error."""
    tenant = emulator_of(request).tenant
    tenant.sign_ins.pop(sign_in.id, None)
    user = tenant.users.get(sign_in.user_id or "")
    tenant.note("f", user, sign_in.request.client_id, error=problem.error)
    return responded(request, sign_in.request, {"error": problem.error, "error_description": problem.description})


def finished(request: Request, sign_in: SignIn, user: User, *, silent: bool) -> Response:
    """Returns the response that ends a sign-in with a code."""
    tenant, asked, session = emulator_of(request).tenant, sign_in.request, _session(request, sign_in)
    tenant.sign_ins.pop(sign_in.id, None)
    now = tenant.clock.now()
    code = AuthorizationCode(
        asked,
        login_of(tenant, user.id, asked),
        session.id,
        now + tenant.settings.authorization_code_seconds,
        int(session.authenticated_at) if auth_time_is_due(asked) else None,
        with_mfa=session.with_mfa or is_trusted(request, sign_in),
        passed_mfa_here=sign_in.with_mfa,
    )
    value = secrets.token_urlsafe(48)
    tenant.keep(tenant.authorization_codes, value, code)
    tenant.note("ssa" if silent else "s", user, asked.client_id)
    if not silent:
        user.note_login(now)
    return responded(request, asked, {"code": value})


def consent(tenant: Tenant, sign_in: SignIn) -> None:
    """Remember the user's consent."""
    login = login_of(tenant, sign_in.user_id or "", sign_in.request)
    granted = tenant.user_grants.get(grant_key(login), [])
    tenant.user_grants[grant_key(login)] = sorted({*granted, *login.scopes})
    sign_in.consented = True


def blocked(tenant: Tenant) -> AuthorizationError:
    """Returns the error of a blocked user."""
    says = tenant.settings.refusals.user_blocked
    return AuthorizationError(says.error, errors.described(errors.unsettled("user_blocked"), says.description))


def is_trusted(request: Request, sign_in: SignIn) -> bool:
    """Whether the user need not repeat MFA: on this browser, or in this session if the tenant has it so."""
    tenant = emulator_of(request).tenant
    trust = tenant.trusted_browsers.get(cookies.read(request, "auth0-mf"))
    if trust and trust.user_id == sign_in.user_id and tenant.clock.now() < trust.expires_at:
        return True
    session = tenant.browser_sessions.get(sign_in.session or "")
    return bool(session and session.with_mfa and tenant.settings.mfa_once_per_session)


def _open_session(request: Request, sign_in: SignIn, user: User) -> str:
    """Returns the cookie of the session, which is a new one unless the sign-in came with one."""
    tenant = emulator_of(request).tenant
    session, now = tenant.browser_sessions.get(sign_in.session or ""), tenant.clock.now()
    if session and sign_in.session:
        session.with_mfa, session.last_used = session.with_mfa or sign_in.with_mfa, now
        return sign_in.session
    tenant.browser_sessions.pop(cookies.read(request, "auth0"), None)
    sign_in.session = new_token()
    session = BrowserSession(user.id, sign_in.authenticated_at, sign_in.with_mfa, now)
    tenant.keep(tenant.browser_sessions, sign_in.session, session)
    return sign_in.session


def _session(request: Request, sign_in: SignIn) -> BrowserSession:
    return emulator_of(request).tenant.browser_sessions[sign_in.session or ""]


def _trust(request: Request, response: Response, user: User) -> None:
    tenant, token = emulator_of(request).tenant, new_token()
    seconds = tenant.settings.trusted_browser_seconds
    tenant.keep(tenant.trusted_browsers, token, TrustedBrowser(user.id, tenant.clock.now() + seconds))
    cookies.put(request, response, "auth0-mf", token, seconds)
