"""Sends codes: spends the user's budget, hands the message to the provider, and issues the oob_code."""

import secrets
from dataclasses import dataclass

from auth0_mfa_emulator import errors
from auth0_mfa_emulator.phone.message import Draft

from .authenticators import Authenticator, Email, Phone, masked_email, masked_phone
from .events import EventType
from .sessions import MfaSession, OobChannel, OobCode
from .tenant import BudgetName, Tenant
from .tokens import ASSOCIATE_CODE_BYTES, CHALLENGE_CODE_BYTES, seal
from .users import User


@dataclass(frozen=True)
class _Way:
    """Budget, refusal and log events of one channel."""

    budget: BudgetName
    refusal: str
    sent: EventType
    failed: EventType


_WAYS: dict[OobChannel, _Way] = {
    "sms": _Way("sends", "too_many_sms", "gd_send_sms", "gd_send_sms_failure"),
    # Voice calls share the budget of texts, and the wording of its refusal (Auth0 docs, rate limits).
    "voice": _Way("sends", "too_many_sms", "gd_send_voice", "gd_send_voice_failure"),
    "email": _Way("emails", "too_many_emails", "gd_send_email", "gd_send_email_failure"),
    "auth0": _Way("pushes", "too_many_pushes", "gd_send_pn", "gd_send_pn_failure"),
}


def send_code(
    tenant: Tenant, session: MfaSession, authenticator: Authenticator, channel: OobChannel, *, enrolling: bool
) -> OobCode:
    """Send a message with a new code. Raises if the user's budget is spent or the provider refuses.

    Enrolling a push sends nothing: the QR code serves as the message, and costs nothing.
    """
    user, way = tenant.user_of(session), _WAYS[channel]
    if not (channel == "auth0" and enrolling) and not tenant.take(way.budget, user.id):
        if way.budget == "sends":
            tenant.note("limit_phone", user, session.login.client_id)
        raise errors.unsettled(way.refusal)
    now = tenant.clock.now()
    digits = None if channel == "auth0" else f"{secrets.randbelow(10**6):06}"
    client_id = session.login.client_id
    message_id = _deliver(tenant, user, client_id, authenticator, channel, digits, enrolling=enrolling)
    # The seal has the lifetime of the mfa_token (recorded), its six digits only five minutes.
    short = enrolling and channel != "auth0"
    size = ASSOCIATE_CODE_BYTES if short else CHALLENGE_CODE_BYTES
    value = seal(size, now, now + tenant.settings.mfa_token_seconds)
    oob = OobCode(
        value, session.token, authenticator.device, channel, digits, message_id, now + tenant.settings.code_seconds
    )
    tenant.oob_codes[value] = oob
    tenant.newest_codes[session.token] = value
    return oob


def superseded(tenant: Tenant, oob: OobCode) -> bool:
    """Whether a newer code of the same session invalidated this one."""
    return not tenant.settings.old_codes_stay_valid and tenant.newest_codes.get(oob.mfa_token) != oob.value


def _deliver(
    tenant: Tenant,
    user: User,
    client_id: str,
    authenticator: Authenticator,
    channel: OobChannel,
    digits: str | None,
    *,
    enrolling: bool,
) -> str | None:
    templates = tenant.settings.phone_templates
    draft = Draft(
        to=_recipient(user, authenticator),
        medium="push" if channel == "auth0" else channel,
        code=digits,
        action="enroll" if enrolling else "challenge",
        friendly_name=tenant.settings.friendly_name,
        origin_bound_host=tenant.settings.origin_bound_host,
        template=templates.enrollment_message if enrolling else templates.verification_message,
    )
    if channel == "auth0" and enrolling:
        return tenant.inbox.show(draft, tenant.clock.now()).message_id
    delivery, way = tenant.inbox.send(draft, tenant.clock.now()), _WAYS[channel]
    if delivery.problem:
        tenant.note(way.failed, user, client_id, code=delivery.problem, recipient=_masked(draft.to))
    else:
        tenant.note(way.sent, user, client_id, recipient=_masked(draft.to))
    if delivery.invalid_number:
        raise errors.unsettled("invalid_phone")
    if delivery.refused:
        raise errors.unsettled("provider_failure")
    return delivery.message_id


def _masked(to: str) -> str:
    return masked_email(to) if "@" in to else masked_phone(to)


def _recipient(user: User, authenticator: Authenticator) -> str:
    """Returns the number, the address, or for a push the user's own address, which stands for the device."""
    match authenticator:
        case Phone():
            return authenticator.number
        case Email():
            return authenticator.address
        case _:
            return user.email
