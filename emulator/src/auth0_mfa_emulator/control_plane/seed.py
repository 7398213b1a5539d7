"""Seeds: users, applications and settings as one JSON object, from `--seed FILE` or the control plane."""

from pathlib import Path
from typing import Annotated, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import Field, field_validator

from auth0_mfa_emulator.client_form import ClientForm
from auth0_mfa_emulator.forms import Form, checked
from auth0_mfa_emulator.phone.message import Channel
from auth0_mfa_emulator.tenant.authenticators import (
    E164,
    Authenticator,
    Email,
    Phone,
    Push,
    RecoveryCode,
    Totp,
    TotpSecret,
    new_recovery_code,
)
from auth0_mfa_emulator.tenant.clients import Client
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import parse_json

Name = Annotated[str, Field(min_length=1)]
Address = Annotated[str, Field(pattern=r"\A[^@\s]+@[^@\s]+\z")]


class SeedPhone(Form):
    """A phone, listed for each channel of the tenant."""

    type: Literal["phone"]
    phone_number: str = Field(pattern=E164)
    preferred: Channel = "sms"
    confirmed: bool = True

    def made(self, tenant: Tenant) -> list[Authenticator]:
        """Returns the authenticators to store."""
        return [Phone(self.phone_number, tenant.settings.phone_channels, self.preferred, self.confirmed)]


class SeedEmail(Form):
    """An e-mail address."""

    type: Literal["email"]
    email: Address
    confirmed: bool = True

    def made(self, _: Tenant) -> list[Authenticator]:
        """Returns the authenticators to store."""
        return [Email(self.email, self.confirmed)]


class SeedPush(Form):
    """A device with the Guardian app, which also generates one-time passwords."""

    type: Literal["push"]
    name: Name = "Emulated phone"
    confirmed: bool = True

    def made(self, _: Tenant) -> list[Authenticator]:
        """Returns the authenticators to store."""
        push = Push(self.name, self.confirmed)
        return [push, Totp(active=self.confirmed, push_device=push.device)]


class SeedTotp(Form):
    """An authenticator app; `secret` is base32."""

    type: Literal["totp"]
    secret: TotpSecret | None = None
    confirmed: bool = True

    def made(self, _: Tenant) -> list[Authenticator]:
        """Returns the authenticators to store."""
        totp = Totp(active=self.confirmed)
        totp.secret = self.secret or totp.secret
        return [totp]


class SeedRecoveryCode(Form):
    """A recovery code."""

    type: Literal["recovery-code"]
    recovery_code: str | None = Field(None, pattern=r"\A[A-Z0-9]{24}\z")
    confirmed: bool = True

    def made(self, _: Tenant) -> list[Authenticator]:
        """Returns the authenticators to store."""
        return [RecoveryCode(self.recovery_code or new_recovery_code(), self.confirmed)]


SeedAuthenticator = Annotated[
    SeedPhone | SeedEmail | SeedPush | SeedTotp | SeedRecoveryCode, Field(discriminator="type")
]


class SeedUser(Form):
    """A user to create, or to update if the address exists. If given, `authenticators` replaces all of theirs."""

    email: Address
    password: Name
    email_verified: bool = False
    blocked: bool = False
    authenticators: list[SeedAuthenticator] | None = Field(None, max_length=1000)


class SeedClient(ClientForm):
    """An application to register, or to update in the given members. Public if it has neither secret nor key."""

    client_id: Name
    client_secret: Name | None = None
    public_key_pem: str | None = None

    @field_validator("public_key_pem")
    @classmethod
    def _an_rsa_key(cls, pem: str | None) -> str | None:
        try:
            rsa = pem is None or isinstance(load_pem_public_key(pem.encode()), RSAPublicKey)
        except (ValueError, UnsupportedAlgorithm):
            rsa = False
        if not rsa:
            raise ValueError("Input should be an RSA public key in PEM")
        return pem


class Seed(Form):
    """A complete seed. `tenant` is a patch of the settings."""

    tenant: dict[str, object] = Field(default_factory=dict)
    clients: list[SeedClient] = Field(default_factory=list)
    users: list[SeedUser] = Field(default_factory=list)


class SeedError(Exception):
    """A seed file cannot be loaded; the message is one sentence that says why."""


def load(tenant: Tenant, seed: Seed) -> None:
    """Load a seed into the tenant. Raises pydantic's ValidationError, and loads nothing, for an invalid setting."""
    switch(tenant, seed.tenant)
    for client in seed.clients:
        create_client(tenant, client)
    for user in seed.users:
        create_user(tenant, user)


def load_seed_file(tenant: Tenant, path: Path) -> None:
    """Load a seed file into the tenant. Raises SeedError, and loads nothing, if any of it is invalid."""
    try:
        given = parse_json(path.read_bytes())
    except OSError as problem:
        raise SeedError(f"The seed {path} cannot be read: {problem.strerror}.") from None
    except ValueError:
        raise SeedError(f"The seed {path} is not UTF-8 encoded JSON.") from None
    checked(
        lambda: load(tenant, Seed.model_validate(given)),
        lambda sentence: SeedError(f"The seed {path} is invalid: {sentence}"),
    )


def switch(tenant: Tenant, patch: dict[str, object]) -> None:
    """Change some settings. Raises pydantic's ValidationError, and changes nothing, for an invalid one."""
    tenant.settings = tenant.settings.patched(patch)
    if "mfa_grant" in patch:
        tenant.allow_mfa(tenant.settings.mfa_grant)


def create_user(tenant: Tenant, seed: SeedUser) -> User:
    """Create a user. For an existing address, update password and flags, and keep the id and, unless given, the
    authenticators.
    """
    user = tenant.user_by_email(seed.email)
    if not user:
        user = User(seed.email.lower(), seed.password)
        tenant.add_user(user)
    user.password, user.email_verified, user.blocked = seed.password, seed.email_verified, seed.blocked
    if seed.authenticators is not None:
        user.authenticators = []
        user.store((made for one in seed.authenticators for made in one.made(tenant)), tenant.clock.now())
    return user


def create_client(tenant: Tenant, seed: SeedClient) -> Client:
    """Register an application, or update the given members of a registered one."""
    client = tenant.clients.get(seed.client_id) or _new_client(tenant, seed.client_id)
    if "client_secret" in seed.model_fields_set:
        client.secret = seed.client_secret
    if "public_key_pem" in seed.model_fields_set:
        client.public_key_pem = seed.public_key_pem
    seed.apply(client)
    tenant.clients[seed.client_id] = client
    return client


def _new_client(tenant: Tenant, client_id: str) -> Client:
    client = Client(client_id, client_id)
    client.allow_mfa(tenant.mfa_grant)
    return client
