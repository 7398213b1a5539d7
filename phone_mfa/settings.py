"""What a process is told by its environment. Read once, in ``main``; never by a library.

Every variable is described here, and nowhere else. A wrong one is named in one sentence that does not repeat its value.
"""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from phone_mfa.auth0 import ClientSecret, PrivateKeyJwt, base_url_of
from phone_mfa.contracts.names import TASK_QUEUE
from phone_mfa.sealing import RingError, RingSource, ring_source


class SettingsError(Exception):
    """The environment is not fit to run with. Says which variables, one sentence each."""


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

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
    """Where the tenant is (``AUTH0_*``): all that those need to know who start flows.

    ``domain``: such as ``tenant.eu.auth0.com``. ``plain_http``: allow an ``http://`` domain that is not this host; for
    an emulator in a container network, never for a tenant.
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
        """Where the tenant is."""
        return base_url_of(self.domain, plain_http=self.plain_http)


class Auth0Settings(TenantSettings):
    """The tenant and our application in it (``AUTH0_*``).

    ``client_secret`` or ``private_key_file`` (PEM): exactly one. ``key_id``: names the key of ``private_key_file``.
    """

    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr | None = None
    private_key_file: Path | None = None
    key_id: str | None = None

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if (self.client_secret is None) == (self.private_key_file is None):
            raise ValueError("exactly one of AUTH0_CLIENT_SECRET and AUTH0_PRIVATE_KEY_FILE must be set")
        return self

    @property
    def credentials(self) -> ClientSecret | PrivateKeyJwt:
        """How our application proves who it is. Raises ``SettingsError`` when the key file is of no use."""
        if self.client_secret is not None:
            return ClientSecret(self.client_id, self.client_secret)
        assert self.private_key_file is not None  # noqa: S101 - _one_credential saw to it
        try:
            key = SecretStr(self.private_key_file.read_text())
            return PrivateKeyJwt(self.client_id, key, self.key_id)
        except (OSError, UnicodeDecodeError, ValueError):
            raise SettingsError("AUTH0_PRIVATE_KEY_FILE must be a readable private key in PEM.") from None


class FlowSettings(_Settings):
    """Where flows run (``PHONE_MFA_*``).

    ``task_queue``: the same for the worker and those who start flows. ``identity``: the name under which Temporal shows
    this process; without one a random name, as Temporal's own has host and user in it.
    """

    model_config = SettingsConfigDict(env_prefix="PHONE_MFA_")

    task_queue: Annotated[str, Field(min_length=1, max_length=200)] = TASK_QUEUE
    identity: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class SealingSettings(_Settings):
    """The keys that payloads and names are sealed with (``PHONE_MFA_KEYS``).

    ``keys``: the path of the key file, or its JSON itself. A file that is rotated is picked up; JSON stays as it is.
    """

    model_config = SettingsConfigDict(env_prefix="PHONE_MFA_")

    keys: SecretStr

    @model_validator(mode="before")
    @classmethod
    def _some_keys(cls, values: dict[str, object]) -> dict[str, object]:
        if not values.get("keys"):
            raise ValueError(
                "PHONE_MFA_KEYS is not set: make a key file with `phone-mfa keys new FILE`, and set its path"
            )
        return values

    @property
    def path(self) -> Path | None:
        """Where the key file is; None when the setting is the ring itself."""
        text = self.keys.get_secret_value()
        return None if text.lstrip().startswith("{") else Path(text)

    @property
    def source(self) -> RingSource:
        """The ring of every moment. Raises ``SettingsError`` when there is none to start with."""
        try:
            return ring_source(self.keys.get_secret_value())
        except RingError as error:
            raise SettingsError(f"PHONE_MFA_KEYS: {error}") from None
