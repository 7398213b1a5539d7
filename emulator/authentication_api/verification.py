"""The last step of a login: the code from the message, the push, the one-time password, or the recovery code.

Reference 2.5, 2.8, 3.4. A wrong code costs a try and nothing else: the tokens stay good (reference, section 4).
"""

from dataclasses import dataclass

from emulator import errors
from emulator.state import Emulator
from emulator.tenant.authenticators import Authenticator, Totp, new_recovery_code
from emulator.tenant.clients import Client
from emulator.tenant.events import EventType
from emulator.tenant.sending import superseded
from emulator.tenant.sessions import MfaSession, OobCode
from emulator.tenant.tenant import Tenant
from emulator.tenant.users import User
from emulator.wire import Parameters, required_text

from .bearer import live_session
from .issuing import issue
from .lockout import owner_of_tries, refuse_locked_out


@dataclass(frozen=True)
class Exchange:
    """One call of `/oauth/token` by an application that proved who it is. `ip` is that of the connection."""

    emulator: Emulator
    client: Client
    given: Parameters
    issuer: str
    ip: str

    @property
    def tenant(self) -> Tenant:
        """The tenant the call is to."""
        return self.emulator.tenant

    def session(self) -> MfaSession:
        """The login under way that the `mfa_token` parameter names."""
        return live_session(self.emulator, self.given, self.client.client_id)

    def note(self, event: EventType, user: User) -> None:
        """Write a line into the tenant log."""
        self.tenant.note(event, user, self.client.client_id)

    def refuse_blocked(self, user: User) -> None:
        """No grant yields tokens for a blocked user."""
        if user.blocked:
            self.note("f", user)
            raise errors.unsettled("user_blocked")


def verify_oob(exchange: Exchange) -> dict[str, object]:
    """Check the six digits, or ask what became of the push."""
    tenant = exchange.tenant
    _require(exchange, "mfa_token", "oob_code")
    oob_code = required_text(exchange.given, "oob_code")
    if not _is_push(tenant, oob_code):
        _require(exchange, "binding_code")
    session = exchange.session()
    user = tenant.user_of(session)
    _spend_exchange(tenant, session)
    oob, authenticator = _live_code(tenant, session, user, oob_code)
    if oob.binding_code is None:
        _check_decision(exchange, user, oob)
    else:
        _check_digits(exchange, user, oob, oob.binding_code)
    exchange.refuse_blocked(user)
    oob.spent = True
    return _passed(exchange, session, user, authenticator, "seoobft")


def verify_otp(exchange: Exchange) -> dict[str, object]:
    """Check a one-time password of any authenticator application the user has, confirmed or not."""
    _require(exchange, "mfa_token", "otp")
    session, tenant = exchange.session(), exchange.tenant
    user = tenant.user_of(session)
    applications = [one for one in user.authenticators if isinstance(one, Totp)]
    if not applications:
        raise errors.unsupported_challenge_type(
            "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."
        )
    refuse_locked_out(tenant, user, user.id)
    code, now = required_text(exchange.given, "otp"), tenant.clock.now()
    right = next((one for one in applications if one.take(code, now)), None)
    if not right:
        tenant.take("wrong_codes", user.id)
        _note_failure(exchange, user, "feotpft")
        raise errors.invalid_grant("Invalid otp_code.")
    exchange.refuse_blocked(user)
    return _passed(exchange, session, user, right, "seotpft")


def verify_recovery_code(exchange: Exchange) -> dict[str, object]:
    """Check the recovery code; success answers a new one, and the old one is dead (recorded)."""
    _require(exchange, "mfa_token", "recovery_code")
    session, tenant = exchange.session(), exchange.tenant
    user = tenant.user_of(session)
    recovery = user.recovery
    if not recovery or not recovery.active:
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
    return _issue(exchange, session, user, "sercft") | {"recovery_code": recovery.code}


def _require(exchange: Exchange, *names: str) -> None:
    for name in names:
        required_text(exchange.given, name)


def _passed(
    exchange: Exchange, session: MfaSession, user: User, authenticator: Authenticator, event: EventType
) -> dict[str, object]:
    exchange.note("gd_auth_succeed" if authenticator.active else "gd_enrollment_complete", user)
    user.confirm(authenticator)
    return _issue(exchange, session, user, event)


def _issue(exchange: Exchange, session: MfaSession, user: User, event: EventType) -> dict[str, object]:
    session.spent = exchange.tenant.settings.mfa_token_single_use
    exchange.note(event, user)
    return issue(exchange.emulator, session.login, with_mfa=True)


def _note_failure(exchange: Exchange, user: User, event: EventType) -> None:
    exchange.note("gd_auth_failed", user)
    exchange.note(event, user)


def _spend_exchange(tenant: Tenant, session: MfaSession) -> None:
    """12 exchanges at once, 12 a minute, per session (Auth0 docs, rate limits); the wording is that of CIBA."""
    if not tenant.take("exchanges", session.token):
        seconds = str(tenant.seconds_to_next("exchanges", session.token))
        raise errors.unsettled("slow_down", {"Retry-After": seconds}, seconds=seconds)


def _is_push(tenant: Tenant, oob_code: str) -> bool:
    oob = tenant.oob_codes.get(oob_code)
    return oob is not None and oob.binding_code is None


def _live_code(tenant: Tenant, session: MfaSession, user: User, value: str) -> tuple[OobCode, Authenticator]:
    oob = tenant.oob_codes.get(value)
    if oob and oob.mfa_token != session.token:
        raise errors.invalid_request("The oob_code doesn't match the mfa_token")
    authenticator = user.device(oob.device) if oob else None
    if not oob or not authenticator:
        raise errors.invalid_grant("Malformed oob_code")
    if oob.expires_at <= tenant.clock.now():
        raise errors.unsettled("expired_token", token="oob_code")
    return oob, authenticator


def _check_digits(exchange: Exchange, user: User, oob: OobCode, digits: str) -> None:
    tenant, typed = exchange.tenant, required_text(exchange.given, "binding_code")
    owner = owner_of_tries(tenant, user, oob)
    refuse_locked_out(tenant, user, owner)
    wrong = typed != digits or superseded(tenant, oob)
    if wrong or oob.spent:
        tenant.take("wrong_codes", owner)
        _note_failure(exchange, user, "feoobft")
        raise errors.invalid_grant("Invalid binding_code.") if wrong else errors.unsettled("spent_oob_code")


def _check_decision(exchange: Exchange, user: User, oob: OobCode) -> None:
    """What the person did with the push: pending and denied are 400, as recorded."""
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
