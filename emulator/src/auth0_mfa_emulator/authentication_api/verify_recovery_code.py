"""The mfa-recovery-code grant (reference 2.8, 3.4)."""

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.tenant.authenticators import new_recovery_code
from auth0_mfa_emulator.wire import required_text

from .exchange import Exchange, issued


def verify_recovery_code(exchange: Exchange) -> dict[str, object]:
    """Check the recovery code. Success returns a new one and invalidates the old one (recorded)."""
    exchange.require("mfa_token", "recovery_code")
    session, tenant = exchange.session(opaque_only=True), exchange.tenant
    user = tenant.user_of(session)
    recovery = user.recovery
    if not recovery or not recovery.active or not tenant.settings.recovery_codes:
        raise errors.refused(403, "unsupported_challenge_type", "User does not have a recovery-code.")
    if tenant.exhausted("recovery_attempts", user.id):
        exchange.note("gd_recovery_rate_limit_exceed", user)
        raise errors.unsettled("too_many_failed_codes")
    if required_text(exchange.given, "recovery_code") != recovery.code:
        tenant.take("recovery_attempts", user.id)
        exchange.note("gd_recovery_failed", user)
        exchange.note("fercft", user)
        raise errors.rejected(403, "invalid_grant")
    exchange.refuse_blocked(user)
    recovery.code = new_recovery_code()
    exchange.note("gd_recovery_succeed", user)
    return issued(exchange, session, user, "sercft") | {"recovery_code": recovery.code}
