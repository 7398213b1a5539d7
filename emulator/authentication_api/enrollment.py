"""Enrolling with the MFA API: associate a phone, list and remove authenticators (reference 2.4, 2.6, 2.9)."""

import re

from starlette.requests import Request
from starlette.responses import Response

from emulator import errors
from emulator.phone.inbox import Channel
from emulator.state import emulator_of
from emulator.tenant.sessions import MfaSession
from emulator.tenant.tenant import Tenant
from emulator.tenant.users import Phone, RecoveryCode, User
from emulator.wire import JSON_UTF8, Parameters, answer, optional_text, parameters, required_text

from .authentication import authenticate
from .bearer import bearer_session, require_mfa_grant

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_CHANNELS: dict[str, Channel] = {"sms": "sms", "voice": "voice"}


async def associate(request: Request) -> Response:
    """Store an unconfirmed phone and send it a code. Not idempotent: each call stores and sends again."""
    emulator, given = emulator_of(request), await parameters(request)
    session = bearer_session(request, emulator, "enroll")
    tenant, user = emulator.tenant, session.login.user
    _check_client(request, tenant, given, session)
    channel = _requested_channel(given)
    if session.opaque and user.enrolled:
        raise errors.refused(403, "access_denied", "User is already enrolled.")
    require_mfa_grant(tenant, session)
    if not tenant.settings.phone_factor or channel not in tenant.settings.channels:
        raise errors.factor_unavailable(channel)
    if len(user.phones) >= tenant.settings.max_authenticators:
        raise errors.invalid_request("The user has too many authenticators.")
    phone = Phone(_requested_number(given), tuple(tenant.settings.channels), channel)
    oob = tenant.send_code(session, phone, channel)
    user.phones.append(phone)
    body = {"authenticator_type": "oob", "binding_method": "prompt", **_first_recovery_codes(tenant, user)}
    return answer(body | {"oob_channel": channel, "oob_code": oob.value}, content_type=JSON_UTF8)


async def list_authenticators(request: Request) -> Response:
    """Everything enrolled, confirmed or not, in the order it was."""
    emulator = emulator_of(request)
    user = bearer_session(request, emulator, "read:authenticators").login.user
    listed = user.authenticators(with_email=emulator.tenant.settings.email_factor)
    return answer(listed, content_type=JSON_UTF8)


async def remove_authenticator(request: Request) -> Response:
    """Remove a phone and its twin. An opaque mfa_token is refused (reference, 2.9)."""
    emulator = emulator_of(request)
    session = bearer_session(request, emulator, "remove:authenticators")
    if session.opaque:
        raise errors.invalid_bearer()
    user, authenticator_id = session.login.user, request.path_params["authenticator_id"]
    found = user.phone(authenticator_id)
    if found:
        emulator.tenant.remove_phone(user, found[0])
        return Response(status_code=204)
    if any(entry["id"] == authenticator_id for entry in user.authenticators(with_email=True)):
        raise errors.invalid_request("Recovery codes and verified emails cannot be removed.")
    raise errors.refused(404, "not_found", "The authenticator does not exist.")


def _check_client(request: Request, tenant: Tenant, given: Parameters, session: MfaSession) -> None:
    """Client fields are optional on associate (no SDK needs them) and checked when sent."""
    named = optional_text(given, "client_id")
    if "client_secret" in given or "client_assertion" in given:
        named = authenticate(request, tenant, given).client_id
    if named not in (None, session.login.client_id):
        raise errors.invalid_request("mfa_token not issued to this client")


def _requested_channel(given: Parameters) -> Channel:
    kind = _only_text(given, "authenticator_types")
    if kind == "otp":
        raise errors.factor_unavailable(kind)
    if kind != "oob":
        raise errors.invalid_request("authenticator_types must be one of: oob, otp")
    channel = _only_text(given, "oob_channels")
    if channel in ("email", "auth0"):
        raise errors.factor_unavailable(channel)
    if channel not in _CHANNELS:
        raise errors.invalid_request("oob_channels must be one of: sms, voice, email, auth0")
    return _CHANNELS[channel]


def _only_text(given: Parameters, name: str) -> str:
    value = given.get(name)
    if value is None:
        raise errors.missing(name)
    match value:
        case [str(only)]:
            return only
    raise errors.invalid_request(f"{name} must be an array of one string")


def _requested_number(given: Parameters) -> str:
    number = required_text(given, "phone_number")
    if not _E164.fullmatch(number):
        raise errors.invalid_request("The phone number is invalid.", "invalid_phone")
    return number


def _first_recovery_codes(tenant: Tenant, user: User) -> dict[str, object]:
    """The member of the very first associate ever, confirmed or not, and of no later one (recorded)."""
    if user.recovery or not tenant.settings.recovery_codes:
        return {}
    user.recovery = RecoveryCode()
    return {"recovery_codes": [user.recovery.code]}
