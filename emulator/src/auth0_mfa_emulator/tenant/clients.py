"""Applications registered with the tenant, and their grants."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from auth0_mfa_emulator.storage.table import Table

from .refresh_token_rules import NON_ROTATING, ROTATING, RefreshTokenRules

AUTHORIZATION_CODE = "authorization_code"
PASSWORD = "password"
PASSWORD_REALM = "http://auth0.com/oauth/grant-type/password-realm"
REFRESH_TOKEN = "refresh_token"
CLIENT_CREDENTIALS = "client_credentials"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
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
    *("read:phone_providers", "read:tenant_settings"),
    *("read:attack_protection", "update:attack_protection", "read:logs", "read:logs_users"),
    *("read:users", "update:users", "create:users", "delete:users", "update:users_app_metadata"),
    *("create:authentication_methods", "read:authentication_methods"),
    *("update:authentication_methods", "delete:authentication_methods"),
)
"""The scopes of the Management API calls that the emulator has."""

AppType = Literal["native", "spa", "regular_web", "non_interactive"]


def _safe(url: str) -> str:
    if url.partition(":")[0].lower() in ("javascript", "data", "vbscript", "blob", "about"):
        raise ValueError("must not have a scheme that browsers execute")
    return url


Url = Annotated[
    str, Field(pattern=r"\A[A-Za-z][A-Za-z0-9+.-]*:[!$-;=?-Z_a-z~\[\]%]+\z", max_length=1000), AfterValidator(_safe)
]
"""An absolute URL without a fragment, also one with a native application's own scheme."""
Urls = Annotated[list[Url], Field(max_length=100)]
Origin = Annotated[str, Field(pattern=r"\A[a-z][a-z0-9+.-]*://[A-Za-z0-9.*:\[\]-]+\z", max_length=300)]
"""Scheme, host and port."""
Origins = Annotated[list[Origin], Field(max_length=100)]


@dataclass
class Client:
    """An application. Without a secret or key it is public and sends only its client_id.

    `callbacks` are where `/authorize` may return to, `allowed_logout_urls` where a logout may. `web_origins` and
    `allowed_origins` are those of the pages that call the tenant. A third-party application, which is not
    `is_first_party`, always asks its users for consent.
    """

    client_id: str
    name: str
    secret: str | None = None
    public_key_pem: str | None = None
    grant_types: list[str] = field(default_factory=lambda: [*LOGIN_GRANTS, *MFA_GRANTS])
    management_scopes: tuple[str, ...] = ()
    app_type: AppType | None = None
    callbacks: list[str] = field(default_factory=list)
    allowed_logout_urls: list[str] = field(default_factory=list)
    allowed_origins: list[str] = field(default_factory=list)
    web_origins: list[str] = field(default_factory=list)
    is_first_party: bool = True
    refresh_token: RefreshTokenRules | None = None
    """Rules that were set, if any."""

    @property
    def refresh_rules(self) -> RefreshTokenRules:
        """The rules that apply to its refresh tokens."""
        return self.refresh_token or (ROTATING if self.app_type == "spa" else NON_ROTATING)

    @property
    def public(self) -> bool:
        """Whether the application cannot keep a secret."""
        return self.secret is None and self.public_key_pem is None

    @property
    def logs_users_in(self) -> bool:
        """Whether users log in through it, so that MFA applies."""
        return not {AUTHORIZATION_CODE, PASSWORD, PASSWORD_REALM, DEVICE_CODE}.isdisjoint(self.grant_types)

    def allow_mfa(self, allowed: bool) -> None:
        """Check or clear the "MFA" checkbox."""
        others = [grant for grant in self.grant_types if grant not in MFA_GRANTS]
        self.grant_types = [*others, *(MFA_GRANTS if allowed else ())]


def default_clients() -> Table[Client]:
    """Returns two applications that log users in, one of them public, and one that manages the tenant, by client_id."""
    login = Client("emulator-client", "Emulator Client", "emulator-secret", app_type="regular_web")
    login.callbacks, login.allowed_logout_urls = ["http://localhost:8000/callback"], ["http://localhost:8000"]
    management = Client(
        "management-client", "Management Client", "management-secret", None, [CLIENT_CREDENTIALS], MANAGEMENT_SCOPES
    )
    management.app_type = "non_interactive"
    page = Client("spa-client", "SPA Client", app_type="spa")
    page.grant_types = [AUTHORIZATION_CODE, REFRESH_TOKEN, *MFA_GRANTS]
    own = ["http://localhost:5173", "http://localhost:8080"]
    page.callbacks, page.allowed_logout_urls = list(own), list(own)
    page.allowed_origins, page.web_origins = list(own), list(own)
    return Table({client.client_id: client for client in (login, management, page)})
