"""View of a flow that has just started, derived from its start request.

A flow publishes no view while it sends its first message.
"""

from datetime import datetime, timedelta
from typing import Final

from .start import StartChallenge, StartEnrollment
from .status import Action, FlowKind, FlowView, Phase, WaitReason
from .types import login_ends_at, masked, reveal
from .wait_reasons import wait_of

FIRST_INVITATION: Final = 1
"""Number of an invited user's links until they are revoked."""


def first_view(request: StartEnrollment | StartChallenge, run_id: str, started_at: datetime) -> FlowView:
    """Returns the status document at the start. ``run_id``: Temporal's id of the run."""
    token_ends_at = _token_end(request, started_at)
    enrolls, invited = isinstance(request, StartEnrollment), is_invited(request)
    return FlowView(
        run_id=run_id,
        kind=FlowKind.ENROLLMENT if enrolls else FlowKind.CHALLENGE,
        phase=Phase.SENDING_CODE if token_ends_at else Phase.WAITING_FOR_TOKEN,
        channel=request.channel,
        phone_number=masked(reveal(request.phone_number)) if isinstance(request, StartEnrollment) else "",
        token_expires_at=token_ends_at,
        flow_expires_at=started_at + timedelta(seconds=request.flow_seconds),
        resend_allowed_at=started_at,
        sends_left=request.policy.sends,
        tries_left=request.policy.wrong_codes,
        allowed_actions=_allowed(enrolls=enrolls, token=token_ends_at is not None, invited=invited),
        invitation=FIRST_INVITATION if invited else None,
        wait=None if token_ends_at else wait_of(no_token_reason(request), started_at),
    )


def is_invited(request: StartEnrollment | StartChallenge) -> bool:
    """Whether the user signs in by a link."""
    return isinstance(request, StartEnrollment) and request.invited


def no_token_reason(request: StartEnrollment | StartChallenge) -> WaitReason:
    """Returns why the flow has no token as long as none comes after its start."""
    if request.mfa_token:
        return WaitReason.TOKEN_EXPIRED
    return WaitReason.NOT_SIGNED_IN if is_invited(request) else WaitReason.TOKEN_NOT_GIVEN


def _token_end(request: StartEnrollment | StartChallenge, started_at: datetime) -> datetime | None:
    if request.mfa_token is None:
        return None
    ends_at = login_ends_at(request.mfa_token_issued_at, started_at)
    return ends_at if started_at < ends_at else None


def _allowed(*, enrolls: bool, token: bool, invited: bool) -> tuple[Action, ...]:
    recovery = () if enrolls or not token else (Action.SUBMIT_RECOVERY_CODE,)
    change = (Action.CHANGE_NUMBER,) if enrolls else ()
    revoke = (Action.REVOKE_INVITATION,) if invited else ()
    return (*recovery, *change, Action.RENEW_TOKEN, *revoke, Action.CANCEL)
