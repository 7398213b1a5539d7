"""An authenticated call of `/oauth/token`, completion of a verified second factor, lockout after wrong codes."""

from dataclasses import dataclass

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import Emulator
from auth0_mfa_emulator.tenant.authenticators import Authenticator
from auth0_mfa_emulator.tenant.clients import Client
from auth0_mfa_emulator.tenant.events import EventType
from auth0_mfa_emulator.tenant.sessions import ENROLL, MfaSession
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import Parameters, required_text

from .bearer import live_session
from .token_issuer import issue


@dataclass(frozen=True)
class Exchange:
    """An authenticated token request. `ip` is the connection's address."""

    emulator: Emulator
    client: Client
    given: Parameters
    issuer: str
    ip: str

    @property
    def tenant(self) -> Tenant:
        """The called tenant."""
        return self.emulator.tenant

    def session(self, *, opaque_only: bool = False) -> MfaSession:
        """Returns the pending login of the `mfa_token` parameter."""
        return live_session(self.emulator, self.given, self.client.client_id, opaque_only=opaque_only)

    def refuse_unverifiable(self, session: MfaSession, user: User, authenticator: Authenticator) -> None:
        """Reject combinations of token and authenticator that even a correct code cannot satisfy.

        An mfa_token confirms a user's first authenticator; an access token confirms further ones, but logs nobody in.
        """
        settings = self.tenant.settings
        if session.opaque:
            if not authenticator.active and user.enrolled and not settings.late_confirmation:
                raise errors.unsettled("late_confirmation")
        elif not authenticator.active and ENROLL not in session.login.scopes:
            raise errors.unsettled("insufficient_scope", scope=ENROLL)
        elif authenticator.active and not settings.challenge_with_access_token:
            raise errors.invalid_grant("Malformed mfa_token")

    def note(self, event: EventType, user: User) -> None:
        """Write an event to the tenant log."""
        self.tenant.note(event, user, self.client.client_id)

    def refuse_blocked(self, user: User) -> None:
        """Reject a blocked user, whatever the grant."""
        if user.blocked:
            self.note("f", user)
            raise errors.unsettled("user_blocked")

    def required(self, *names: str) -> list[str]:
        """Returns these parameters, each of which must be non-empty text."""
        return [required_text(self.given, name) for name in names]

    def note_failure(self, user: User, event: EventType) -> None:
        """Log the failure of a second factor."""
        self.note("gd_auth_failed", user)
        self.note(event, user)


def passed(
    exchange: Exchange, session: MfaSession, user: User, authenticator: Authenticator, event: EventType
) -> dict[str, object]:
    """Returns tokens for a verified second factor, and confirms the authenticator if it is pending."""
    exchange.note("gd_auth_succeed" if authenticator.active else "gd_enrollment_complete", user)
    authenticator.last_auth = exchange.tenant.clock.now()
    user.confirm(authenticator, authenticator.last_auth)
    return issued(exchange, session, user, event)


def issued(exchange: Exchange, session: MfaSession, user: User, event: EventType) -> dict[str, object]:
    """Returns tokens, and spends the mfa_token if the tenant is configured that way."""
    session.spent = exchange.tenant.settings.mfa_token_single_use
    exchange.note(event, user)
    user.note_login(exchange.tenant.clock.now())
    return issue(exchange.emulator, session.login, with_mfa=True)


def refuse_locked_out(tenant: Tenant, user: User, owner: str) -> None:
    """Reject even a correct code while the budget of wrong ones is spent (reference, section 4)."""
    if tenant.exhausted("wrong_codes", owner):
        tenant.note("gd_otp_rate_limit_exceed", user)
        raise errors.unsettled("too_many_failed_codes")
