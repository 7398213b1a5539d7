"""Scopes that a login is granted: those that OpenID Connect, the MFA API or a product's API defines (recorded)."""

from auth0_mfa_emulator.tenant.sessions import MFA_SCOPES, OPENID_SCOPES, Login, is_own
from auth0_mfa_emulator.tenant.tenant import Tenant

from .bearer import means_mfa

_DEFAULT = ("openid", "profile", "email", "address", "phone")
"""What a login without a scope is granted (recorded)."""


def login_with(
    tenant: Tenant, user_id: str, client_id: str, issuer: str, audience: str | None, scope: str | None
) -> Login:
    """Returns a login with the granted ones of the requested scopes.

    Without any, all scopes of an API are granted (Auth0 docs, password grant). An API that the tenant does not know
    defines whatever it is asked for.
    """
    for_mfa = means_mfa(tenant, audience, issuer)
    defined, default = _scopes(tenant, issuer, audience, for_mfa=for_mfa)
    wanted = default if scope is None else scope.split()
    granted = [one for one in wanted if defined is None or one in defined]
    return Login(user_id, client_id, issuer, audience, " ".join(granted), for_mfa, scope)


def _scopes(
    tenant: Tenant, issuer: str, audience: str | None, *, for_mfa: bool
) -> tuple[set[str] | None, tuple[str, ...]]:
    """Returns the scopes that are defined, None for any, and those granted by default."""
    if for_mfa:
        return {*OPENID_SCOPES, *MFA_SCOPES}, MFA_SCOPES
    if audience is None or is_own(audience, issuer, "userinfo"):
        return set(OPENID_SCOPES), _DEFAULT
    api = tenant.settings.api(audience)
    if not api:
        return None, _DEFAULT
    forbidden = set() if api.allow_offline_access else {"offline_access"}
    return {*OPENID_SCOPES, *api.scopes} - forbidden, (*_DEFAULT, *api.scopes)
