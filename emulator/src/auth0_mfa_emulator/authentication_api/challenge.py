"""`POST /mfa/challenge` (reference 2.7): selection of authenticator and channel, and checks."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.authenticators import Authenticator, Email, Phone, Push, RecoveryCode, Totp
from auth0_mfa_emulator.tenant.oob_codes import send_code
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import JSON_UTF8, Parameters, answer, optional_text, parameters

from .associate_request import Wanted
from .bearer import live_session, require_mfa_grant
from .client_authentication import authenticate
from .enrollment import available
from .exchange import refuse_locked_out

_BOTH = ("oob", "otp")


async def challenge(request: Request) -> Response:
    """Send a new code or push. The token is read from the body only, not from the Authorization header."""
    emulator, given = emulator_of(request), await parameters(request)
    tenant = emulator.tenant
    client = authenticate(request, tenant, given, basic=tenant.settings.challenge_with_basic)
    session = live_session(
        emulator, given, client.client_id, opaque_only=not tenant.settings.challenge_with_access_token
    )
    require_mfa_grant(tenant, session)
    user = tenant.user_of(session)
    authenticator, way = _challenged(tenant, user, given)
    if way == "otp":
        tenant.note("gd_start_auth", user, client.client_id, channel=way)
        return answer({"challenge_type": "otp"}, content_type=JSON_UTF8)
    if tenant.settings.lockout_blocks_challenge:
        refuse_locked_out(tenant, user, user.id)
    oob = send_code(tenant, session, authenticator, way, enrolling=False)
    tenant.note("gd_start_auth", user, client.client_id, channel=way)
    prompt = {} if way == "auth0" else {"binding_method": "prompt"}
    return answer({"challenge_type": "oob", "oob_code": oob.value, **prompt}, content_type=JSON_UTF8)


def _challenged(tenant: Tenant, user: User, given: Parameters) -> tuple[Authenticator, Wanted]:
    wanted = (optional_text(given, "challenge_type") or " ".join(_BOTH)).split()
    authenticator_id = optional_text(given, "authenticator_id")
    ready = [one for one in user.all(with_email=tenant.settings.email_factor) if one.active]
    if not any(not isinstance(one, RecoveryCode) for one in ready):
        raise errors.unsettled("association_required")
    named = _named(user, ready, authenticator_id) if authenticator_id else None
    able = [one for one in ([named] if named else ready) if _type(one) in wanted]
    if not able:
        raise errors.unsupported_challenge_type(
            f"User does not have any enrolled authenticator with the supported challenge type ({' '.join(wanted)})"
        )
    # Pick the oldest one that the tenant still allows; if none is allowed, the user cannot be reached.
    for one in able:
        way = way_to(tenant, one, authenticator_id)
        if way:
            return one, way
    raise errors.unsettled("transport_unavailable", challenge_type=str(_type(able[0])))


def _named(user: User, ready: list[Authenticator], authenticator_id: str) -> Authenticator:
    found = user.named(authenticator_id)
    if not found or found not in ready:
        raise errors.unsettled("invalid_authenticator")
    return found


def _type(authenticator: Authenticator) -> Literal["oob", "otp"] | None:
    match authenticator:
        case Phone() | Email() | Push():
            return "oob"
        case Totp():
            return "otp"
        case RecoveryCode():
            return None  # needs no challenge, and no challenge type is known for it


def way_to(tenant: Tenant, authenticator: Authenticator, authenticator_id: str | None = None) -> Wanted | None:
    """Returns the channel: the one a phone's id names, or else its enrolled one if still available."""
    ways: list[Wanted]
    match authenticator:
        case Phone() if authenticator_id:
            ways = [channel for channel in authenticator.channels if authenticator_id.startswith(channel)]
        case Phone():
            ways = [authenticator.preferred, *authenticator.channels]
        case Email():
            ways = ["email"]
        case Push():
            ways = ["auth0"]
        case _:
            ways = ["otp"]
    return next((way for way in ways if available(tenant, way)), None)
