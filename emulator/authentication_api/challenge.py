"""Challenging a phone with the MFA API (reference 2.7): which phone, by which channel, and whether it may."""

from starlette.requests import Request
from starlette.responses import Response

from emulator import errors
from emulator.phone.inbox import Channel
from emulator.state import emulator_of
from emulator.tenant.tenant import Tenant
from emulator.tenant.users import Phone, User
from emulator.wire import JSON_UTF8, Parameters, answer, optional_text, parameters

from .authentication import authenticate
from .bearer import live_session, require_mfa_grant


async def challenge(request: Request) -> Response:
    """Send a new code to a confirmed phone. The token is in the body; no Authorization header is read for it."""
    emulator, given = emulator_of(request), await parameters(request)
    tenant = emulator.tenant
    client = authenticate(request, tenant, given)
    session = live_session(
        emulator, given, client.client_id, opaque_only=not tenant.settings.challenge_with_access_token
    )
    require_mfa_grant(tenant, session)
    phone, channel = _challenged(tenant, session.login.user, given)
    if tenant.settings.lockout_blocks_challenge and tenant.exhausted("wrong_codes", session.login.user.id):
        raise errors.too_many_failed_codes()
    oob = tenant.send_code(session, phone, channel)
    body = {"challenge_type": "oob", "oob_code": oob.value, "binding_method": "prompt"}
    return answer(body, content_type=JSON_UTF8)


def _challenged(tenant: Tenant, user: User, given: Parameters) -> tuple[Phone, Channel]:
    wanted = (optional_text(given, "challenge_type") or "oob otp").split()
    authenticator_id = optional_text(given, "authenticator_id")
    if not user.enrolled:
        raise _association_required()
    if "oob" not in wanted:
        raise _not_enrolled_in(wanted)
    phone, channel = _named(user, authenticator_id) if authenticator_id else _preferred(tenant, user)
    if not tenant.settings.phone_factor or channel not in tenant.settings.channels:
        raise errors.unsupported_challenge_type(
            "The user does not support the requested challenge type (oob). "
            "Currently there is no supported challenge available."
        )
    return phone, channel


def _named(user: User, authenticator_id: str) -> tuple[Phone, Channel]:
    found = user.phone(authenticator_id)
    if found and found[0].active:
        return found
    if any(entry["id"] == authenticator_id and entry["active"] for entry in user.authenticators(with_email=True)):
        raise _not_enrolled_in(["oob"])
    raise errors.refused(
        "invalid_authenticator", "invalid_authenticator", "The authenticator does not exist or is not confirmed."
    )


def _preferred(tenant: Tenant, user: User) -> tuple[Phone, Channel]:
    """The oldest confirmed phone, by the channel it was enrolled with when the tenant still has that channel."""
    phone = next(phone for phone in user.phones if phone.active)
    enabled = [channel for channel in phone.channels if channel in tenant.settings.channels]
    return phone, phone.preferred if phone.preferred in enabled or not enabled else enabled[0]


def _association_required() -> errors.RefusedError:
    return errors.refused(
        "association_required",
        "association_required",
        "User does not have any confirmed authenticator associated. You can associate a new authenticator calling "
        "/mfa/associate endpoint. If you have one authenticator ready for confirmation, you can confirm it just using "
        "it in /oauth/token",
    )


def _not_enrolled_in(types: list[str]) -> errors.RefusedError:
    return errors.unsupported_challenge_type(
        f"User does not have any enrolled authenticator with the supported challenge type ({' '.join(types)})"
    )
