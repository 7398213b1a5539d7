"""`mfa_requirements` of the early access "Customize MFA": what the user can do next, by type (reference 2.2)."""

from emulator.tenant.tenant import Tenant
from emulator.tenant.users import User

Types = list[dict[str, str]]


def requirements(tenant: Tenant, user: User) -> dict[str, Types] | None:
    """What may be challenged, or for a user without a factor what may be enrolled; None outside the early access."""
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
    enabled["recovery-code"] = settings.recovery_codes
    entries = user.listed(with_email=settings.email_factor, with_type=True)
    active = dict.fromkeys(str(entry["type"]) for entry in entries if entry["active"])
    return {"challenge": [{"type": type_} for type_ in active if enabled[type_]]}
