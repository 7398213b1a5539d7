"""`/activate`: a user enters the code that a device shows, and confirms it, before signing in (RFC 8628, 3.3)."""

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.device_codes import DeviceCode, normalized
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.wire import optional_text, parameters

from . import cookies, pages
from .responses import AuthorizationError
from .sign_in_flow import advance, begun, failed, shown
from .visits import Visit

CONFIRMATION = "device-code-confirmation"
_INVALID = "The code you entered is not valid or has expired."


async def show(request: Request) -> Response:
    """Ask for the code, or go on with the one in the address."""
    user_code = request.query_params.get("user_code")
    return _opened(request, user_code) if user_code else pages.device_activation("")


async def submit(request: Request) -> Response:
    """Go on with the code that was entered."""
    given = await parameters(request)
    return _opened(request, optional_text(given, "user_code") or "")


def _opened(request: Request, user_code: str) -> Response:
    tenant = emulator_of(request).tenant
    device = _waiting(tenant, user_code)
    if not device:
        tenant.note("fdeac")
        return pages.device_activation(_INVALID)
    sign_in = begun(request, device.request)
    sign_in.screen = CONFIRMATION
    tenant.keep(tenant.sign_ins, sign_in.id, sign_in)
    response = shown(sign_in)
    cookies.put(request, response, "did", sign_in.browser, tenant.settings.session_seconds)
    return response


def _waiting(tenant: Tenant, user_code: str) -> DeviceCode | None:
    wanted, now = normalized(user_code), tenant.clock.now()
    found = (one for one in tenant.device_codes.values() if normalized(one.user_code) == wanted)
    return next((one for one in found if one.expires_at > now and one.answer is None), None)


def show_confirmation(one: Visit, error: str) -> Response:
    """Show the code, to be compared with the one that the device shows."""
    device = one.tenant.device_codes.get(one.sign_in.request.device or "")
    return pages.device_confirmation(one.client.name, device.user_code if device else "", error)


def submit_confirmation(one: Visit) -> Response:
    """Go on to the sign-in, or refuse the device."""
    match one.text("action"):
        case "confirm":
            return advance(one.request, one.sign_in)
        case "cancel":
            one.tenant.note("fdecc", client_id=one.client.client_id)
            refusal = AuthorizationError("access_denied", "User cancelled the confirmation prompt.")
            return failed(one.request, one.sign_in, refusal)
    return show_confirmation(one, "Confirm or cancel.")
