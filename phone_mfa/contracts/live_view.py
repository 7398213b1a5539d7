"""View of a flow at the moment it is read.

A flow publishes its view when it becomes idle. Changes caused by time alone, or by a pending call to Auth0, are derived
from that view, the time and the pending call; where they cannot be derived, the flow publishes again.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from . import activity_names
from .status import Action, FlowKind, FlowView, Phase, WaitReason
from .wait_reasons import wait_of

PHASES: Final = {
    activity_names.ASSOCIATE_PHONE: Phase.SENDING_CODE,
    activity_names.CHALLENGE_PHONE: Phase.SENDING_CODE,
    activity_names.CHECK_BINDING_CODE: Phase.CHECKING_CODE,
    activity_names.CHECK_RECOVERY_CODE: Phase.CHECKING_CODE,
}
"""The phase while a call is pending. Phones are listed before a send, or during a phase that was published."""

_SENDS: Final = frozenset({Action.RESEND, Action.SWITCH_CHANNEL})
_CODES: Final = {
    FlowKind.ENROLLMENT: (Action.SUBMIT_CODE,),
    FlowKind.CHALLENGE: (Action.SUBMIT_CODE, Action.SUBMIT_RECOVERY_CODE),
}
"""What can be submitted while a message is being sent. There is a token, or Auth0 would not be called."""


def as_of(view: FlowView, at: datetime) -> FlowView:
    """Returns the view at a later time: allows a resend once it is due, while the token is valid."""
    possible_at, ends_at = resend_possible_at(view), view.token_expires_at
    sends = possible_at is not None and ends_at is not None and possible_at <= at < ends_at
    return _allowing(view, {*view.allowed_actions, *_SENDS}) if sends else view


def resend_possible_at(view: FlowView) -> datetime | None:
    """Returns when a resend becomes allowed if nothing else happens; None if it already is, or never will be."""
    waits = view.phase is Phase.WAITING_FOR_CODE and view.token_expires_at is not None
    return view.resend_allowed_at if waits and Action.RESEND not in view.allowed_actions else None


def during_call(view: FlowView, activity: str, since: datetime) -> FlowView:
    """Returns the view while a call is pending. A removal changes nothing: the flow is over."""
    phase = PHASES.get(activity)
    if activity == activity_names.LIST_PHONES:
        phase = view.phase if view.phase in PHASES.values() else Phase.SENDING_CODE
    return _asking(view, phase, since) if phase else view


def _asking(view: FlowView, phase: Phase, since: datetime) -> FlowView:
    sends = _CODES[view.kind] if phase is Phase.SENDING_CODE else ()
    actions = {*view.allowed_actions, *sends} - _SENDS
    wait = wait_of(WaitReason.AUTH0_ANSWER, since)
    return _allowing(view.model_copy(update={"phase": phase, "wait": wait, "retry_at": None}), actions)


def _allowing(view: FlowView, actions: Iterable[Action]) -> FlowView:
    allowed = frozenset(actions)
    return view.model_copy(update={"allowed_actions": tuple(action for action in Action if action in allowed)})
