"""The mfa-otp grant: a one-time password (reference 2.8, 3.4). It needs no challenge."""

from emulator import errors
from emulator.tenant.authenticators import Totp
from emulator.tenant.sessions import MfaSession
from emulator.wire import required_text

from .exchange import Exchange, passed
from .lockout import refuse_locked_out


def verify_otp(exchange: Exchange) -> dict[str, object]:
    """Check a one-time password of any authenticator application of the user that may prove or confirm it."""
    exchange.require("mfa_token", "otp")
    session, tenant = exchange.session(), exchange.tenant
    user = tenant.user_of(session)
    applications = [one for one in user.authenticators if isinstance(one, Totp) and _counts(exchange, session, one)]
    if not applications:
        raise errors.unsupported_challenge_type(
            "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."
        )
    refuse_locked_out(tenant, user, user.id)
    code, now = required_text(exchange.given, "otp"), tenant.clock.now()
    right = next((one for one in applications if one.take(code, now)), None)
    if not right:
        tenant.take("wrong_codes", user.id)
        exchange.note_failure(user, "feotpft")
        raise errors.invalid_grant("Invalid otp_code.")
    exchange.refuse_blocked(user)
    return passed(exchange, session, user, right, "seotpft")


def _counts(exchange: Exchange, session: MfaSession, application: Totp) -> bool:
    """Whether it may prove the login, or may be confirmed by it; the factor must be on."""
    settings, user = exchange.tenant.settings, exchange.tenant.user_of(session)
    on = settings.push_factor if application.push_device else settings.otp_factor
    return on and (session.opaque if application.active else exchange.confirms(session, user))
