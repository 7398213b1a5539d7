"""The three MFA grants: mfa-oob, mfa-otp and mfa-recovery-code (reference 2.5, 2.8, 3.4).

A wrong code only costs an attempt: the tokens stay valid (reference, section 4).
"""

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.tenant.authenticators import Authenticator, Totp, new_recovery_code
from auth0_mfa_emulator.tenant.oob_codes import superseded
from auth0_mfa_emulator.tenant.sessions import MfaSession, OobCode
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import required_text

from .enrollment import available
from .exchange import Exchange, issued, passed, refuse_locked_out


def verify_oob(exchange: Exchange) -> dict[str, object]:
    """Check the six digits of a message, or the outcome of the push."""
    tenant = exchange.tenant
    _, oob_code = exchange.required("mfa_token", "oob_code")
    found = tenant.oob_codes.get(oob_code)
    of_push = found is not None and found.binding_code is None
    typed = None if of_push else required_text(exchange.given, "binding_code")
    session = exchange.session()
    user = tenant.user_of(session)
    _spend_exchange(tenant, session)
    oob, authenticator = _live_code(tenant, session, user, found)
    if typed is None:
        _check_decision(exchange, user, oob)
    else:
        _check_digits(exchange, user, oob, typed)
    exchange.refuse_unverifiable(session, user, authenticator)
    exchange.refuse_blocked(user)
    oob.spent = True
    return passed(exchange, session, user, authenticator, "seoobft")


def verify_otp(exchange: Exchange) -> dict[str, object]:
    """Check a one-time password against the user's authenticator apps, confirmed ones first. Needs no challenge."""
    _, code = exchange.required("mfa_token", "otp")
    session, tenant = exchange.session(), exchange.tenant
    user = tenant.user_of(session)
    applications = [one for one in user.authenticators if isinstance(one, Totp)] if available(tenant, "otp") else []
    if not applications:
        raise errors.unsupported_challenge_type(
            "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."
        )
    refuse_locked_out(tenant, user, user.id)
    now = tenant.clock.now()
    applications.sort(key=lambda one: not one.active)
    right = next((one for one in applications if one.step_of(code, now)), None)
    if not right:
        tenant.take("wrong_codes", user.id)
        exchange.note_failure(user, "feotpft")
        raise errors.invalid_grant("Invalid otp_code.")
    exchange.refuse_unverifiable(session, user, right)
    exchange.refuse_blocked(user)
    right.last_step = right.step_of(code, now)
    return passed(exchange, session, user, right, "seotpft")


def verify_recovery_code(exchange: Exchange) -> dict[str, object]:
    """Check the recovery code. Success returns a new one and invalidates the old one (recorded)."""
    _, code = exchange.required("mfa_token", "recovery_code")
    session, tenant = exchange.session(opaque_only=True), exchange.tenant
    user = tenant.user_of(session)
    recovery = user.recovery
    if not recovery or not recovery.active or not tenant.settings.recovery_codes:
        raise errors.refused(403, "unsupported_challenge_type", "User does not have a recovery-code.")
    if tenant.exhausted("recovery_attempts", user.id):
        exchange.note("gd_recovery_rate_limit_exceed", user)
        raise errors.unsettled("too_many_failed_codes")
    if code != recovery.code:
        tenant.take("recovery_attempts", user.id)
        exchange.note("gd_recovery_failed", user)
        exchange.note("fercft", user)
        raise errors.rejected(403, "invalid_grant")
    exchange.refuse_blocked(user)
    recovery.code = new_recovery_code()
    exchange.note("gd_recovery_succeed", user)
    return issued(exchange, session, user, "sercft") | {"recovery_code": recovery.code}


def _spend_exchange(tenant: Tenant, session: MfaSession) -> None:
    """Limit to bursts of 12 exchanges, then 12 a minute, per session (Auth0 docs, rate limits); wording from CIBA."""
    if not tenant.take("exchanges", session.token):
        seconds = str(tenant.seconds_to_next("exchanges", session.token))
        raise errors.unsettled("slow_down", {"Retry-After": seconds}, seconds=seconds)


def _live_code(tenant: Tenant, session: MfaSession, user: User, oob: OobCode | None) -> tuple[OobCode, Authenticator]:
    if oob and oob.mfa_token != session.token:
        raise errors.invalid_request("The oob_code doesn't match the mfa_token")
    authenticator = user.device(oob.device) if oob else None
    if not oob or not authenticator:
        raise errors.invalid_grant("Malformed oob_code")
    if oob.expires_at <= tenant.clock.now():
        raise errors.unsettled("expired_token", token="oob_code")
    return oob, authenticator


def _check_digits(exchange: Exchange, user: User, oob: OobCode, typed: str) -> None:
    tenant = exchange.tenant
    owner = user.id if tenant.settings.wrong_codes_per == "user" else oob.value
    refuse_locked_out(tenant, user, owner)
    wrong = typed != oob.binding_code or superseded(tenant, oob)
    if wrong or oob.spent:
        tenant.take("wrong_codes", owner)
        exchange.note_failure(user, "feoobft")
        raise errors.invalid_grant("Invalid binding_code.") if wrong else errors.unsettled("spent_oob_code")


def _check_decision(exchange: Exchange, user: User, oob: OobCode) -> None:
    """Check the decision on the push: pending and denied are 400, as recorded."""
    message = exchange.tenant.inbox.find(oob.message_id or "")
    decision = message.decision if message else "pending"
    if oob.spent or superseded(exchange.tenant, oob):
        raise errors.unsettled("spent_oob_code")
    if decision == "denied":
        exchange.note("gd_auth_rejected", user)
        exchange.note("feoobft", user)
        raise errors.rejected(400, "access_denied")
    if decision != "approved":
        raise errors.refused(
            400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds."
        )
