"""Applications registered with the tenant, and their grants."""

from dataclasses import dataclass, field

from auth0_mfa_emulator.storage.table import Table

AUTHORIZATION_CODE = "authorization_code"
PASSWORD = "password"
PASSWORD_REALM = "http://auth0.com/oauth/grant-type/password-realm"
REFRESH_TOKEN = "refresh_token"
CLIENT_CREDENTIALS = "client_credentials"
MFA_OOB = "http://auth0.com/oauth/grant-type/mfa-oob"
MFA_OTP = "http://auth0.com/oauth/grant-type/mfa-otp"
MFA_RECOVERY_CODE = "http://auth0.com/oauth/grant-type/mfa-recovery-code"

MFA_GRANTS = (MFA_OOB, MFA_OTP, MFA_RECOVERY_CODE)
"""Grants enabled by the dashboard's single "MFA" checkbox (Auth0 docs, application grant types)."""
LOGIN_GRANTS = (AUTHORIZATION_CODE, PASSWORD, PASSWORD_REALM, REFRESH_TOKEN)

MANAGEMENT_SCOPES = (
    *("read:clients", "update:clients", "create:clients", "delete:clients"),
    *("read:client_grants", "update:client_grants", "create:client_grants", "delete:client_grants"),
    *("read:guardian_factors", "update:guardian_factors", "read:mfa_policies", "update:mfa_policies"),
    *("read:guardian_enrollments", "delete:guardian_enrollments", "create:guardian_enrollment_tickets"),
    *("read:attack_protection", "update:attack_protection", "read:logs", "read:logs_users"),
    *("read:users", "update:users", "create:users", "delete:users"),
    *("create:authentication_methods", "read:authentication_methods"),
    *("update:authentication_methods", "delete:authentication_methods"),
)
"""The scopes of the Management API calls that the emulator has."""


@dataclass
class Client:
    """An application. Without a secret or key it is public and sends only its client_id."""

    client_id: str
    name: str
    secret: str | None = None
    public_key_pem: str | None = None
    grant_types: list[str] = field(default_factory=lambda: [*LOGIN_GRANTS, *MFA_GRANTS])
    management_scopes: tuple[str, ...] = ()

    @property
    def public(self) -> bool:
        """Whether the application cannot keep a secret."""
        return self.secret is None and self.public_key_pem is None

    @property
    def logs_users_in(self) -> bool:
        """Whether users log in through it, so that MFA applies."""
        return PASSWORD in self.grant_types or PASSWORD_REALM in self.grant_types

    def allow_mfa(self, allowed: bool) -> None:
        """Check or clear the "MFA" checkbox."""
        others = [grant for grant in self.grant_types if grant not in MFA_GRANTS]
        self.grant_types = [*others, *(MFA_GRANTS if allowed else ())]


def default_clients() -> Table[Client]:
    """Returns one application that logs users in and one that manages the tenant, by client_id."""
    login = Client("emulator-client", "Emulator Client", "emulator-secret")
    management = Client(
        "management-client", "Management Client", "management-secret", None, [CLIENT_CREDENTIALS], MANAGEMENT_SCOPES
    )
    return Table({client.client_id: client for client in (login, management)})
