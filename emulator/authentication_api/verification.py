"""The last step of a login: the code from the phone, or the recovery code (reference 2.5, 2.8, 3.4)."""

from dataclasses import dataclass

from emulator import errors
from emulator.state import Emulator
from emulator.tenant.clients import Client
from emulator.tenant.sessions import MfaSession, OobCode
from emulator.tenant.tenant import Tenant
from emulator.tenant.users import User, new_recovery_code
from emulator.wire import Parameters, required_text

from .bearer import live_session
from .issuing import issue


@dataclass(frozen=True)
class Exchange:
    """One call of `/oauth/token` by an application that proved who it is."""

    emulator: Emulator
    client: Client
    given: Parameters
    issuer: str

    @property
    def tenant(self) -> Tenant:
        """The tenant the call is to."""
        return self.emulator.tenant

    def refuse_blocked(self, user: User) -> None:
        """No grant yields tokens for a blocked user."""
        if user.blocked:
            raise errors.refused("user_blocked", "unauthorized", "user is blocked")


def verify_oob(exchange: Exchange) -> dict[str, object]:
    """Check the six digits. A wrong one costs a try and nothing else: the tokens stay good (reference, section 4)."""
    _, oob_code, binding_code = _required(exchange, "mfa_token", "oob_code", "binding_code")
    session = live_session(exchange.emulator, exchange.given, exchange.client.client_id)
    user = session.login.user
    _spend_exchange(exchange.tenant, session)
    oob = _live_code(exchange.tenant, session, oob_code)
    if exchange.tenant.exhausted("wrong_codes", user.id):
        raise errors.too_many_failed_codes()
    if oob.spent or binding_code != oob.binding_code:
        exchange.tenant.take("wrong_codes", user.id)
        raise errors.invalid_grant("Invalid binding_code.")
    exchange.refuse_blocked(user)
    oob.spent = True
    user.confirm(oob.phone)
    return _issue(exchange, session)


def verify_recovery_code(exchange: Exchange) -> dict[str, object]:
    """Check the recovery code; success answers a new one, and the old one is dead (recorded)."""
    _, code = _required(exchange, "mfa_token", "recovery_code")
    session = live_session(exchange.emulator, exchange.given, exchange.client.client_id)
    user = session.login.user
    if not user.recovery or not user.recovery.active:
        raise errors.refused(403, "unsupported_challenge_type", "User does not have a recovery-code.")
    if exchange.tenant.exhausted("recovery_attempts", user.id):
        raise errors.too_many_failed_codes()
    if code != user.recovery.code:
        exchange.tenant.take("recovery_attempts", user.id)
        raise errors.invalid_grant("MFA Authorization rejected.")
    exchange.refuse_blocked(user)
    user.recovery.code = new_recovery_code()
    return _issue(exchange, session) | {"recovery_code": user.recovery.code}


def verify_otp(exchange: Exchange) -> dict[str, object]:
    """Refused: nobody can have enrolled an authenticator app with this emulator."""
    _required(exchange, "mfa_token", "otp")
    live_session(exchange.emulator, exchange.given, exchange.client.client_id)
    raise errors.unsupported_challenge_type(
        "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."
    )


def _required(exchange: Exchange, *names: str) -> list[str]:
    return [required_text(exchange.given, name) for name in names]


def _issue(exchange: Exchange, session: MfaSession) -> dict[str, object]:
    session.spent = exchange.tenant.settings.mfa_token_single_use
    return issue(exchange.emulator, session.login, with_mfa=True)


def _spend_exchange(tenant: Tenant, session: MfaSession) -> None:
    """12 exchanges at once, 12 a minute, per session (Auth0 docs, rate limits); the wording is that of CIBA."""
    if tenant.take("exchanges", session.token):
        return
    seconds = tenant.seconds_to_next("exchanges", session.token)
    description = f"You are polling faster than allowed. Try again in {seconds} seconds."
    raise errors.refused(429, "slow_down", description, {"Retry-After": str(seconds)})


def _live_code(tenant: Tenant, session: MfaSession, value: str) -> OobCode:
    oob = tenant.oob_codes.get(value)
    if not oob:
        raise errors.invalid_grant("Malformed oob_code")
    if oob.mfa_token != session.token:
        raise errors.invalid_request("The oob_code doesn't match the mfa_token")
    if oob.expires_at <= tenant.clock.now():
        raise errors.expired("oob_code")
    return oob
