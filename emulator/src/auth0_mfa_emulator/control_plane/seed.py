"""Users, applications and switches given as one JSON object: by `--seed FILE`, or one at a time over the wire."""

from typing import Annotated, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import Field, field_validator

from auth0_mfa_emulator.forms import Form
from auth0_mfa_emulator.phone.message import Channel
from auth0_mfa_emulator.tenant.authenticators import (
    E164,
    Authenticator,
    Email,
    Phone,
    Push,
    RecoveryCode,
    Totp,
    new_recovery_code,
)
from auth0_mfa_emulator.tenant.clients import Client
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User

Name = Annotated[str, Field(min_length=1)]
Address = Annotated[str, Field(pattern=r"\A[^@\s]+@[^@\s]+\z")]


class SeedPhone(Form):
    """A phone, listed for each channel the tenant has."""

    type: Literal["phone"]
    phone_number: str = Field(pattern=E164)
    preferred: Channel = "sms"
    confirmed: bool = True

    def made(self, tenant: Tenant) -> list[Authenticator]:
        """As it is stored."""
        return [Phone(self.phone_number, tenant.settings.phone_channels, self.preferred, self.confirmed)]


class SeedEmail(Form):
    """An address."""

    type: Literal["email"]
    email: Address
    confirmed: bool = True

    def made(self, _: Tenant) -> list[Authenticator]:
        """As it is stored."""
        return [Email(self.email, self.confirmed)]


class SeedPush(Form):
    """A device with the Guardian application; one-time passwords come with it."""

    type: Literal["push"]
    name: Name = "Emulated phone"
    confirmed: bool = True

    def made(self, _: Tenant) -> list[Authenticator]:
        """As it is stored."""
        push = Push(self.name, self.confirmed)
        return [push, Totp(active=self.confirmed, push_device=push.device)]


class SeedTotp(Form):
    """An authenticator application; `secret` is base32."""

    type: Literal["totp"]
    secret: str | None = Field(None, pattern=r"\A[A-Z2-7]{16,128}\z")
    confirmed: bool = True

    def made(self, _: Tenant) -> list[Authenticator]:
        """As it is stored."""
        totp = Totp(active=self.confirmed)
        totp.secret = self.secret or totp.secret
        return [totp]


class SeedRecoveryCode(Form):
    """A recovery code."""

    type: Literal["recovery-code"]
    recovery_code: str | None = Field(None, pattern=r"\A[A-Z0-9]{24}\z")
    confirmed: bool = True

    def made(self, _: Tenant) -> list[Authenticator]:
        """As it is stored."""
        return [RecoveryCode(self.recovery_code or new_recovery_code(), self.confirmed)]


SeedAuthenticator = Annotated[
    SeedPhone | SeedEmail | SeedPush | SeedTotp | SeedRecoveryCode, Field(discriminator="type")
]


class SeedUser(Form):
    """A user to create, or, when the address is known, to change. `authenticators`, when given, are all they have."""

    email: Address
    password: Name
    email_verified: bool = False
    blocked: bool = False
    authenticators: list[SeedAuthenticator] | None = Field(None, max_length=1000)


class SeedClient(Form):
    """An application to register, or to change in the members given. With neither a secret nor a key it is public."""

    client_id: Name
    client_secret: Name | None = None
    public_key_pem: str | None = None
    grant_types: list[str] | None = None

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
    """All of it. `tenant` is a patch of the switches."""

    tenant: dict[str, object] = Field(default_factory=dict)
    clients: list[SeedClient] = Field(default_factory=list)
    users: list[SeedUser] = Field(default_factory=list)


def plant(tenant: Tenant, seed: Seed) -> None:
    """Put everything of a seed into the tenant; pydantic's ValidationError, and nothing planted, for a bad switch."""
    switch(tenant, seed.tenant)
    for client in seed.clients:
        plant_client(tenant, client)
    for user in seed.users:
        plant_user(tenant, user)


def switch(tenant: Tenant, patch: dict[str, object]) -> None:
    """Change some switches; pydantic's ValidationError, and nothing changed, for a bad one."""
    tenant.settings = tenant.settings.patched(patch)
    if "mfa_grant" in patch:
        tenant.allow_mfa(tenant.settings.mfa_grant)


def plant_user(tenant: Tenant, seed: SeedUser) -> User:
    """Create a user; the same address again changes the password and flags and keeps the id and, unless given, what
    is enrolled.
    """
    user = tenant.user_by_email(seed.email)
    if not user:
        user = User(seed.email, seed.password)
        tenant.add_user(user)
    user.password, user.email_verified, user.blocked = seed.password, seed.email_verified, seed.blocked
    if seed.authenticators is not None:
        user.authenticators = [made for one in seed.authenticators for made in one.made(tenant)]
    return user


def plant_client(tenant: Tenant, seed: SeedClient) -> Client:
    """Register an application, or change the members given of one that is registered."""
    client = tenant.clients.get(seed.client_id) or _new_client(tenant, seed.client_id)
    if "client_secret" in seed.model_fields_set:
        client.secret = seed.client_secret
    if "public_key_pem" in seed.model_fields_set:
        client.public_key_pem = seed.public_key_pem
    client.grant_types = client.grant_types if seed.grant_types is None else seed.grant_types
    tenant.clients[seed.client_id] = client
    return client


def _new_client(tenant: Tenant, client_id: str) -> Client:
    client = Client(client_id, client_id)
    client.allow_mfa(tenant.mfa_grant)
    return client
