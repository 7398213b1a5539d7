"""Tenant settings, read by `GET /_control/tenant` and changed by `PATCH /_control/tenant`.

Defaults are Auth0's documented numbers. Where no public source settles Auth0's behavior (marked UNCONFIRMED in the
reference), a setting lets tests try the alternative.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from auth0_mfa_emulator.phone.message import Channel
from auth0_mfa_emulator.phone.message_texts import ENROLLMENT_TEMPLATE, VERIFICATION_TEMPLATE

from .apis import Api
from .attack_protection import BreachedPasswords, BruteForce, SuspiciousIps
from .clients import Urls
from .growing_waits import Waits
from .origins import Cors
from .refusals import Refusals
from .token_buckets import Budget

YEAR = 86_400 * 365

Plan = Literal["free", "essentials", "professional", "enterprise"]
PhoneProvider = Literal["auth0", "twilio", "phone-message-hook"]
Seconds = Annotated[float, Field(gt=0, le=YEAR)]
WholeSeconds = Annotated[int, Field(gt=0, le=YEAR)]


Template = Annotated[str, Field(min_length=1, max_length=1000)]


class PhoneTemplates(BaseModel):
    """Texts of the phone factor, with the variables `{{code}}` and `{{tenant.friendly_name}}` (Auth0 docs)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    enrollment_message: Template = ENROLLMENT_TEMPLATE
    verification_message: Template = VERIFICATION_TEMPLATE


class Settings(BaseModel):
    """All settings. Lifetimes are seconds of the tenant's clock, budgets `{"burst", "per_seconds"}`.

    The text under each is its description in `GET /_control/tenant/schema` and on the control page.
    """

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    friendly_name: str = Field("Emulated Tenant", min_length=1, max_length=100)
    """The tenant's name in messages and QR code URIs."""
    origin_bound_host: str | None = Field(
        None, max_length=253, pattern=r"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?\z"
    )
    """Host, with an optional port, of the site codes are for; texts then end with an extra line that names it."""
    mfa_required: bool = True
    """Whether every login needs MFA; if not, only a token for the MFA API itself does."""
    mfa_grant: bool = True
    """Whether the applications that log users in have the three MFA grants."""
    mfa_requirements: bool = False
    """The early access "Customize MFA": `mfa_requirements` in mfa_required, `type` in lists."""
    mfa_audience: str | None = None
    """An additional audience for the MFA API, besides `/mfa/` of the called host, for a custom domain."""

    phone_factor: bool = True
    """Whether a phone can be enrolled and challenged."""
    channels: list[Channel] = ["sms", "voice"]
    """How a phone is reached: by text, by voice call, or both."""
    phone_provider: PhoneProvider = "twilio"
    """The selected provider of texts and calls: a name only, every message goes to the emulated phones."""
    tenant_phone_provider: Literal["twilio", "custom"] | None = "twilio"
    """The phone provider of the tenant, for the unified phone experience: a name only; null means none."""
    phone_templates: PhoneTemplates = PhoneTemplates()
    """Texts of the SMS, with `{{code}}` and `{{tenant.friendly_name}}`."""
    phone_consolidated_experience: bool = False
    """Whether the legacy calls that configure phone provider and templates are forbidden, as on newer tenants."""
    email_factor: bool = True
    """Whether an e-mail address can be enrolled, and a verified one is listed automatically."""
    push_factor: bool = True
    """Whether a device with the Guardian app can be enrolled, for pushes."""
    otp_factor: bool = True
    """Whether an authenticator app can be enrolled, for one-time passwords."""
    recovery_codes: bool = True
    """Whether recovery codes are issued and accepted."""

    code_seconds: Seconds = 300
    """How long a code is valid."""
    mfa_token_seconds: Seconds = 600
    """How long an mfa_token is valid."""
    mfa_access_token_seconds: WholeSeconds = 600
    """How long an access token for the MFA API is valid."""
    access_token_seconds: WholeSeconds = 86_400
    """How long any other access token is valid."""

    apis: list[Api] = []
    """The product's own APIs; `/authorize` refuses other audiences."""
    allowed_logout_urls: Urls = []
    """Where a logout that names no application may return to."""
    sign_in_seconds: Seconds = 600
    """Time for one visit to the login pages (Auth0 community: 5 or 10 minutes, depending on the page)."""
    authorization_code_seconds: Seconds = 600
    """Lifetime of an authorization code (Auth0 community, 30987: not told, but at most ten minutes)."""
    device_code_seconds: WholeSeconds = 900
    """Lifetime of a device code and its user code."""
    device_interval_seconds: WholeSeconds = 5
    """Time between two polls for the tokens of a device."""
    session_seconds: Seconds = 604_800
    """Maximum lifetime of a browser session (Auth0 docs, tenant settings: 7 days)."""
    idle_session_seconds: Seconds = 259_200
    """Lifetime of a browser session without use (Auth0 docs, enable SSO: 4,320 minutes)."""
    trusted_browser_seconds: Seconds = 2_592_000
    """How long "Remember this device for 30 days" lasts; the checkbox is on every page that asks for a factor."""

    sends: Budget = Budget(burst=10, per_seconds=3600)
    """Texts and voice calls per user."""
    phone_protection: Literal["default", "none", "exponential"] = "default"
    """Whether growing waits replace the budget of texts and calls; `none` is the older name of `default`."""
    waits: Waits = Waits()
    """The growing waits: so many messages are free, then each wait is twice as long as the one before."""
    emails: Budget = Budget(burst=20, per_seconds=60)
    """E-mails per user."""
    pushes: Budget = Budget(burst=5, per_seconds=12)
    """Pushes per user."""
    wrong_codes: Budget = Budget(burst=10, per_seconds=360)
    """Wrong codes before a lockout."""
    recovery_attempts: Budget = Budget(burst=10, per_seconds=360)
    """Wrong recovery codes per user before a lockout."""
    exchanges: Budget = Budget(burst=12, per_seconds=5)
    """Calls of the mfa-oob grant per session."""
    logins: Budget = Budget(burst=20, per_seconds=6)
    """Logins per user and IP address, successful or not (Auth0 docs, database login limits)."""
    brute_force_attempts: int | None = Field(10, ge=1, le=100)
    """Wrong passwords per user and IP address before a block; null disables protection (Auth0 docs)."""
    brute_force: BruteForce = BruteForce()
    """Brute-force protection as the Management API shows it; only the number of attempts has an effect."""
    breached_passwords: BreachedPasswords = BreachedPasswords()
    """Detection of breached passwords as the Management API shows it; has no other effect."""
    suspicious_ips: SuspiciousIps = SuspiciousIps()
    """Suspicious IP throttling as the Management API shows it; has no other effect."""
    suspicious_ip: bool = False
    """Whether every login is treated as coming from a suspicious IP address and refused."""
    plan: Plan | None = None
    """Plan whose limit on all Authentication API calls applies; null means no limit."""
    rate_limit: Budget | None = None
    """A limit on all Authentication API calls that replaces the plan's."""
    rate_limit_retry_after: bool = False
    """Whether a 429 of that limit includes Retry-After, which Auth0 documents only for other limits."""
    management_rate_limit: Budget | None = None
    """A limit on all Management API calls; null means no limit, and none of its headers."""
    cors: Cors = Cors()
    """Which pages of other origins may call the tenant."""
    max_authenticators: int = Field(50, ge=1, le=100_000)
    """How many authenticators a user may have stored, confirmed or not (community report: 50)."""

    enroll_on_login_pages: bool = True
    """Whether the login pages make users enroll a factor who have none; on Auth0, an Action can decide otherwise."""
    mfa_once_per_session: bool = False
    """Whether a browser session remembers MFA, which on Auth0 takes an Action (Auth0 docs, silent authentication)."""
    acr_values_require_mfa: bool = False
    """Whether `acr_values` with the multi-factor policy require MFA, which on Auth0 takes an Action."""
    callback_confirmation: bool = True
    """Whether a login without any page asks for confirmation if the callback is on loopback or has its own scheme."""
    logout_confirmation: bool = True
    """Whether `/oidc/logout` asks for confirmation if nothing in the request identifies the session."""
    mfa_consent: bool = True
    """Whether a token for the MFA API needs the user's consent once."""
    consent_on_loopback: bool = False
    """Whether a callback on loopback, or with its own scheme, brings back the consent that an API skips."""
    silent_mfa_error: Literal["login_required", "mfa_required", "interaction_required"] = "login_required"
    """Error of a silent login that needs MFA (auth0-spa-js: `login_required`)."""
    code_reuse_revokes_tokens: bool = False
    """Whether a second exchange of an authorization code revokes the refresh token of the first (RFC 6749, 4.1.2)."""
    code_without_redirect_uri: bool = True
    """Whether an authorization code can be exchanged without repeating the `redirect_uri`."""
    authorization_response_iss: bool = False
    """Whether authorization responses carry `iss` (RFC 9207), which no recorded discovery document announces."""

    old_codes_stay_valid: bool = True
    """Whether a code still works after a newer one is sent in the same session."""
    scope_in_answers: Literal["granted", "nonempty", "changed"] = "granted"
    """How token answers tell the granted scope: always, unless it is empty, or if others were asked for (documented).

    Recordings show granted scopes, but cannot show an empty one: their recorder drops empty members.
    """
    userinfo_with_mfa_audience: bool = False
    """Whether `openid` makes an access token for the MFA API one for `/userinfo` as well, as it does for other APIs."""
    refresh_token_in_answers: Literal["always", "rotating"] = "always"
    """Whether the answer to an exchange repeats a refresh token that does not rotate (recorded, not documented)."""
    revocation_deletes_grant: bool = False
    """Whether revoking a refresh token revokes all of the same user, application and audience (off on tenants since
    2021, Auth0 docs)."""
    mfa_token_single_use: bool = True
    """Whether a session yields tokens only once; it can still list authenticators."""
    late_confirmation: bool = False
    """Whether an mfa_token can confirm a pending authenticator once the user has another confirmed one."""
    wrong_codes_per: Literal["user", "oob_code"] = "user"
    """Scope of the wrong-code budget."""
    lockout_blocks_challenge: bool = True
    """Whether too many wrong codes block new challenges as well as codes."""
    challenge_with_access_token: bool = False
    """Whether `/mfa/challenge` accepts an access token for the MFA API as its mfa_token."""
    challenge_with_basic: bool = True
    """Whether `/mfa/challenge` accepts client credentials by HTTP Basic."""
    same_number: Literal["add", "replace_pending", "refuse"] = "add"
    """Effect of associating a number the user already has."""
    same_method: Literal["refuse", "add"] = "refuse"
    """Effect of creating a phone or e-mail method in the Management API that the user has confirmed already."""
    twins_always: bool = False
    """Whether a phone is listed for both sms and voice even if the tenant has only one of them."""
    newest_first: bool = False
    """Whether lists start with the newest authenticator."""
    refusals: Refusals = Refusals()
    """Status, `error` and text of every error response that no source settles."""

    @field_validator("channels")
    @classmethod
    def _each_once(cls, channels: list[Channel]) -> list[Channel]:
        return sorted(set(channels))

    @property
    def phone_channels(self) -> tuple[Channel, ...]:
        """Channels that a newly enrolled phone is listed for."""
        return ("sms", "voice") if self.twins_always else tuple(self.channels)

    def api(self, audience: str) -> Api | None:
        """Returns the product's API with this identifier."""
        return next((api for api in self.apis if api.identifier == audience), None)

    def patched(self, patch: dict[str, object]) -> "Settings":
        """Returns a copy with some settings changed; members of nested objects can be changed individually."""
        return Settings.model_validate(_merged(self.model_dump(), patch))


def _merged(old: dict[str, object], patch: dict[str, object]) -> dict[str, object]:
    merged = dict(old)
    for name, value in patch.items():
        before = merged.get(name)
        merged[name] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
