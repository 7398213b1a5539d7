"""One call of `/oauth/token` by an application that proved who it is, and how a proved second factor ends."""

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
    """The call. `ip` is that of the connection."""

    emulator: Emulator
    client: Client
    given: Parameters
    issuer: str
    ip: str

    @property
    def tenant(self) -> Tenant:
        """The tenant the call is to."""
        return self.emulator.tenant

    def session(self, *, opaque_only: bool = False) -> MfaSession:
        """The login under way that the `mfa_token` parameter names."""
        return live_session(self.emulator, self.given, self.client.client_id, opaque_only=opaque_only)

    def refuse_unproved(self, session: MfaSession, user: User, authenticator: Authenticator) -> None:
        """Refuse what the right code proves nothing with.

        An mfa_token confirms the first authenticator of a user, an access token any other and no login.
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
        """Write a line into the tenant log."""
        self.tenant.note(event, user, self.client.client_id)

    def refuse_blocked(self, user: User) -> None:
        """No grant yields tokens for a blocked user."""
        if user.blocked:
            self.note("f", user)
            raise errors.unsettled("user_blocked")

    def require(self, *names: str) -> None:
        """Refuse a call without one of these parameters."""
        for name in names:
            required_text(self.given, name)

    def note_failure(self, user: User, event: EventType) -> None:
        """Write into the tenant log that a second factor failed."""
        self.note("gd_auth_failed", user)
        self.note(event, user)


def passed(
    exchange: Exchange, session: MfaSession, user: User, authenticator: Authenticator, event: EventType
) -> dict[str, object]:
    """Tokens for a second factor that was proved, and confirmed by it if it was not yet."""
    exchange.note("gd_auth_succeed" if authenticator.active else "gd_enrollment_complete", user)
    user.confirm(authenticator)
    return issued(exchange, session, user, event)


def issued(exchange: Exchange, session: MfaSession, user: User, event: EventType) -> dict[str, object]:
    """Tokens, and no more of them for this login where the tenant says so."""
    session.spent = exchange.tenant.settings.mfa_token_single_use
    exchange.note(event, user)
    return issue(exchange.emulator, session.login, with_mfa=True)
