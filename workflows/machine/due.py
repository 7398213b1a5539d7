"""Rules for what is due next, and when. The only place that defines precedence.

Each rule returns a step and the time from which it is due. The first rule that is due determines the next step. If none
is, the flow wakes at the earliest of their times, and the first rule with a phase gives the phase and the wait reason.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from phone_mfa.contracts import Channel, Phase, WaitReason, is_access_token

from .records import Hold, SentMessage
from .state import State
from .steps import Due, Step
from .times import resend_wait
from .verdicts import checked_next, judged_next

Rule = Callable[[State], Due | None]


def due(state: State) -> tuple[Due, ...]:
    """Return everything that may come next, in order of precedence. Nothing starts while a call is open."""
    if state.call or state.finished:
        return ()
    rules = AFTERWARDS if state.over else RUNNING
    return tuple(found for rule in rules if (found := rule(state)))


def next_step(state: State) -> Step | None:
    """Return the step to do now."""
    return next((each.step for each in due(state) if each.at <= state.at), None)


def wake_at(state: State) -> datetime | None:
    """Return when the next step is due if nothing else happens."""
    return min((each.at for each in due(state)), default=None)


def _cancel(state: State) -> Due | None:
    return Due(Step.CANCEL, state.at) if state.cancelled else None


def _expire(state: State) -> Due | None:
    return Due(Step.EXPIRE, state.deadline)


def _check(state: State) -> Due | None:
    """Check a waiting code. This precedes a new message, which would invalidate the code."""
    if checked_next(state) is None:
        return None
    return _held(Step.CHECK, state, state.check_hold, Phase.CHECKING_CODE)


def _code_ends(state: State) -> Due | None:
    message = state.live_message
    if message is None:
        return None
    reason = WaitReason.SENDS_LOST if state.newest_lost and state.sends_left else WaitReason.CODE_NOT_TYPED
    return Due(Step.WAIT, message.expires_at, Phase.WAITING_FOR_CODE, reason)


def _send(state: State) -> Due | None:
    """Send a message, but not before a code whose check is held: the message would invalidate the code."""
    if state.wanted is None or state.usable_credential is None:
        return None
    send, check = _held(Step.SEND, state, state.send_hold, Phase.SENDING_CODE), _check(state)
    return replace(check, step=Step.SEND) if check and check.at > send.at else send


def _judge(state: State) -> Due | None:
    """Give a verdict that needs no call. Comes after sends: a code may arrive before its message is sent."""
    if judged_next(state) is None:
        return None
    return Due(Step.JUDGE, state.at, Phase.CHECKING_CODE)


def _lock(state: State) -> Due | None:
    return Due(Step.LOCK, state.at) if state.cannot_succeed else None


def call_at(state: State) -> datetime | None:
    """Return when to call the phone if no code is entered after an SMS, by the caller's policy; None if never."""
    seconds, message = state.policy.voice_after_seconds, state.message
    if seconds is None or message is None or not _may_call(state, message):
        return None
    return message.sent_at + max(timedelta(seconds=seconds), resend_wait(state.policy, state.sends))


def _may_call(state: State, message: SentMessage) -> bool:
    if message.channel is not Channel.SMS or message.closed or state.called_by_itself:
        return False
    return bool(state.sends_left) and not state.wanted and not state.waiting


def _call_phone(state: State) -> Due | None:
    at = call_at(state)
    return Due(Step.CALL_PHONE, at) if at else None


def _hold_ends(state: State) -> Due | None:
    hold = state.send_hold
    if hold is None or hold.until <= state.at:
        return None
    return Due(Step.WAIT, hold.until, Phase.COOLING_DOWN, hold.reason)


def _token_missing(state: State) -> Due | None:
    """Wait for a token, up to the flow's deadline."""
    if state.usable_credential:
        return None
    return Due(Step.WAIT, state.deadline, Phase.WAITING_FOR_TOKEN, state.token_reason)


def _token_ends(state: State) -> Due | None:
    credential = state.usable_credential
    if credential is None:
        return None
    reason = WaitReason.SENDS_LOST if state.newest_lost else WaitReason.CODE_ENDED
    return Due(Step.WAIT, credential.expires_at, Phase.WAITING_FOR_CODE, reason)


def _user_sends_refill(state: State) -> Due | None:
    """Wake when the user may have more messages again, if the view shows that there are fewer than the flow has."""
    known = state.known_user_sends
    return Due(Step.WAIT, known.resets_at) if known and known.left < state.sends_left else None


def _remove(state: State) -> Due | None:
    credential = state.usable_credential
    if not state.to_remove or credential is None or not is_access_token(credential.token):
        return None
    return Due(Step.REMOVE, state.at)


def _end(state: State) -> Due | None:
    return Due(Step.END, state.at)


RUNNING: Final[tuple[Rule, ...]] = (
    _cancel,
    _expire,
    _check,
    _code_ends,
    _send,
    _judge,
    _lock,
    _call_phone,
    _hold_ends,
    _token_missing,
    _token_ends,
    _user_sends_refill,
)
"""Rules while the flow is running, in order of precedence."""

ENDINGS: Final = frozenset({Step.CANCEL, Step.EXPIRE})
"""Steps that precede messages that waited for an answer: a message after the end is answered accordingly."""

AFTERWARDS: Final[tuple[Rule, ...]] = (_remove, _end)
"""Rules once the flow is over."""


def _held(step: Step, state: State, hold: Hold | None, active: Phase) -> Due:
    if hold is None or hold.until <= state.at:
        return Due(step, state.at, active, WaitReason.AUTH0_ANSWER)
    return Due(step, hold.until, Phase.COOLING_DOWN, hold.reason)
