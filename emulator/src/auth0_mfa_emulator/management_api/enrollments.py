"""Enrollments in Guardian's vocabulary, and tickets that let a user enroll on a page (reference 2.10, addendum 7).

An enrollment is an authenticator under its device id, `dev_...`, confirmed or pending; e-mails and recovery codes are
none.
"""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.forms import Form, read_form
from auth0_mfa_emulator.phone.message import Draft
from auth0_mfa_emulator.tenant.authenticators import Authenticator, Phone, Push, Totp, masked_phone
from auth0_mfa_emulator.tenant.clock import iso
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.tickets import TICKET_SECONDS, Ticket
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import issuer

from .authorization import authorized, caller, gone, ok
from .pagination import View
from .users import Address, user_of

Factor = Literal["phone", "push-notification", "email", "otp", "webauthn-roaming", "webauthn-platform"]


class NewTicket(Form):
    """A ticket; with `send_mail` its page is sent to `email`, or else to the user's own address."""

    user_id: str
    email: Address | None = None
    send_mail: bool = False
    email_locale: str | None = None
    factor: Factor | None = None
    allow_multiple_enrollments: bool = False


async def list_enrollments(request: Request) -> Response:
    """List a user's enrollments."""
    user = user_of(request, authorized(request, "read:users"))
    return ok([_view(one) | {"auth_method": _method(one)} for one in user.authenticators if is_enrollment(one)])


async def get_enrollment(request: Request) -> Response:
    """Return one enrollment of whichever user."""
    _, one = _enrollment(request, authorized(request, "read:guardian_enrollments"))
    return ok({name: value for name, value in _view(one).items() if name != "type"})


async def delete_enrollment(request: Request) -> Response:
    """Delete one enrollment, and its twins."""
    tenant = authorized(request, "delete:guardian_enrollments")
    user, one = _enrollment(request, tenant)
    user.remove(one)
    tenant.note("gd_unenroll", user)
    return gone()


async def create_ticket(request: Request) -> Response:
    """Create a ticket for one enrollment within five days."""
    tenant = authorized(request, "create:guardian_enrollment_tickets")
    given = await read_form(request, NewTicket, errors.invalid_body)
    user = tenant.users.get(given.user_id)
    if not user:
        raise errors.management(404, "The user does not exist.", code="inexistent_user")
    ticket = Ticket(
        user.id, tenant.clock.now() + TICKET_SECONDS, caller(request), given.factor, given.allow_multiple_enrollments
    )
    tenant.add_ticket(ticket)
    url = f"{issuer(request)}mfa/enrollment?ticket={ticket.id}"
    if given.send_mail:
        draft = Draft(given.email or user.email, "email", None, "enroll", tenant.settings.friendly_name, link=url)
        tenant.inbox.send(draft, tenant.clock.now())
    return ok({"ticket_id": ticket.id, "ticket_url": url})


def _view(one: Authenticator) -> View:
    times = {"enrolled_at": one.enrolled_at or one.created_at, "last_auth": one.last_auth}
    view: View = {"id": one.device, "status": "confirmed" if one.active else "pending", "type": _type(one)}
    match one:
        case Phone():
            view |= {"name": masked_phone(one.number), "phone_number": masked_phone(one.number)}
        case Push():
            view |= {"name": one.name, "identifier": one.device}
        case _:
            view |= {"name": one.name} if one.name else {}
    return view | ({name: iso(time) for name, time in times.items() if time} if one.active else {})


def _type(one: Authenticator) -> str:
    return one.preferred if isinstance(one, Phone) else one.kind


def _method(one: Authenticator) -> str:
    return "sms" if isinstance(one, Phone) else "guardian" if isinstance(one, Push) else "authenticator"


def is_enrollment(one: Authenticator) -> bool:
    """Whether Guardian knows the authenticator, confirmed or not."""
    return isinstance(one, Phone | Push | Totp)


def _enrollment(request: Request, tenant: Tenant) -> tuple[User, Authenticator]:
    device = request.path_params["enrollment_id"]
    for user_id, user in tenant.users.items():
        found = next((one for one in user.authenticators if one.device == device and is_enrollment(one)), None)
        if found:
            return tenant.users[user_id], found  # a fetch by key, so that a change is saved
    raise enrollment_not_found()


def enrollment_not_found() -> errors.RefusedError:
    """404, as recorded."""
    return errors.management(404, "Enrollment not found", code="enrollment_not_found")
