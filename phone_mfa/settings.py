"""Settings from environment variables. Read once, in ``main``; never by library code.

Every variable is defined here and nowhere else. An invalid one is reported in one sentence that never quotes its value.
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from phone_mfa.api_keys import ApiKeys, ApiKeysError, api_keys
from phone_mfa.auth0 import ClientSecret, Credentials, PrivateKeyJwt, PublicClient, base_url_of
from phone_mfa.contracts.names import TASK_QUEUE
from phone_mfa.contracts.start import LONGEST_FLOW_SECONDS
from phone_mfa.encryption import KeyringError, KeyringSource, keyring_source_of
from phone_mfa.errors import CannotStartError
from phone_mfa.images import image_type
from phone_mfa.number_rule import EVERY_NUMBER, NumberRule, countries_of, kinds_of


class SettingsError(CannotStartError):
    """The environment is invalid. The message names the variables, in one sentence each."""


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    @field_validator("*", mode="before")
    @classmethod
    def _one_line(cls, value: object) -> object:
        """Refuse a line break, as files end with one: a secret with it is another secret. JSON may have some."""
        if isinstance(value, str) and not {"\n", "\r"}.isdisjoint(value) and not value.lstrip().startswith("{"):
            raise ValueError("must not contain a line break")
        return value

    @classmethod
    def read(cls) -> Self:
        """Read the environment. Raises ``SettingsError``."""
        try:
            return cls()
        except ValidationError as error:
            prefix = str(cls.model_config.get("env_prefix", ""))
            raise SettingsError(" ".join(_sentence(prefix, problem) for problem in error.errors())) from None


def _sentence(prefix: str, problem: object) -> str:
    assert isinstance(problem, dict)  # noqa: S101 - narrowing what pydantic documents
    name = "_".join(str(part) for part in problem["loc"])
    if problem["type"] == "missing":
        return f"{prefix}{name.upper()} is not set."
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{prefix}{name.upper()}: {message}." if name else f"{message}."


class TenantSettings(_Settings):
    """The tenant's address (``AUTH0_*``): all that a process that starts flows needs.

    ``domain``: such as ``tenant.eu.auth0.com``. ``plain_http``: allow an ``http://`` domain on another host; for an
    emulator in a container network, never for a real tenant.
    """

    model_config = SettingsConfigDict(env_prefix="AUTH0_")

    domain: str
    plain_http: bool = False

    @model_validator(mode="after")
    def _a_tenant(self) -> Self:
        try:
            base_url_of(self.domain, plain_http=self.plain_http)
        except ValueError as error:
            raise ValueError(f"AUTH0_{str(error).replace('domain', 'DOMAIN', 1)}") from None
        return self

    @property
    def base_url(self) -> str:
        """Base URL of the tenant."""
        return base_url_of(self.domain, plain_http=self.plain_http)


class Auth0Settings(TenantSettings):
    """The tenant and our application in it (``AUTH0_*``).

    Exactly one of ``client_secret``, ``private_key_file`` (PEM) and ``public_client``, for an application that has
    neither. ``key_id``: id of the key in ``private_key_file``.
    """

    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr | None = None
    private_key_file: Path | None = None
    key_id: str | None = None
    public_client: bool = False

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if [self.client_secret is None, self.private_key_file is None, not self.public_client].count(False) != 1:
            raise ValueError(
                "exactly one of AUTH0_CLIENT_SECRET, AUTH0_PRIVATE_KEY_FILE and AUTH0_PUBLIC_CLIENT must be set"
            )
        return self

    @property
    def credentials(self) -> Credentials:
        """Credentials of our application. Raises ``SettingsError`` if the key file cannot be used."""
        if self.public_client:
            return PublicClient(self.client_id)
        if self.client_secret is not None:
            return ClientSecret(self.client_id, self.client_secret)
        assert self.private_key_file is not None  # noqa: S101 - ensured by _one_credential
        try:
            key = SecretStr(self.private_key_file.read_text())
            return PrivateKeyJwt(self.client_id, key, self.key_id)
        except (OSError, UnicodeDecodeError, ValueError):
            raise SettingsError("AUTH0_PRIVATE_KEY_FILE must be a readable private key in PEM.") from None


class FlowSettings(_Settings):
    """Where flows run (``PHONE_MFA_*``).

    ``task_queue``: the same for the worker and all processes that start flows. ``identity``: the name Temporal shows
    for this process. Default: a random name, since Temporal's own default contains host and user. ``fold_users``:
    whether spellings of a user that differ in case, spaces or Unicode form are one user; the same for all processes
    that start flows.
    """

    model_config = SettingsConfigDict(env_prefix="PHONE_MFA_")

    task_queue: Annotated[str, Field(min_length=1, max_length=200)] = TASK_QUEUE
    identity: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    fold_users: bool = False


class Versioning(StrEnum):
    """What happens to running flows when another version becomes current (Temporal docs, "Worker Versioning")."""

    PINNED = "pinned"
    AUTO_UPGRADE = "auto_upgrade"


class VersionSettings(_Settings):
    """The code version a worker runs (``PHONE_MFA_*``). Without a ``build_id``, workers are unversioned.

    ``deployment``: the name shared by all versions. ``versioning``: what happens to running flows when another version
    becomes current. By default they stay on the version they started on, so that neither a code change nor its rollback
    can break them.
    """

    model_config = SettingsConfigDict(env_prefix="PHONE_MFA_")

    build_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_.+-]+$")] | None = None
    deployment: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")] = "phone-mfa"
    versioning: Versioning = Versioning.PINNED


class SealingSettings(_Settings):
    """The keys for sealing payloads and names (``PHONE_MFA_KEYS``).

    ``keys``: the path of the key file, or its JSON. A rotated file is reloaded; inline JSON is fixed.
    """

    model_config = SettingsConfigDict(env_prefix="PHONE_MFA_")

    keys: SecretStr

    @model_validator(mode="before")
    @classmethod
    def _some_keys(cls, values: dict[str, object]) -> dict[str, object]:
        if not values.get("keys"):
            raise ValueError(
                "PHONE_MFA_KEYS is not set: create a key file with `phone-mfa keys new FILE`, and set its path"
            )
        return values

    @property
    def path(self) -> Path | None:
        """Path of the key file; None if the setting is the key ring itself."""
        text = self.keys.get_secret_value()
        return None if text.lstrip().startswith("{") else Path(text)

    @property
    def source(self) -> KeyringSource:
        """Source of the current key ring. Raises ``SettingsError`` if the ring cannot be read."""
        try:
            return keyring_source_of(self.keys.get_secret_value())
        except KeyringError as error:
            raise SettingsError(f"PHONE_MFA_KEYS: {error}") from None


class BudgetMode(StrEnum):
    """Whether budgets and the rule for numbers stop messages and checks, or are only reported in log and metrics."""

    ENFORCE = "enforce"
    REPORT = "report"


class NumberSettings(_Settings):
    """Which numbers get messages (``PHONE_MFA_*``); the same for the worker and all processes that start flows.

    ``number_countries``: ISO 3166-1 alpha-2 codes separated by commas, ``001`` for numbers of no country; by default
    all countries, without ``001``. ``number_kinds``: kinds separated by commas. ``budgets``: see ``BudgetMode``.
    """

    model_config = SettingsConfigDict(env_prefix="PHONE_MFA_")

    number_countries: str = ""
    number_kinds: str = ""
    budgets: BudgetMode = BudgetMode.ENFORCE

    @field_validator("number_countries")
    @classmethod
    def _some_countries(cls, text: str) -> str:
        countries_of(text)
        return text

    @field_validator("number_kinds")
    @classmethod
    def _some_kinds(cls, text: str) -> str:
        kinds_of(text)
        return text

    @property
    def rule(self) -> NumberRule:
        """The rule for numbers."""
        return NumberRule(countries_of(self.number_countries), kinds_of(self.number_kinds))

    @property
    def enforced_rule(self) -> NumberRule:
        """The rule for numbers, if it stops anything."""
        return self.rule if self.enforced else EVERY_NUMBER

    @property
    def enforced(self) -> bool:
        """Whether budgets and the rule stop anything."""
        return self.budgets is BudgetMode.ENFORCE


MEMORY: Final = "memory"
"""The address of the memory of a process."""

NO_RATE: Final = "none"

_RATE: Final = re.compile(r"[1-9][0-9]{0,8}/(?:[1-9][0-9]{0,3} )?(?:second|minute|hour|day)s?")


def _is_redis(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port or 0
    except ValueError:
        return False
    whole = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and port > 0
    plain = not parts.query and not parts.fragment and address.isascii() and address.isprintable()
    return whole and plain and bool(re.fullmatch(r"(?:/[0-9]{0,4})?", parts.path))


class BudgetSettings(NumberSettings):
    """How many messages go out over all flows, and where that is counted (``PHONE_MFA_*``).

    ``limits``: ``memory`` for a single worker, or the address of a Redis server that all workers share.
    ``messages_per_*``: rates such as ``10/hour;20/day``, or ``none``. Auth0 itself allows a user 10 messages in a row.
    """

    limits: SecretStr = SecretStr(MEMORY)
    messages_per_number: str = "10/hour;20/day"
    messages_per_user: str = "10/hour;30/day"
    messages_per_country: str = "5000/hour"
    messages_per_caller: str = "10000/hour"
    messages_per_browser: str = "20/hour"

    @field_validator("limits")
    @classmethod
    def _an_address(cls, address: SecretStr) -> SecretStr:
        text = address.get_secret_value()
        if text != MEMORY and not _is_redis(text):
            raise ValueError(
                f"must be {MEMORY}, or the address of a Redis server, such as redis://:PASSWORD@host:6379/0, without a "
                "query, and with special characters of the password percent-encoded"
            )
        return address

    @field_validator(
        "messages_per_number",
        "messages_per_user",
        "messages_per_country",
        "messages_per_caller",
        "messages_per_browser",
    )
    @classmethod
    def _some_rates(cls, rates: str) -> str:
        if rates != NO_RATE and not all(_RATE.fullmatch(rate) for rate in rates.split(";")):
            raise ValueError(f"must be rates such as 10/hour;20/day, or {NO_RATE}")
        return rates


SHORTEST_TOKEN: Final = 20
"""Minimum length in characters. Attempts are not limited, so the token must be impossible to guess."""

_Name = Annotated[str, Field(min_length=1, max_length=200)]


class CodecServerSettings(_Settings):
    """Who may see decoded payloads (``PHONE_MFA_CODEC_*``).

    ``origin``: of the Temporal UI, such as ``https://temporal.example.com``. Readers authenticate with JWTs from
    ``issuer`` for ``audience``, or with the shared ``token``: exactly one of the two.
    ``jwks_url``: defaults to ``/.well-known/jwks.json`` of the issuer. ``roles_claim``: the JWT claim that lists role
    names; ``permissions`` for Auth0. ``decode_role``, ``reveal_role``, ``encode_role``: the role names.
    ``namespace``: Temporal's own ``TEMPORAL_NAMESPACE``; for requests that do not name one.
    """

    model_config = SettingsConfigDict(env_prefix="PHONE_MFA_CODEC_", populate_by_name=True)

    origin: str
    issuer: str | None = None
    audience: _Name | None = None
    jwks_url: str | None = None
    roles_claim: _Name = "roles"
    decode_role: _Name = "phone-mfa:decode"
    reveal_role: _Name = "phone-mfa:reveal"
    encode_role: _Name = "phone-mfa:encode"
    token: SecretStr | None = None
    namespace: _Name = Field(default="default", validation_alias=AliasChoices("TEMPORAL_NAMESPACE"))

    @field_validator("origin")
    @classmethod
    def _an_origin(cls, origin: str) -> str:
        try:
            known = "://" in origin and base_url_of(origin, plain_http=True) == origin
        except ValueError:
            known = False
        if not known or (origin.partition("://")[0], origin.rpartition(":")[2]) in {("http", "80"), ("https", "443")}:
            raise ValueError(
                "must be an origin as browsers send it: http:// or https://, a lower-case host, and a port only "
                "if it is not the default; nothing after it, as in https://temporal.example.com"
            )
        return origin

    @field_validator("token")
    @classmethod
    def _a_long_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not re.fullmatch(rf"[\x21-\x7e]{{{SHORTEST_TOKEN},}}", token.get_secret_value()):
            raise ValueError(f"must be at least {SHORTEST_TOKEN} visible ASCII characters, without spaces")
        return token

    @field_validator("issuer", "jwks_url")
    @classmethod
    def _a_safe_address(cls, address: str | None) -> str | None:
        if address is not None and not _is_safe(address):
            raise ValueError("must be an https:// address without user or query: plain http is for loopback hosts only")
        return address

    @model_validator(mode="after")
    def _one_way_to_know_readers(self) -> Self:
        by_issuer = self.issuer is not None and self.audience is not None
        some_of_it = any((self.issuer, self.audience, self.jwks_url))
        if by_issuer == (self.token is not None) or (self.token is not None and some_of_it):
            raise ValueError(
                "exactly one must be set: PHONE_MFA_CODEC_TOKEN, "
                "or PHONE_MFA_CODEC_ISSUER together with PHONE_MFA_CODEC_AUDIENCE"
            )
        return self

    @property
    def keys_address(self) -> str:
        """URL of the issuer's public keys."""
        return self.jwks_url or f"{(self.issuer or '').rstrip('/')}/.well-known/jwks.json"


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        base_url_of(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return False
    return not parts.query and not parts.fragment and address.isascii() and address.isprintable()


MAX_FLOW_TOKEN_SECONDS: Final = 24 * 3600
"""Longest lifetime of a flow token, in seconds. Gateways accept none that lives longer."""

_MIN_FLOW_TOKEN_SECONDS: Final = 60


class InvitationSettings(_Settings):
    """Links for invited users (``PHONE_MFA_GATEWAY_*``); the same for the gateway and the command.

    ``public_url``: the gateway's address as users reach it. ``invitation_seconds``: how long a link is good.
    ``organization``: the id of the organization to log in to. ``return_origins``: of the apps that users may return to,
    separated by commas.
    """

    model_config = SettingsConfigDict(env_prefix="PHONE_MFA_GATEWAY_")

    public_url: str | None = None
    invitation_seconds: Annotated[int, Field(ge=60, le=LONGEST_FLOW_SECONDS)] = LONGEST_FLOW_SECONDS
    organization: Annotated[str, Field(pattern=r"^org_[A-Za-z0-9]{1,100}$")] | None = None
    return_origins: str = ""

    @field_validator("origins", "return_origins", check_fields=False)  # origins: of the gateway alone
    @classmethod
    def _all_origins(cls, origins: str) -> str:
        for origin in _parted(origins):
            CodecServerSettings._an_origin(origin)
        return origins

    @property
    def allowed_return_origins(self) -> frozenset[str]:
        """The origins that users may return to."""
        return frozenset(_parted(self.return_origins))

    @field_validator("public_url")
    @classmethod
    def _an_own_origin(cls, url: str | None) -> str | None:
        if url is not None:
            CodecServerSettings._an_origin(url)
            if not _is_safe(url):
                raise ValueError("must be https://: plain http is for loopback hosts only")
        return url


class GatewaySettings(InvitationSettings):
    """Who may call the gateway, and how its page looks (``PHONE_MFA_GATEWAY_*``).

    ``api_keys``: the path of a list created by `phone-mfa api-keys`, or the list itself, in JSON. ``origins``: of other
    pages that may call the gateway, separated by commas. ``flow_token_seconds``: lifetime of a browser's flow token.
    ``key_rate``, ``flow_rate``: request limits per API key and per flow, such as ``60/minute``. ``theme``: a folder
    with ``theme.css`` and ``texts/LANGUAGE.json``, both optional. ``return_url``: where users go afterwards.
    ``help_url``: where they get help, ``https:`` or ``mailto:``.
    ``company``, ``app``: who asks for the phone, and for signing in to what. ``logo``: an SVG or PNG file.
    ``privacy_url``: what becomes of the number.
    ``public_url`` turns on links for invited users, who log in at Auth0: the gateway then needs the application
    (``AUTH0_CLIENT_ID``). ``login_max_age_seconds``: how old a login may be. ``user_claim``: what names the user in a
    login, ``sub`` or ``email``: the same name that flows are started with.
    """

    api_keys: SecretStr
    origins: str = ""
    flow_token_seconds: int = 1800
    key_rate: str = "6000/minute"
    flow_rate: str = "60/minute"
    theme: Path | None = None
    return_url: str | None = None
    help_url: str | None = None
    privacy_url: str | None = None
    company: Annotated[str, Field(max_length=60)] | None = None
    app: Annotated[str, Field(max_length=60)] | None = None
    logo: Path | None = None
    login_max_age_seconds: Annotated[int, Field(ge=0, le=86_400)] = 900
    user_claim: Literal["sub", "email"] = "sub"

    @field_validator("flow_token_seconds")
    @classmethod
    def _a_day_at_most(cls, seconds: int) -> int:
        if not _MIN_FLOW_TOKEN_SECONDS <= seconds <= MAX_FLOW_TOKEN_SECONDS:
            raise ValueError(
                f"must be {_MIN_FLOW_TOKEN_SECONDS} to {MAX_FLOW_TOKEN_SECONDS}: a flow token lives a day at most, "
                "and a service can request a new one at any time"
            )
        return seconds

    @field_validator("theme")
    @classmethod
    def _a_folder(cls, theme: Path | None) -> Path | None:
        if theme is not None and not theme.is_dir():
            raise ValueError("must be a folder")
        return theme

    @field_validator("logo")
    @classmethod
    def _an_image(cls, logo: Path | None) -> Path | None:
        if logo is not None:
            image_type(logo)
        return logo

    @field_validator("return_url", "privacy_url")
    @classmethod
    def _an_address(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"https?://[\x21-\x7e]{1,2000}", address):
            raise ValueError("must be an http:// or https:// address")
        return address

    @field_validator("help_url")
    @classmethod
    def _a_place_for_help(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(
            r"https://[\x21-\x7e]{1,2000}|mailto:[\x21-\x7e]{1,64}@[\x21-\x7e]{1,500}", address
        ):
            raise ValueError("must be an https:// address, or mailto: with an e-mail address")
        return address

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins as a tuple."""
        return tuple(_parted(self.origins))

    @property
    def keys(self) -> ApiKeys:
        """The current API keys. Raises ``SettingsError`` if the list cannot be read."""
        try:
            return api_keys(self.api_keys.get_secret_value())
        except ApiKeysError as error:
            raise SettingsError(f"PHONE_MFA_GATEWAY_API_KEYS: {error}") from None


def _parted(texts: str) -> list[str]:
    return [text for part in texts.split(",") if (text := part.strip())]
