"""What a sign-in still needs, in order: password, MFA, consent, confirmation. Independent of HTTP."""

from typing import Literal

from auth0_mfa_emulator.authentication_api.bearer import means_mfa
from auth0_mfa_emulator.authentication_api.login_scopes import login_with
from auth0_mfa_emulator.authentication_api.mfa_requirements import needs_mfa
from auth0_mfa_emulator.tenant.sessions import OPENID_SCOPES, Login
from auth0_mfa_emulator.tenant.sign_ins import MULTI_FACTOR, AuthorizationRequest, BrowserSession, SignIn
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User

from .responses import verifiable

Step = Literal["login", "mfa", "recovery_code", "consent", "confirmation", "done"]


def next_step(tenant: Tenant, sign_in: SignIn, *, trusted: bool) -> Step:
    """Returns the next step. `trusted` browsers need not repeat MFA."""
    user = tenant.users.get(sign_in.user_id or "")
    if not user:
        return "login"
    if not sign_in.with_mfa and _mfa_is_due(tenant, sign_in, user, trusted=trusted):
        return "mfa"
    if sign_in.recovery_code:
        return "recovery_code"
    if not sign_in.consented and consent_is_due(tenant, sign_in, user):
        return "consent"
    unverifiable = tenant.settings.callback_confirmation and not verifiable(sign_in.request.redirect_uri)
    return "confirmation" if unverifiable and not sign_in.prompted else "done"


def login_of(tenant: Tenant, user_id: str, asked: AuthorizationRequest) -> Login:
    """Returns the parameters of the tokens that the sign-in ends in."""
    return login_with(tenant, user_id, asked.client_id, asked.issuer, asked.audience, asked.scope)


def consent_is_due(tenant: Tenant, sign_in: SignIn, user: User) -> bool:
    """Whether the user has to consent: once for these scopes, or because the application asks for it."""
    asked = sign_in.request
    if "consent" in asked.prompts:
        return True
    login = login_of(tenant, user.id, asked)
    if login.scopes <= set(tenant.user_grants.get(grant_key(login), [])):
        return False
    if not tenant.clients[asked.client_id].is_first_party:
        return True
    if login.for_mfa:
        return tenant.settings.mfa_consent
    api = tenant.settings.api(asked.audience) if asked.audience else None
    if not api:
        return False
    return not api.skip_consent or (tenant.settings.consent_on_loopback and not verifiable(asked.redirect_uri))


def consent_scopes(tenant: Tenant, sign_in: SignIn) -> list[str]:
    """Returns the scopes to consent to: those of the API, or of OpenID Connect if there are no others."""
    scopes = login_of(tenant, sign_in.user_id or "", sign_in.request).scope.split()
    return [scope for scope in scopes if scope not in OPENID_SCOPES] or scopes


def grant_key(login: Login) -> str:
    """Returns the key of a user's consent to an application's use of an API."""
    return f"{login.user_id} {login.client_id} {login.audience or ''}"


def session_suits(session: BrowserSession, asked: AuthorizationRequest, now: float) -> bool:
    """Whether a session saves the user from logging in again."""
    if "login" in asked.prompts or asked.max_age == 0:
        return False
    return asked.max_age is None or now - session.authenticated_at <= asked.max_age


def auth_time_is_due(asked: AuthorizationRequest) -> bool:
    """Whether the id token tells when the user logged in (Auth0 docs, force reauthentication)."""
    return asked.max_age is not None or "login" in asked.prompts


def _mfa_is_due(tenant: Tenant, sign_in: SignIn, user: User, *, trusted: bool) -> bool:
    settings, asked = tenant.settings, sign_in.request
    if not user.enrolled and not settings.enroll_on_login_pages:
        return False
    for_mfa = means_mfa(tenant, asked.audience, asked.issuer)
    if needs_mfa(tenant, user, for_mfa=for_mfa) and (for_mfa or not trusted):
        return True
    return settings.acr_values_require_mfa and MULTI_FACTOR in (asked.acr_values or "").split()
