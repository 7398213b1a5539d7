"""User-level Management API: confirmed methods and the recovery code (reference 2.10)."""

from typing import Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import Form, read_form
from auth0_mfa_emulator.phone.message import Channel
from auth0_mfa_emulator.tenant.authenticators import (
    E164,
    Authenticator,
    Email,
    Phone,
    Push,
    RecoveryCode,
    Totp,
    masked_email,
    masked_phone,
)
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import JSON_UTF8, answer

from .authorization import authorized, ok

View = dict[str, object]


class NewPhone(Form):
    """A phone to store as confirmed; no message is sent."""

    type: Literal["phone"]
    phone_number: str = Field(pattern=E164)
    preferred_authentication_method: Channel = "sms"


async def list_methods(request: Request) -> Response:
    """List a user's confirmed methods, twins as one; pending ones are not included (community 95815)."""
    user = _user(request, authorized(request, "read:users", "read:authentication_methods"))
    return ok([_view(one) for one in user.authenticators if one.active])


async def get_method(request: Request) -> Response:
    """Return one confirmed method."""
    user = _user(request, authorized(request, "read:users", "read:authentication_methods"))
    return ok(_view(_method(request, user)))


async def create_method(request: Request) -> Response:
    """Enroll a confirmed phone for a user without sending a message, as for bulk enrollment (Auth0 docs)."""
    tenant = authorized(request, "create:authentication_methods")
    user = _user(request, tenant)
    given = await read_form(request, NewPhone, errors.invalid_body)
    phone = Phone(given.phone_number, tenant.settings.phone_channels, given.preferred_authentication_method)
    user.authenticators.append(phone)
    user.confirm(phone)
    tenant.note("gd_enrollment_complete", user)
    return answer(_view(phone), 201, content_type=JSON_UTF8)


async def delete_methods(request: Request) -> Response:
    """Delete all of a user's authenticators."""
    tenant = authorized(request, "delete:authentication_methods")
    user = _user(request, tenant)
    user.authenticators.clear()
    tenant.note("gd_unenroll", user)
    return Response(status_code=204)


async def delete_method(request: Request) -> Response:
    """Delete one method, and its twins."""
    tenant = authorized(request, "delete:authentication_methods")
    user = _user(request, tenant)
    user.remove(_method(request, user))
    tenant.note("gd_unenroll", user)
    return Response(status_code=204)


async def regenerate_recovery_code(request: Request) -> Response:
    """Replace a user's recovery code, and invalidate the old one."""
    user = _user(request, authorized(request, "update:users"))
    if user.recovery:
        user.remove(user.recovery)
    recovery = RecoveryCode(active=user.enrolled)
    user.authenticators.append(recovery)
    return ok({"recovery_code": recovery.code})


def _view(authenticator: Authenticator) -> View:
    view: View = {"id": f"{authenticator.kind}|{authenticator.device}", "type": authenticator.kind, "confirmed": True}
    match authenticator:
        case Phone():
            kinds = [{"id": f"{kind}|{authenticator.device}", "type": kind} for kind in authenticator.channels]
            view["phone_number"] = masked_phone(authenticator.number)
            view["preferred_authentication_method"] = authenticator.preferred
            view["authentication_methods"] = kinds
        case Email():
            view["email"] = masked_email(authenticator.address)
        case Push():
            view["name"] = authenticator.name
        case Totp() | RecoveryCode():
            pass
    return view


def _method(request: Request, user: User) -> Authenticator:
    for one in user.authenticators:
        if one.active and request.path_params["method_id"] == f"{one.kind}|{one.device}":
            return one
    raise errors.management(404, "The authentication method does not exist.", code="inexistent_authentication_method")


def _user(request: Request, tenant: Tenant) -> User:
    user = tenant.users.get(request.path_params["user_id"])
    if not user:
        raise errors.management(404, "The user does not exist.", code="inexistent_user")
    return user
