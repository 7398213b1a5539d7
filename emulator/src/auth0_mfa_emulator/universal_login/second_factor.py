"""The second factor of a sign-in: which can be used, sending, and checking, by the rules of the MFA API.

Pages differ from the MFA API in one respect: nothing is exchanged, so that the log has no `feoobft` and its like.
"""

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
    new_recovery_code,
)
from auth0_mfa_emulator.tenant.oob_codes import send_code, superseded
from auth0_mfa_emulator.tenant.sessions import MfaSession, OobChannel, OobCode
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
EXPIRED = "The code has expired. Request another."
WRONG = "The code is wrong."


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


def verify(tenant: Tenant, sign_in: SignIn, user: User, typed: str) -> str | None:
    """Check the code, or the answer to the push. Returns what is wrong; None means that MFA is passed."""
    authenticator = user.device(sign_in.device or "")
    if not authenticator:
        return "The authenticator does not exist any more. Try another method."
    match sign_in.channel:
        case "recovery-code":
            problem = _check_recovery_code(tenant, sign_in, user, typed)
        case "otp":
            problem = _check_otp(tenant, sign_in, user, authenticator, typed)
        case "auth0":
            problem = _check_push(tenant, sign_in, user)
        case _:
            problem = check_code(tenant, user, sign_in.request.client_id, _code(tenant, sign_in), typed)
    if problem:
        return problem
    _pass(tenant, sign_in, user, authenticator)
    return None


def check_code(tenant: Tenant, user: User, client_id: str, oob: OobCode | None, typed: str) -> str | None:
    """Check a code, and spend it if it is right. Returns what is wrong."""
    if not oob or oob.spent or superseded(tenant, oob) or oob.expires_at <= tenant.clock.now():
        return EXPIRED
    owner = user.id if tenant.settings.wrong_codes_per == "user" else oob.value
    problem = _locked_out(tenant, user, owner)
    if problem:
        return problem
    if typed != oob.binding_code:
        tenant.take("wrong_codes", owner)
        tenant.note("gd_auth_failed", user, client_id)
        return WRONG
    oob.spent = True
    return None


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


def _code(tenant: Tenant, sign_in: SignIn) -> OobCode | None:
    return tenant.oob_codes.get(sign_in.oob_code or "")


def _check_otp(tenant: Tenant, sign_in: SignIn, user: User, chosen: Authenticator, typed: str) -> str | None:
    """Check a one-time password against the chosen app if it is pending, or else against all confirmed ones."""
    problem = _locked_out(tenant, user, user.id)
    if problem:
        return problem
    now = tenant.clock.now()
    applications = [one for one in user.authenticators if isinstance(one, Totp) and (one.active or one is chosen)]
    right = next((one for one in applications if (one.active == chosen.active) and one.step_of(typed, now)), None)
    if not right:
        tenant.take("wrong_codes", user.id)
        tenant.note("gd_auth_failed", user, sign_in.request.client_id)
        return WRONG
    right.last_step = right.step_of(typed, now)
    return None


def _check_push(tenant: Tenant, sign_in: SignIn, user: User) -> str | None:
    oob = _code(tenant, sign_in)
    message = tenant.inbox.find(oob.message_id or "") if oob else None
    if not oob or oob.spent or oob.expires_at <= tenant.clock.now():
        return "The notification has expired. Request another."
    decision = message.decision if message else "pending"
    if decision == "denied":
        tenant.note("gd_auth_rejected", user, sign_in.request.client_id)
        oob.spent = True
        return "The notification was denied."
    if decision != "approved":
        return "The notification has not been answered yet."
    oob.spent = True
    return None


def _check_recovery_code(tenant: Tenant, sign_in: SignIn, user: User, typed: str) -> str | None:
    client_id, recovery = sign_in.request.client_id, user.recovery
    if tenant.exhausted("recovery_attempts", user.id):
        tenant.note("gd_recovery_rate_limit_exceed", user, client_id)
        return sentence(tenant, errors.unsettled("too_many_failed_codes"))
    if not recovery or typed.upper() != recovery.code:
        tenant.take("recovery_attempts", user.id)
        tenant.note("gd_recovery_failed", user, client_id)
        return WRONG
    recovery.code = sign_in.recovery_code = new_recovery_code()
    tenant.note("gd_recovery_succeed", user, client_id)
    return None


def _locked_out(tenant: Tenant, user: User, owner: str) -> str | None:
    try:
        refuse_locked_out(tenant, user, owner)
    except errors.UnsettledError as refusal:
        return sentence(tenant, refusal)
    return None


def _pass(tenant: Tenant, sign_in: SignIn, user: User, authenticator: Authenticator) -> None:
    now, client_id = tenant.clock.now(), sign_in.request.client_id
    sign_in.with_mfa, authenticator.last_auth = True, now
    if sign_in.channel == "recovery-code":
        return
    if authenticator.active:
        tenant.note("gd_auth_succeed", user, client_id)
        return
    tenant.note("gd_enrollment_complete", user, client_id)
    sign_in.recovery_code = _first_recovery_code(tenant, user)
    user.confirm(authenticator, now)


def _first_recovery_code(tenant: Tenant, user: User) -> str | None:
    """Returns the recovery code that the first confirmed factor activates, as the pages show it."""
    if not tenant.settings.recovery_codes:
        return None
    if not user.recovery:
        user.store([RecoveryCode()], tenant.clock.now())
    recovery = user.recovery
    return recovery.code if recovery and not recovery.active else None
