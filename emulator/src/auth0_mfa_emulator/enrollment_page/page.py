"""`/mfa/enrollment?ticket=...`: a user with a ticket enrolls a phone without logging in.

The steps of the MFA API apply: the same budgets, message faults, limits of wrong codes and log events. Auth0's page
offers every factor; this one knows phones only. A ticket is spent by the enrollment, not by a wrong code.
"""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.authentication_api.associate_request import requested_number
from auth0_mfa_emulator.authentication_api.enrollment import first_recovery_code, require_places
from auth0_mfa_emulator.phone.message import Channel
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.authenticators import Authenticator, Phone
from auth0_mfa_emulator.tenant.oob_codes import send_code
from auth0_mfa_emulator.tenant.sessions import Login, MfaSession, OobCode
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.tickets import Ticket
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.universal_login.factor_checks import EXPIRED, check_code
from auth0_mfa_emulator.universal_login.second_factor import sentence
from auth0_mfa_emulator.wire import Parameters, issuer, optional_text, parameters

from .markup import code_form, done, phone_form, problem


async def show(request: Request) -> Response:
    """Ask for the phone number, or say why the ticket cannot enroll."""
    tenant = emulator_of(request).tenant
    ticket, hindrance = _ticket(tenant, request.query_params.get("ticket", ""))
    if not ticket:
        return problem(hindrance)
    return phone_form(tenant.settings.friendly_name, ticket.id, tenant.settings.channels)


async def submit(request: Request) -> Response:
    """Send a code to the given number, or check the given code."""
    tenant, given = emulator_of(request).tenant, await parameters(request)
    ticket, hindrance = _ticket(tenant, optional_text(given, "ticket") or "")
    if not ticket:
        return problem(hindrance)
    oob_code = optional_text(given, "oob_code")
    if oob_code:
        return _confirm(tenant, ticket, oob_code, optional_text(given, "code") or "")
    return _send(tenant, ticket, given, issuer(request))


def _send(tenant: Tenant, ticket: Ticket, given: Parameters, own: str) -> Response:
    user, name = tenant.users[ticket.user_id], tenant.settings.friendly_name
    try:
        channel = _channel(tenant, given)
        require_places(tenant, user, 1)
        phone = Phone(requested_number(given), tenant.settings.phone_channels, channel)
        oob = send_code(tenant, _session(ticket, own), phone, channel, enrolling=True)
    except (errors.RefusedError, errors.UnsettledError) as refusal:
        number = optional_text(given, "phone_number") or ""
        return phone_form(name, ticket.id, tenant.settings.channels, sentence(tenant, refusal), number)
    user.store([phone], tenant.clock.now())
    tenant.note("gd_start_enroll", user, ticket.client_id, channel=channel)
    return code_form(name, ticket.id, oob.value)


def _confirm(tenant: Tenant, ticket: Ticket, oob_code: str, code: str) -> Response:
    user, name = tenant.users[ticket.user_id], tenant.settings.friendly_name
    oob = tenant.oob_codes.get(oob_code)
    phone = _pending(user, oob)
    wrong = check_code(tenant, user, ticket.client_id, oob, code.strip()) if phone else EXPIRED
    if not phone or wrong == EXPIRED:
        return phone_form(name, ticket.id, tenant.settings.channels, EXPIRED)
    if wrong:
        return code_form(name, ticket.id, oob_code, wrong)
    ticket.used = True
    tenant.note("gd_enrollment_complete", user, ticket.client_id)
    recovery = first_recovery_code(tenant, user)
    user.confirm(phone, tenant.clock.now())
    return done(recovery)


def _ticket(tenant: Tenant, ticket_id: str) -> tuple[Ticket | None, str]:
    """Returns the ticket if it can enroll a phone now, or else the reason why not."""
    ticket = tenant.tickets.get(ticket_id)
    if not ticket or not ticket.open(tenant.clock.now()):
        return None, "The enrollment ticket is invalid, expired or already used."
    if ticket.factor not in (None, "phone"):
        return None, f"The emulator's page enrolls phones only, and the ticket is for {ticket.factor}."
    if not tenant.settings.phone_factor or not tenant.settings.channels:
        return None, "The phone factor is not enabled."
    if tenant.users[ticket.user_id].enrolled and not ticket.allow_multiple_enrollments:
        return None, "User is already enrolled."
    return ticket, ""


def _channel(tenant: Tenant, given: Parameters) -> Channel:
    offered = tenant.settings.channels
    wanted = optional_text(given, "channel") or offered[0]
    for channel in offered:
        if channel == wanted:
            return channel
    raise errors.unsettled("factor_unavailable", name=wanted)


def _session(ticket: Ticket, own: str) -> MfaSession:
    """Returns a session that is stored nowhere: its codes work on this page only."""
    login = Login(ticket.user_id, ticket.client_id, own, None, "", for_mfa=False)
    return MfaSession(f"ticket {ticket.id}", login, ticket.expires_at, opaque=True)


def _pending(user: User, oob: OobCode | None) -> Authenticator | None:
    """Returns the pending phone of this user that a code confirms."""
    found = next((one for one in user.authenticators if oob and one.device == oob.device), None)
    return found if isinstance(found, Phone) and not found.active else None
