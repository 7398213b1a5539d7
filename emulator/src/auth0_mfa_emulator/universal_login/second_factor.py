"""The second factor of a sign-in: which can be used, and sending its code by the rules of the MFA API."""

from dataclasses import dataclass
from typing import Literal

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.authentication_api.challenge import way_to
from auth0_mfa_emulator.authentication_api.enrollment import available
from auth0_mfa_emulator.authentication_api.exchange import refuse_locked_out
from auth0_mfa_emulator.tenant.authenticators import (
    Authenticator,
    Email,
    Phone,
    Push,
    RecoveryCode,
    Totp,
    masked_email,
    masked_phone,
)
from auth0_mfa_emulator.tenant.oob_codes import send_code
from auth0_mfa_emulator.tenant.sessions import MfaSession, OobChannel
from auth0_mfa_emulator.tenant.sign_ins import SignIn
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User

from .sign_in_steps import login_of

Way = Literal["auth0", "otp", "sms", "voice", "email", "recovery-code"]

SCREENS: dict[Way, str] = {
    "auth0": "mfa-push-challenge-push",
    "otp": "mfa-otp-challenge",
    "sms": "mfa-sms-challenge",
    "voice": "mfa-voice-challenge",
    "email": "mfa-email-challenge",
    "recovery-code": "mfa-recovery-code-challenge",
}
"""The page of each way, the strongest first (Auth0 docs, universal login text elements)."""


@dataclass(frozen=True)
class Factor:
    """One way to use one authenticator. `label` names it to the user, masked."""

    authenticator: Authenticator
    way: Way
    label: str


def factors(tenant: Tenant, user: User) -> list[Factor]:
    """Returns all ways to pass MFA, the strongest first, a phone's preferred channel before the other."""
    found = [factor for one in user.all(with_email=True) if one.active for factor in _ways(tenant, one)]
    return sorted(found, key=lambda factor: list(SCREENS).index(factor.way))


def begin_second_factor(tenant: Tenant, sign_in: SignIn, user: User) -> None:
    """Choose the factor to ask for first, and send its code; or have the user enroll one."""
    usable = factors(tenant, user) if user.enrolled else []
    if usable:
        challenge(tenant, sign_in, user, _first(usable))
    else:
        sign_in.screen = "mfa-begin-enroll-options"


def challenge(tenant: Tenant, sign_in: SignIn, user: User, factor: Factor) -> None:
    """Ask for this factor. The page tells if its message could not be sent."""
    sign_in.device, sign_in.channel, sign_in.oob_code = factor.authenticator.device, factor.way, None
    sign_in.screen, sign_in.error = SCREENS[factor.way], ""
    match factor.way:
        case "otp":
            tenant.note("gd_start_auth", user, sign_in.request.client_id, channel="otp")
        case "sms" | "voice" | "email" | "auth0" as channel:
            _send(tenant, sign_in, user, factor.authenticator, channel)


def sentence(tenant: Tenant, refusal: errors.RefusedError | errors.UnsettledError) -> str:
    """Returns a refusal of the API as a sentence for the page."""
    if isinstance(refusal, errors.RefusedError):
        return str(refusal.body["error_description"])
    return errors.described(refusal, getattr(tenant.settings.refusals, refusal.name).description)


def mfa_session(tenant: Tenant, sign_in: SignIn, user: User) -> MfaSession:
    """Returns a session that is stored nowhere: its codes work on the pages of this sign-in only."""
    login = login_of(tenant, user.id, sign_in.request)
    return MfaSession(f"sign-in {sign_in.id}", login, sign_in.expires_at, opaque=True)


def _send(tenant: Tenant, sign_in: SignIn, user: User, authenticator: Authenticator, channel: OobChannel) -> None:
    try:
        if tenant.settings.lockout_blocks_challenge:
            refuse_locked_out(tenant, user, user.id)
        session = mfa_session(tenant, sign_in, user)
        oob = send_code(tenant, session, authenticator, channel, enrolling=False)
    except (errors.RefusedError, errors.UnsettledError) as refusal:
        sign_in.error = sentence(tenant, refusal)
        return
    sign_in.oob_code = oob.value
    tenant.note("gd_start_auth", user, sign_in.request.client_id, channel=channel)


def _ways(tenant: Tenant, one: Authenticator) -> list[Factor]:
    match one:
        case RecoveryCode():
            return [Factor(one, "recovery-code", "Recovery code")] if tenant.settings.recovery_codes else []
        case Phone():
            channels = dict.fromkeys((one.preferred, *one.channels))
            named = {"sms": "Text message to", "voice": "Voice call to"}
            masked = masked_phone(one.number)
            return [
                Factor(one, channel, f"{named[channel]} {masked}") for channel in channels if available(tenant, channel)
            ]
        case Email():
            label = f"E-mail to {masked_email(one.address)}"
            return [Factor(one, "email", label)] if available(tenant, "email") else []
        case Push():
            return [Factor(one, "auth0", f"Notification on {one.name}")] if available(tenant, "auth0") else []
        case Totp():
            return [Factor(one, "otp", "One-time password of an app")] if way_to(tenant, one) else []


def _first(usable: list[Factor]) -> Factor:
    """Returns the strongest factor; of a phone, the preferred channel."""
    first = usable[0]
    if isinstance(first.authenticator, Phone):
        preferred = first.authenticator.preferred
        return next((one for one in usable if one.authenticator is first.authenticator and one.way == preferred), first)
    return first
