"""Checks of what the user typed or answered, with the limits and log events of the MFA API.

Nothing is exchanged on a page, so that the log has no `feoobft` and its like.
"""

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.authentication_api.exchange import refuse_locked_out
from auth0_mfa_emulator.tenant.authenticators import Authenticator, RecoveryCode, Totp, new_recovery_code
from auth0_mfa_emulator.tenant.oob_codes import superseded
from auth0_mfa_emulator.tenant.sessions import OobCode
from auth0_mfa_emulator.tenant.sign_ins import SignIn
from auth0_mfa_emulator.tenant.tenant import Tenant
from auth0_mfa_emulator.tenant.users import User

from .second_factor import sentence

EXPIRED = "The code has expired. Request another."
WRONG = "The code is wrong."


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
