"""The control plane: what a test, a demo or a curious person may do to the pretend tenant from outside.

Bad input is answered 400 with one sentence that names the field.
"""

from dataclasses import asdict
from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import Field, field_validator
from starlette.requests import Request
from starlette.responses import Response

from emulator import errors
from emulator.calls.faults import Fault
from emulator.forms import Form, checked, read_form, read_object
from emulator.state import emulator_of
from emulator.tenant.clients import Client
from emulator.tenant.clock import iso
from emulator.tenant.tenant import Tenant
from emulator.tenant.users import User
from emulator.wire import answer

Name = Annotated[str, Field(min_length=1)]


class NewUser(Form):
    """A user to create, or, when the address is known, to change."""

    email: str = Field(pattern=r"\A[^@\s]+@[^@\s]+\z")
    password: Name
    email_verified: bool = False
    blocked: bool = False


class NewClient(Form):
    """An application to register or change. With neither a secret nor a key it is public."""

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


class Advance(Form):
    """Real seconds to add to the tenant's clock."""

    advance_seconds: float = Field(ge=0)


async def health(_: Request) -> Response:
    """Whether the emulator is up."""
    return answer({"status": "ok"})


async def reset(request: Request) -> Response:
    """Forget everything but the signing key."""
    emulator_of(request).reset()
    return answer({"status": "ok"})


async def put_user(request: Request) -> Response:
    """Create a user; the same address again changes the password and flags and keeps the id and the phones."""
    given, tenant = await read_form(request, NewUser, errors.control), emulator_of(request).tenant
    user = tenant.user_by_email(given.email)
    if not user:
        user = User(given.email, given.password)
        tenant.add_user(user)
    user.password, user.email_verified, user.blocked = given.password, given.email_verified, given.blocked
    return answer({"user_id": user.id})


async def put_client(request: Request) -> Response:
    """Register an application, or change the members given of one that is registered."""
    given, clients = await read_form(request, NewClient, errors.control), emulator_of(request).tenant.clients
    client = clients.setdefault(given.client_id, Client(given.client_id, given.client_id))
    client.secret = given.client_secret or client.secret
    client.public_key_pem = given.public_key_pem or client.public_key_pem
    client.grant_types = client.grant_types if given.grant_types is None else given.grant_types
    return answer({"client_id": client.client_id})


async def messages(request: Request) -> Response:
    """What a phone received, newest last; every phone's without `to`. A `+` that arrived as a space is a `+`."""
    to = request.query_params.get("to")
    number = "+" + to.strip().removeprefix("+") if to else None
    received = emulator_of(request).tenant.inbox.messages(number)
    return answer([asdict(message) | {"sent_at": iso(message.sent_at)} for message in received])


async def advance_clock(request: Request) -> Response:
    """Age every code, token and budget at once."""
    given, clock = await read_form(request, Advance, errors.control), emulator_of(request).tenant.clock
    try:
        clock.advance(given.advance_seconds)
    except ValueError as too_far:
        raise errors.control(f"{too_far}.") from None
    return answer({"now": iso(clock.now())})


async def add_fault(request: Request) -> Response:
    """Order a fault; orders strike in the order they were given."""
    fault = await read_form(request, Fault, errors.control)
    emulator_of(request).faults.add(fault)
    return answer(fault.model_dump())


async def clear_faults(request: Request) -> Response:
    """Take every order back."""
    emulator_of(request).faults.clear()
    return answer({"status": "ok"})


async def get_tenant(request: Request) -> Response:
    """The switches as they are."""
    return answer(_switches(emulator_of(request).tenant))


async def patch_tenant(request: Request) -> Response:
    """Change some switches; a member of a nested object may be changed alone."""
    patch, tenant = await read_object(request, errors.control), emulator_of(request).tenant
    tenant.settings = checked(lambda: tenant.settings.patched(patch), errors.control)
    if "mfa_grant" in patch:
        tenant.allow_mfa(tenant.settings.mfa_grant)
    return answer(_switches(tenant))


async def requests(request: Request) -> Response:
    """Every call that was not to the control plane, in the order they arrived."""
    return answer([asdict(call) for call in emulator_of(request).journal.calls])


def _switches(tenant: Tenant) -> dict[str, object]:
    return tenant.settings.model_dump() | {"mfa_grant": tenant.mfa_grant}
