"""Pages on which a user without a factor enrolls one: a phone, an authenticator app, or the device of a push."""

from typing import Literal

from starlette.responses import Response

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.authentication_api.enrollment import available, enrolled, totp_uri
from auth0_mfa_emulator.phone.message import Channel
from auth0_mfa_emulator.tenant.authenticators import Phone, Totp
from auth0_mfa_emulator.tenant.oob_codes import send_code
from auth0_mfa_emulator.wire import issuer

from . import pages
from .factor_checks import verify
from .second_factor import SCREENS, mfa_session, sentence
from .sign_in_flow import advance
from .visits import Visit

Kind = Literal["phone", "otp", "auth0"]

OPTIONS = "mfa-begin-enroll-options"
PAGES: dict[Kind, str] = {
    "phone": "mfa-phone-enrollment",
    "otp": "mfa-otp-enrollment-qr",
    "auth0": "mfa-push-enrollment-qr",
}
_LABELS: dict[Kind, str] = {"phone": "Phone", "otp": "Authenticator app", "auth0": "Push notification"}


def show_options(one: Visit, error: str) -> Response:
    """Offer what the tenant has enabled."""
    labels = [_LABELS[kind] for kind in _enabled(one)]
    problem = error or ("" if labels else "The tenant has no factor to enroll.")
    return pages.options("Keep your account safe by adding another authentication method", labels, problem)


def submit_options(one: Visit) -> Response:
    """Begin to enroll the chosen kind."""
    kinds = _enabled(one)
    index = one.index(len(kinds))
    if index is None:
        return show_options(one, "Select one of the methods.")
    kind = kinds[index]
    problem = "" if kind == "phone" else _enroll(one, kind)
    return show_options(one, problem) if problem else one.go(PAGES[kind])


def show_phone(one: Visit, error: str) -> Response:
    """Ask for the number."""
    channels, methods = one.tenant.settings.channels, len(_enabled(one)) > 1
    return pages.phone_enrollment(channels, one.text("phone_number"), methods=methods, error=error)


def submit_phone(one: Visit) -> Response:
    """Send a code to the number."""
    if one.text("action") == "pick-authenticator":
        return one.go(OPTIONS)
    channel = _channel(one)
    problem = _enroll(one, channel)
    return show_phone(one, problem) if problem else one.go(SCREENS[channel])


def show_app(one: Visit, error: str) -> Response:
    """Show the secret of an authenticator app, or ask to approve the device."""
    pending, methods = one.user.device(one.sign_in.device or ""), len(_enabled(one)) > 1
    if not isinstance(pending, Totp):
        return pages.push_enrollment(one.user.email, methods=methods, error=error)
    uri = totp_uri(one.tenant, one.user, pending)
    return pages.otp_enrollment(pending.secret, uri, methods=methods, error=error)


def submit_app(one: Visit) -> Response:
    """Check the first code, or the approval."""
    if one.text("action") == "pick-authenticator":
        return one.go(OPTIONS)
    problem = verify(one.tenant, one.sign_in, one.user, one.text("code").strip())
    return show_app(one, problem) if problem else advance(one.request, one.sign_in)


def send_again(one: Visit) -> str:
    """Send another code to the phone that is not confirmed yet. Returns what hindered it."""
    pending, channel = one.user.device(one.sign_in.device or ""), _channel(one, one.sign_in.channel or "")
    if not isinstance(pending, Phone):
        return "Select another method."
    session = mfa_session(one.tenant, one.sign_in, one.user)
    try:
        one.sign_in.oob_code = send_code(one.tenant, session, pending, channel, enrolling=True).value
    except (errors.RefusedError, errors.UnsettledError) as refusal:
        return sentence(one.tenant, refusal)
    return ""


def _enroll(one: Visit, wanted: Channel | Literal["otp", "auth0"]) -> str:
    """Store a pending authenticator and send its code. Returns what hindered it."""
    session = mfa_session(one.tenant, one.sign_in, one.user)
    try:
        body = enrolled(one.tenant, session, wanted, one.given, issuer(one.request))
    except (errors.RefusedError, errors.UnsettledError) as refusal:
        return sentence(one.tenant, refusal)
    one.sign_in.channel, one.sign_in.oob_code = wanted, None
    oob = one.tenant.oob_codes.get(str(body.get("oob_code", "")))
    if oob:
        one.sign_in.oob_code, one.sign_in.device = oob.value, oob.device
    else:
        one.sign_in.device = next(app.device for app in reversed(one.user.authenticators) if isinstance(app, Totp))
    return ""


def _enabled(one: Visit) -> list[Kind]:
    phones = any(available(one.tenant, channel) for channel in one.tenant.settings.channels)
    enabled: dict[Kind, bool] = {
        "phone": phones,
        "otp": available(one.tenant, "otp"),
        "auth0": available(one.tenant, "auth0"),
    }
    return [kind for kind, on in enabled.items() if on]


def _channel(one: Visit, wanted: str = "") -> Channel:
    """Returns the chosen channel, or the first one."""
    chosen, channels = wanted or one.text("channel"), one.tenant.settings.channels
    return next((channel for channel in channels if channel == chosen), channels[0] if channels else "sms")
