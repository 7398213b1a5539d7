"""A user's authentication methods: list, create, replace, change, delete; and the recovery code (reference 2.10).

Methods made here are confirmed at once, and no message is sent. Errors that only the OpenAPI description of the API
tells of have no `errorCode`, since it does not name any.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import Form, checked, read_object
from auth0_mfa_emulator.phone.message import Channel
from auth0_mfa_emulator.tenant.authenticators import E164, Authenticator, Email, Phone, RecoveryCode, Totp, TotpSecret
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import parse_json

from .authorization import authorized, created, gone, ok
from .enrollments import enrollment_not_found, is_enrollment
from .method_views import confirmed_methods, created_method, method_id, replaced_methods, shown_method
from .pagination import page_of
from .users import Address, user_of

MOST_REPLACED = 50
LONGEST_REPLACED_NAME = 20
"""Characters of a name in a replacement; the description limits no other."""
Name = Annotated[str, Field(min_length=1, max_length=255)]


class NewPhone(Form):
    """A phone, for all channels of the tenant."""

    type: Literal["phone"]
    name: Name | None = None
    phone_number: str = Field(pattern=E164)
    preferred_authentication_method: Channel = "sms"

    def made(self, tenant: Tenant) -> Authenticator:
        """Returns the authenticator to store."""
        channels = tenant.settings.phone_channels
        return Phone(self.phone_number, channels, self.preferred_authentication_method, active=True, name=self.name)


class NewEmail(Form):
    """An e-mail address."""

    type: Literal["email"]
    name: Name | None = None
    email: Address

    def made(self, _: Tenant) -> Authenticator:
        """Returns the authenticator to store."""
        return Email(self.email, active=True, name=self.name)


class NewTotp(Form):
    """An authenticator app that already knows the secret, in base32."""

    type: Literal["totp"]
    name: Name | None = None
    totp_secret: TotpSecret

    def made(self, _: Tenant) -> Authenticator:
        """Returns the authenticator to store."""
        return Totp(self.totp_secret, active=True, name=self.name)


def _briefly_named(method: NewPhone | NewEmail | NewTotp) -> NewPhone | NewEmail | NewTotp:
    if method.name and len(method.name) > LONGEST_REPLACED_NAME:
        raise ValueError(f"name should have at most {LONGEST_REPLACED_NAME} characters")
    return method


NewMethod = Annotated[NewPhone | NewEmail | NewTotp, Field(discriminator="type")]
_NEW: TypeAdapter[NewPhone | NewEmail | NewTotp] = TypeAdapter(NewMethod)
_NEW_LIST: TypeAdapter[list[NewPhone | NewEmail | NewTotp]] = TypeAdapter(
    Annotated[list[Annotated[NewMethod, AfterValidator(_briefly_named)]], Field(max_length=MOST_REPLACED)]
)


class MethodPatch(Form):
    """What can be changed; the preferred channel only of a phone."""

    name: Name | None = None
    preferred_authentication_method: Channel | None = None


async def list_methods(request: Request) -> Response:
    """List a user's confirmed methods as an array, or with `include_totals` in an object."""
    user = user_of(request, authorized(request, "read:authentication_methods"))
    page, methods = page_of(request), confirmed_methods(user)
    shown = [shown_method(user, one) for one in methods[page.start : page.end]]
    if not page.totals:
        return ok(shown)
    # A total of zero is left out (recorded).
    total = {"total": len(methods)} if methods else {}
    return ok({"authenticators": shown, **total, "start": page.start, "limit": page.size})


async def get_method(request: Request) -> Response:
    """Return one confirmed method."""
    user = user_of(request, authorized(request, "read:authentication_methods"))
    return ok(shown_method(user, _method(request, user)))


async def create_method(request: Request) -> Response:
    """Store a confirmed method."""
    tenant = authorized(request, "create:authentication_methods")
    user = user_of(request, tenant)
    body = await read_object(request, errors.invalid_body)
    method = checked(lambda: _NEW.validate_python(body), errors.invalid_body).made(tenant)
    _check(tenant, user.factors, [method])
    _store(tenant, user, [method])
    return created(created_method(method))


async def replace_methods(request: Request) -> Response:
    """Replace all of a user's authenticators, pending ones and recovery code included."""
    tenant = authorized(request, "update:authentication_methods")
    user = user_of(request, tenant)
    try:
        body = parse_json(await request.body() or b"null")
    except ValueError:
        raise errors.invalid_body("The request body must be a JSON array.") from None
    methods = [one.made(tenant) for one in checked(lambda: _NEW_LIST.validate_python(body), errors.invalid_body)]
    _check(tenant, [], methods)
    user.authenticators.clear()
    _store(tenant, user, methods)
    return ok(replaced_methods(methods))


async def patch_method(request: Request) -> Response:
    """Change a method's name, or a phone's preferred channel."""
    user = user_of(request, authorized(request, "update:authentication_methods"))
    method = _method(request, user)
    body = await read_object(request, errors.invalid_body)
    patch = checked(lambda: MethodPatch.model_validate(body), errors.invalid_body)
    if patch.preferred_authentication_method:
        if not isinstance(method, Phone):
            raise errors.invalid_body("preferred_authentication_method: Only a phone has one.")
        method.preferred = patch.preferred_authentication_method
    method.name = patch.name or method.name
    return ok(created_method(method))


async def delete_methods(request: Request) -> Response:
    """Delete all of a user's authenticators."""
    return _emptied(request, authorized(request, "delete:authentication_methods"))


async def delete_authenticators(request: Request) -> Response:
    """Delete all of a user's authenticators, with the scope of enrollments (Auth0 docs, delete authenticators)."""
    return _emptied(request, authorized(request, "delete:guardian_enrollments"))


async def delete_method(request: Request) -> Response:
    """Delete one method, and its twins."""
    tenant = authorized(request, "delete:authentication_methods")
    user = user_of(request, tenant)
    user.remove(_method(request, user))
    tenant.note("gd_unenroll", user)
    return gone()


async def regenerate_recovery_code(request: Request) -> Response:
    """Replace a user's recovery code, and invalidate the old one. Raises 404 for a user without enrollments."""
    tenant = authorized(request, "update:users")
    user = user_of(request, tenant)
    if not any(is_enrollment(one) for one in user.authenticators):
        raise enrollment_not_found()
    if user.recovery:
        user.remove(user.recovery)
    recovery = RecoveryCode(active=user.enrolled)
    user.store([recovery], tenant.clock.now())
    return ok({"recovery_code": recovery.code})


def _emptied(request: Request, tenant: Tenant) -> Response:
    user = user_of(request, tenant)
    user.authenticators.clear()
    tenant.note("gd_unenroll", user)
    return gone()


def _check(tenant: Tenant, others: list[Authenticator], methods: list[Authenticator]) -> None:
    """Raises 403 for too many methods, and 409 for one that the user has."""
    if len(others) + len(methods) > tenant.settings.max_authenticators:
        raise errors.management(403, "You reached the limit of entities of this type for this user.")
    new = [address for address in map(_address, methods) if address]
    twice = len(set(new)) < len(new) or not set(new).isdisjoint(map(_address, others))
    if twice and tenant.settings.same_method == "refuse":
        raise errors.management(409, "Authentication method already exists.")


def _store(tenant: Tenant, user: User, methods: list[Authenticator]) -> None:
    now = tenant.clock.now()
    user.store(methods, now)
    for method in methods:
        user.confirm(method, now)
        tenant.note("gd_enrollment_complete", user)


def _address(method: Authenticator) -> str | None:
    """Returns the number or address of a confirmed method, or of one that will be."""
    match method:
        case Phone(active=True):
            return method.number
        case Email(active=True):
            return method.address.lower()
        case _:
            return None


def _method(request: Request, user: User) -> Authenticator:
    for one in user.authenticators:
        if one.active and request.path_params["method_id"] == method_id(one):
            return one
    raise errors.management(404, "The authentication method could not be found.")
