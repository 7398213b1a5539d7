"""`POST /mfa/associate`: store an unconfirmed authenticator (reference 2.4). Not idempotent: each call stores one."""

from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.state import emulator_of
from auth0_mfa_emulator.tenant.authenticators import (
    ALPHANUMERIC,
    Authenticator,
    Email,
    Phone,
    Push,
    RecoveryCode,
    Totp,
    random_text,
)
from auth0_mfa_emulator.tenant.oob_codes import send_code
from auth0_mfa_emulator.tenant.sessions import ENROLL, MfaSession, OobChannel
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User
from auth0_mfa_emulator.wire import JSON_UTF8, Parameters, answer, issuer, optional_text, parameters

from .associate_request import Wanted, requested, requested_email, requested_number
from .bearer import bearer_session, require_mfa_grant
from .client_authentication import authenticate

Body = dict[str, object]

_PROMPT: Body = {"binding_method": "prompt"}


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
    return answer(enrolled(tenant, session, wanted, given, issuer(request)), content_type=JSON_UTF8)


def enrolled(tenant: Tenant, session: MfaSession, wanted: Wanted, given: Parameters, own: str) -> Body:
    """Store a pending authenticator and send its code. `own` is the tenant's address. Returns what associate tells."""
    user = tenant.user_of(session)
    if not available(tenant, wanted):
        raise errors.unsettled("factor_unavailable", name=wanted)
    require_places(tenant, user, 2 if wanted == "auth0" else 1)  # a push comes with one-time passwords
    body = _associated(tenant, session, user, wanted, given, own)
    tenant.note("gd_start_enroll", user, session.login.client_id, channel=wanted)
    return body


def require_places(tenant: Tenant, user: User, places: int) -> None:
    """Raise the error of a user who cannot store so many more authenticators."""
    if len(user.factors) + places > tenant.settings.max_authenticators:
        raise errors.unsettled("too_many_authenticators")


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
            body = _by_message(tenant, session, user, [phone], wanted, _PROMPT)
            if tenant.settings.same_number == "replace_pending":
                _remove_pending(user, same)
            return body
        case "email":
            return _by_message(tenant, session, user, [Email(requested_email(given))], wanted, _PROMPT)
        case "auth0":
            push = Push()
            # `base_url` is where the Guardian app would report, here the emulator itself.
            details = {"enrollment_tx_id": random_text(ALPHANUMERIC, 32), "base_url": own.rstrip("/")}
            barcode: Body = {"barcode_uri": _barcode_uri(tenant, user, details)}
            return _by_message(tenant, session, user, [push, Totp(push_device=push.device)], wanted, barcode)
        case "otp":
            totp = Totp()
            user.store([totp], tenant.clock.now())
            barcode = {"secret": totp.secret, "barcode_uri": totp_uri(tenant, user, totp)}
            return {"authenticator_type": "otp", **barcode, **_first_recovery_codes(tenant, user)}


def totp_uri(tenant: Tenant, user: User, totp: Totp) -> str:
    """Returns the URI in the QR code of an authenticator app (recorded)."""
    details = {"secret": totp.secret, "issuer": tenant.settings.friendly_name}
    return _barcode_uri(tenant, user, details | {"algorithm": "SHA1", "digits": "6", "period": "30"})


def _by_message(
    tenant: Tenant, session: MfaSession, user: User, enrolled: list[Authenticator], channel: OobChannel, how: Body
) -> Body:
    # The code refers to its authenticator by device id, so nothing is stored if the send is refused.
    oob = send_code(tenant, session, enrolled[0], channel, enrolling=True)
    user.store(enrolled, tenant.clock.now())
    recovery = _first_recovery_codes(tenant, user)
    return {"authenticator_type": "oob", **how, **recovery, "oob_channel": channel, "oob_code": oob.value}


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


def first_recovery_code(tenant: Tenant, user: User) -> str | None:
    """Stores and returns a recovery code, unless the user already has one or the tenant issues none."""
    if user.recovery or not tenant.settings.recovery_codes:
        return None
    recovery = RecoveryCode()
    user.store([recovery], tenant.clock.now())
    return recovery.code


def _first_recovery_codes(tenant: Tenant, user: User) -> Body:
    """Returns recovery codes for the user's very first associate only, confirmed or not (recorded)."""
    code = first_recovery_code(tenant, user)
    return {"recovery_codes": [code]} if code else {}


def _barcode_uri(tenant: Tenant, user: User, details: dict[str, str]) -> str:
    """Returns the URI in the QR code that an authenticator app or the Guardian app scans (recorded)."""
    label = f"{quote(tenant.settings.friendly_name, safe='')}:{quote(user.email, safe='')}"
    return f"otpauth://totp/{label}?{urlencode(details, quote_via=quote, safe='')}"
