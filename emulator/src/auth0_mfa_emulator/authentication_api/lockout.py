"""Lockout after too many wrong codes (reference, section 4)."""

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.tenant.sessions import OobCode
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User


def owner_of_tries(tenant: Tenant, user: User, oob: OobCode) -> str:
    """Returns whose budget a wrong code spends: the user's, or the oob_code's, depending on the tenant."""
    return user.id if tenant.settings.wrong_codes_per == "user" else oob.value


def refuse_locked_out(tenant: Tenant, user: User, owner: str) -> None:
    """Reject even a correct code while the budget is spent."""
    if tenant.exhausted("wrong_codes", owner):
        tenant.note("gd_otp_rate_limit_exceed", user)
        raise errors.unsettled("too_many_failed_codes")
