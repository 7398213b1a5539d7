"""The mfa-otp grant: a one-time password (reference 2.8, 3.4). Needs no challenge."""

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.tenant.authenticators import Totp
from auth0_mfa_emulator.wire import required_text

from .enrollment import available
from .exchange import Exchange, passed
from .lockout import refuse_locked_out


def verify_otp(exchange: Exchange) -> dict[str, object]:
    """Check a one-time password against the user's authenticator apps, confirmed ones first."""
    exchange.require("mfa_token", "otp")
    session, tenant = exchange.session(), exchange.tenant
    user = tenant.user_of(session)
    applications = [one for one in user.authenticators if isinstance(one, Totp)] if available(tenant, "otp") else []
    if not applications:
        raise errors.unsupported_challenge_type(
            "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."
        )
    refuse_locked_out(tenant, user, user.id)
    code, now = required_text(exchange.given, "otp"), tenant.clock.now()
    applications.sort(key=lambda one: not one.active)
    right = next((one for one in applications if one.step_of(code, now)), None)
    if not right:
        tenant.take("wrong_codes", user.id)
        exchange.note_failure(user, "feotpft")
        raise errors.invalid_grant("Invalid otp_code.")
    exchange.refuse_unproved(session, user, right)
    exchange.refuse_blocked(user)
    right.last_step = right.step_of(code, now)
    return passed(exchange, session, user, right, "seotpft")
