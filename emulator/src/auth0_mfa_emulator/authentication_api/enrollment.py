"""`POST /mfa/associate`: store an unconfirmed authenticator (reference 2.4). Not idempotent: each call stores one."""

import secrets
import string
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.authenticators import (
    Email,
    Phone,
    Push,
    RecoveryCode,
    Totp,
)
from auth0_mfa_emulator.tenant.oob_codes import send_code
from auth0_mfa_emulator.tenant.sessions import ENROLL, MfaSession
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import (
    JSON_UTF8,
    Parameters,
    answer,
    issuer,
    optional_text,
    parameters,
)

from .associate_request import (
    Wanted,
    requested,
    requested_email,
    requested_number,
)
from .bearer import bearer_session, require_mfa_grant
from .client_authentication import authenticate

Body = dict[str, object]

_ALPHANUMERIC = string.ascii_letters + string.digits


async def associate(request: Request) -> Response:
    """Store an authenticator and, for sms, voice and email, send it a code."""
    emulator, given = emulator_of(request), await parameters(request)
    session = bearer_session(request, emulator, ENROLL)
    tenant, user = emulator.tenant, emulator.tenant.user_of(session)
    _check_client(request, tenant, given, session)
    wanted = requested(given)
    if session.opaque and user.enrolled:
        raise errors.refused(403, "access_denied", "User is already enrolled.")
    if session.spent:
        raise errors.invalid_bearer()
    require_mfa_grant(tenant, session)
    if not available(tenant, wanted):
        raise errors.unsettled("factor_unavailable", name=wanted)
    places = 2 if wanted == "auth0" else 1  # a push comes with one-time passwords
    if len(user.factors) + places > tenant.settings.max_authenticators:
        raise errors.unsettled("too_many_authenticators")
    body = _associated(tenant, session, user, wanted, given, issuer(request))
    tenant.note("gd_start_enroll", user, session.login.client_id, channel=wanted)
    return answer(body, content_type=JSON_UTF8)


def available(tenant: Tenant, wanted: Wanted) -> bool:
    """Whether the tenant has enabled a factor and, for a phone, the channel."""
    settings = tenant.settings
    match wanted:
        case "sms" | "voice":
            return settings.phone_factor and wanted in settings.channels
        case "email":
            return settings.email_factor
        case "auth0":
            return settings.push_factor
        case "otp":
            return settings.otp_factor


def _associated(tenant: Tenant, session: MfaSession, user: User, wanted: Wanted, given: Parameters, own: str) -> Body:
    match wanted:
        case "sms" | "voice":
            phone = Phone(requested_number(given), tenant.settings.phone_channels, wanted)
            same = [one for one in user.authenticators if isinstance(one, Phone) and one.number == phone.number]
            if same and tenant.settings.same_number == "refuse":
                raise errors.unsettled("same_number")
            body = _by_code(tenant, session, user, phone, wanted)
            if tenant.settings.same_number == "replace_pending":
                _remove_pending(user, same)
            return body
        case "email":
            return _by_code(tenant, session, user, Email(requested_email(given)), wanted)
        case "auth0":
            return _by_push(tenant, session, user, own)
        case "otp":
            totp = Totp()
            user.authenticators.append(totp)
            barcode = _totp_uri(tenant.settings.friendly_name, user.email, totp.secret)
            secret = {"authenticator_type": "otp", "secret": totp.secret, "barcode_uri": barcode}
            return secret | _first_recovery_codes(tenant, user)


def _by_code(tenant: Tenant, session: MfaSession, user: User, enrolled: Phone | Email, channel: Wanted) -> Body:
    assert channel != "otp"  # noqa: S101  # for the type checker: nothing is sent to an authenticator app
    # The code refers to its authenticator by device id, so nothing is stored if the send is refused.
    oob = send_code(tenant, session, enrolled, channel, enrolling=True)
    user.authenticators.append(enrolled)
    return {
        "authenticator_type": "oob",
        "binding_method": "prompt",
        **_first_recovery_codes(tenant, user),
        "oob_channel": channel,
        "oob_code": oob.value,
    }


def _by_push(tenant: Tenant, session: MfaSession, user: User, own: str) -> Body:
    push = Push()
    oob = send_code(tenant, session, push, "auth0", enrolling=True)
    user.authenticators += [push, Totp(push_device=push.device)]
    return {
        "authenticator_type": "oob",
        "barcode_uri": _push_uri(tenant.settings.friendly_name, user.email, own),
        **_first_recovery_codes(tenant, user),
        "oob_channel": "auth0",
        "oob_code": oob.value,
    }


def _check_client(request: Request, tenant: Tenant, given: Parameters, session: MfaSession) -> None:
    """Check client fields, which are optional on associate (no SDK needs them)."""
    named = optional_text(given, "client_id")
    if "client_secret" in given or "client_assertion" in given:
        named = authenticate(request, tenant, given).client_id
    if named not in (None, session.login.client_id):
        raise errors.invalid_request("mfa_token not issued to this client")


def _remove_pending(user: User, phones: list[Phone]) -> None:
    for phone in phones:
        if not phone.active:
            user.remove(phone)


def _first_recovery_codes(tenant: Tenant, user: User) -> Body:
    """Returns recovery codes for the user's very first associate only, confirmed or not (recorded)."""
    if user.recovery or not tenant.settings.recovery_codes:
        return {}
    recovery = RecoveryCode()
    user.authenticators.append(recovery)
    return {"recovery_codes": [recovery.code]}


def _totp_uri(friendly_name: str, email: str, secret: str) -> str:
    """Returns the URI of the QR code that an authenticator app scans (recorded)."""
    details = {"secret": secret, "issuer": friendly_name, "algorithm": "SHA1", "digits": "6", "period": "30"}
    return _uri(friendly_name, email, details)


def _push_uri(friendly_name: str, email: str, own: str) -> str:
    """Returns the URI that the Guardian app scans; `base_url` is where it would report, here the emulator itself."""
    transaction = "".join(secrets.choice(_ALPHANUMERIC) for _ in range(32))
    return _uri(friendly_name, email, {"enrollment_tx_id": transaction, "base_url": own.rstrip("/")})


def _uri(friendly_name: str, email: str, details: dict[str, str]) -> str:
    label = f"{quote(friendly_name, safe='')}:{quote(email, safe='')}"
    return f"otpauth://totp/{label}?{urlencode(details, quote_via=quote, safe='')}"
