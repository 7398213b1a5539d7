"""`mfa_requirements` of the early access "Customize MFA": the next steps a user can take, by type (reference 2.2)."""

from auth0_mfa_emulator.tenant.authenticators import Authenticator, RecoveryCode
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User

from .challenge import way_to

Types = list[dict[str, str]]


def needs_mfa(tenant: Tenant, user: User, *, for_mfa: bool) -> bool:
    """Whether a login needs MFA. One for the MFA API does if the user has a factor (Auth0 docs), others follow the
    settings.
    """
    return user.enrolled if for_mfa else tenant.settings.mfa_required


def requirements(tenant: Tenant, user: User) -> dict[str, Types] | None:
    """Returns what can be challenged, or enrolled for a user without a factor; None outside the early access."""
    settings = tenant.settings
    if not settings.mfa_requirements:
        return None
    enabled = {
        "otp": settings.otp_factor,
        "push-notification": settings.push_factor,
        "phone": settings.phone_factor and bool(settings.channels),
        "email": settings.email_factor,
    }
    if not user.enrolled:
        return {"enroll": [{"type": type_} for type_, on in enabled.items() if on]}
    usable = [one for one in user.all(with_email=settings.email_factor) if one.active and _usable(tenant, one)]
    types = dict.fromkeys(str(entry["type"]) for one in usable for entry in one.entries())
    return {"challenge": [{"type": type_} for type_ in types]}


def _usable(tenant: Tenant, authenticator: Authenticator) -> bool:
    if isinstance(authenticator, RecoveryCode):
        return tenant.settings.recovery_codes
    return way_to(tenant, authenticator) is not None
