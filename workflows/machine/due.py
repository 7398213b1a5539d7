"""What comes next, and when: the one place that knows precedence.

Each rule says what it would do and from when on. The first rule whose time has come is done next. When none has, the
earliest time of all is when to wake, and the first rule that waits for something names the phase and the reason.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from phone_mfa.contracts import Phase, WaitReason, is_access_token

from .records import Hold
from .state import State
from .steps import Due, Step
from .verdicts import checked_next, judged_next
from .voice_call import call_at

Rule = Callable[[State], Due | None]


def due(state: State) -> tuple[Due, ...]:
    """All that may come next, the most important first. Nothing is begun while a call is open."""
    if state.call or state.finished:
        return ()
    rules = AFTERWARDS if state.over else RUNNING
    return tuple(found for rule in rules if (found := rule(state)))


def next_step(state: State) -> Step | None:
    """What is to be done now."""
    return next((each.step for each in due(state) if each.at <= state.at), None)


def wake_at(state: State) -> datetime | None:
    """When something is due if nothing else happens."""
    return min((each.at for each in due(state)), default=None)


def _cancel(state: State) -> Due | None:
    return Due(Step.CANCEL, state.at) if state.cancelled else None


def _expire(state: State) -> Due | None:
    return Due(Step.EXPIRE, state.deadline)


def _check(state: State) -> Due | None:
    """A code goes before a new message, which would make it worthless."""
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
    """Not before a code that Auth0 puts off: the message would make it worthless."""
    if state.wanted is None or state.usable_credential is None:
        return None
    send, check = _held(Step.SEND, state, state.send_hold, Phase.SENDING_CODE), _check(state)
    return replace(check, step=Step.SEND) if check and check.at > send.at else send


def _judge(state: State) -> Due | None:
    """After a send: a code may have come before the message it is for was sent."""
    if judged_next(state) is None:
        return None
    return Due(Step.JUDGE, state.at, Phase.CHECKING_CODE)


def _lock(state: State) -> Due | None:
    return Due(Step.LOCK, state.at) if state.out_of_means else None


def _call_phone(state: State) -> Due | None:
    at = call_at(state)
    return Due(Step.CALL_PHONE, at) if at else None


def _hold_ends(state: State) -> Due | None:
    hold = state.send_hold
    if hold is None or hold.until <= state.at:
        return None
    return Due(Step.WAIT, hold.until, Phase.COOLING_DOWN, hold.reason)


def _token_missing(state: State) -> Due | None:
    """Only a token helps, and the flow's deadline ends the wait."""
    if state.usable_credential:
        return None
    return Due(Step.WAIT, state.deadline, Phase.WAITING_FOR_TOKEN, state.token_reason)


def _token_ends(state: State) -> Due | None:
    credential = state.usable_credential
    if credential is None:
        return None
    reason = WaitReason.SENDS_LOST if state.newest_lost else WaitReason.CODE_ENDED
    return Due(Step.WAIT, credential.expires_at, Phase.WAITING_FOR_CODE, reason)


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
)
"""While there is no outcome."""

ENDINGS: Final = frozenset({Step.CANCEL, Step.EXPIRE})
"""Steps that go before messages that waited for an answer: whoever asks after the end is told so."""

AFTERWARDS: Final[tuple[Rule, ...]] = (_remove, _end)
"""Once there is one."""


def _held(step: Step, state: State, hold: Hold | None, active: Phase) -> Due:
    if hold is None or hold.until <= state.at:
        return Due(step, state.at, active, WaitReason.AUTH0_ANSWER)
    return Due(step, hold.until, Phase.COOLING_DOWN, hold.reason)
