"""What comes next, and when: the one place that knows precedence.

Each rule says what it would do and from when on. The first rule whose time has come is done next. When none has, the
earliest time of all is when to wake, and the first rule that waits for something names the phase and the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from phone_mfa.contracts import CodeVerdict, FlowKind, Phase, Verdict, WaitReason, is_access_token

from .state import Hold, Purpose, State, Submission


class Step(StrEnum):
    """What the machine can do of itself."""

    CANCEL = "cancel"
    EXPIRE = "expire"
    CHECK = "check"
    SEND = "send"
    JUDGE = "judge"
    LOCK = "lock"
    CALL_PHONE = "call_phone"
    WAIT = "wait"  # nothing is done: only time passes
    REMOVE = "remove"
    END = "end"


@dataclass(frozen=True)
class Due:
    """A step, and from when on. ``phase`` and ``reason``: what the flow waits for until then."""

    step: Step
    at: datetime
    phase: Phase | None = None
    reason: WaitReason | None = None


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


def verdict_without_asking(state: State, submission: Submission) -> CodeVerdict | None:
    """The verdict that needs no call to Auth0. Each call costs the user one of few tries."""
    if submission.unsettled:
        return None
    if submission.message is None:
        return None if state.usable_credential else _verdict(state, Verdict.EXPIRED, "Log in again first.")
    if submission.message in state.lost_messages:
        return _verdict(state, Verdict.SUPERSEDED, LOST_MESSAGE)
    return _verdict_of_message(state, submission.message)


def judged_next(state: State) -> tuple[Submission, CodeVerdict] | None:
    """The first code whose verdict needs no call, though one before it may wait for Auth0."""
    verdicts = ((each, verdict_without_asking(state, each)) for each in state.submissions if each.verdict is None)
    return next(((each, verdict) for each, verdict in verdicts if verdict), None)


LOST_MESSAGE: Final = "That code belongs to a message whose answer from Auth0 was lost. Ask for a new code."


def _verdict_of_message(state: State, number: int) -> CodeVerdict | None:
    message = state.message
    if message is None:
        return _verdict(state, Verdict.EXPIRED, "No code is out.")
    if number < message.number:
        return _verdict(state, Verdict.SUPERSEDED, "A newer code was sent.")
    if message.closed:
        return message.closed
    return None if state.live_message else _verdict(state, Verdict.EXPIRED, "The code has expired.")


def _verdict(state: State, verdict: Verdict, reason: str) -> CodeVerdict:
    return CodeVerdict(verdict=verdict, tries_left=state.tries_left, reason=reason)


def _cancel(state: State) -> Due | None:
    return Due(Step.CANCEL, state.at) if state.cancelled else None


def _expire(state: State) -> Due | None:
    return Due(Step.EXPIRE, state.deadline)


def _check(state: State) -> Due | None:
    """A code goes before a new message, which would make it worthless."""
    if state.waiting is None or verdict_without_asking(state, state.waiting):
        return None
    return _held(Step.CHECK, state, state.check_hold, Phase.CHECKING_CODE)


def _code_ends(state: State) -> Due | None:
    message = state.live_message
    if message is None:
        return None
    return Due(Step.WAIT, message.expires_at, Phase.WAITING_FOR_CODE, WaitReason.CODE_NOT_TYPED)


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
    return Due(Step.CALL_PHONE, state.call_at) if state.call_at else None


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
    lost = state.newest_number in state.lost_messages
    reason = WaitReason.SENDS_LOST if lost else WaitReason.CODE_ENDED
    return Due(Step.WAIT, credential.expires_at, Phase.WAITING_FOR_CODE, reason)


def _resend_allowed(state: State) -> Due | None:
    """For those who look: the view says what may be asked for."""
    allowed_at = state.resend_allowed_at
    return Due(Step.WAIT, allowed_at) if allowed_at and allowed_at > state.at else None


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
    _resend_allowed,
)
"""While there is no outcome."""

AFTERWARDS: Final[tuple[Rule, ...]] = (_remove, _end)
"""Once there is one."""


def _held(step: Step, state: State, hold: Hold | None, active: Phase) -> Due:
    if hold is None or hold.until <= state.at:
        return Due(step, state.at, active, WaitReason.AUTH0_ANSWER)
    return Due(step, hold.until, Phase.COOLING_DOWN, hold.reason)


PHASES: Final = {
    Purpose.ASSOCIATE: Phase.SENDING_CODE,
    Purpose.CHALLENGE: Phase.SENDING_CODE,
    Purpose.LIST_TO_CHALLENGE: Phase.SENDING_CODE,
    Purpose.LIST_AFTER_LOST_SEND: Phase.SENDING_CODE,
    Purpose.LIST_IN_DOUBT: Phase.SENDING_CODE,
    Purpose.CHECK: Phase.CHECKING_CODE,
    Purpose.CHECK_RECOVERY: Phase.CHECKING_CODE,
    Purpose.LIST_AFTER_LOST_CHECK: Phase.CHECKING_CODE,
    Purpose.REMOVE: Phase.DONE,
}
"""The phase while a call is open."""


def waiting_for(state: State) -> Due | None:
    """What the flow waits for. None when it is over."""
    if state.over:
        return None
    if state.call:
        return Due(Step.WAIT, state.deadline, PHASES[state.call.purpose], WaitReason.AUTH0_ANSWER)
    return next((each for each in due(state) if each.phase), None)


def phase(state: State) -> Phase:
    """The phase the flow is in."""
    if state.failure:
        return Phase.FAILED
    waits = waiting_for(state)
    return waits.phase if waits and waits.phase else Phase.DONE


def takes_recovery_code(state: State) -> bool:
    """Whether a recovery code can be checked now."""
    return state.kind is FlowKind.CHALLENGE and state.usable_credential is not None and not state.over
