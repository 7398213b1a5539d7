"""What a flow does: from the state and an event to the next state and what is to be done. Pure, and total.

Before an event, all that was due until then is done, as if the flow had been woken for each. So it does not matter
which timers fired, or when a worker saw them. A message that comes while a call to Auth0 is open waits for its answer.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from phone_mfa.contracts import Outcome, Phase, Withheld
from phone_mfa.contracts.calls import RemovalAnswer

from . import check_answers, checks, lost_checks, send_answers, sends
from .answers import AnyEvent, CallFailed, CheckAnswered, PhonesListed, RemovalAnswered, SendAnswered
from .commands import Command, Publish, Reply
from .due import due, next_step
from .endings import fail, finish, left_behind
from .events import Asked, Event, SendAsked
from .phases import is_shown, phase, waiting_for
from .records import OpenCall, Purpose
from .requests import take
from .state import State
from .steps import Step
from .turn import Turn
from .view import view_of

LOGIN_HAS_RUN_OUT: Final = "The login has run out: a fresh mfa_token is needed first, then the message is sent."
AUTH0_ASKS_TO_WAIT: Final = "Auth0 asks to wait; the message is sent then."


def decide(state: State, event: AnyEvent) -> tuple[State, tuple[Command, ...]]:
    """The next state, and what is to be done, in this order."""
    turn = Turn(state)
    _catch_up(turn, event.at)
    _happen(turn, event)
    _catch_up(turn, event.at)
    _rest(turn)
    if is_shown(turn.state) and view_of(turn.state) != view_of(state):
        turn.commands.append(Publish())
    return turn.state, tuple(turn.commands)


def _catch_up(turn: Turn, until: datetime) -> None:
    """Do what is due, in the order of time."""
    while turn.state.call is None and not turn.state.finished:
        if step := next_step(turn.state):
            STEPS[step](turn)
            continue
        at = min(each.at for each in due(turn.state))
        if at > until:
            break
        _move_clock(turn, at)
    _move_clock(turn, until)


def _move_clock(turn: Turn, at: datetime) -> None:
    """What the flow waits for is noted before: so it waits since the same time, whatever wakes it."""
    if at > turn.state.at:
        _note_wait(turn)
        turn.set(at=at)


def _note_wait(turn: Turn) -> None:
    waits = waiting_for(turn.state)
    reason_now = waits.reason if waits else None
    if reason_now is not turn.state.wait_reason:
        turn.set(wait_reason=reason_now, waits_since=turn.state.at)


def _happen(turn: Turn, event: Event) -> None:
    if isinstance(event, Asked):
        if turn.state.call is None:
            take(turn, event)
        elif _joins(turn.state, event):
            turn.want_message(event.request)
        else:
            turn.set(line=(*turn.state.line, event))
    elif turn.state.call:
        _answered(turn, turn.state.call, event)


def _joins(state: State, asked: Asked) -> bool:
    """Whether the message that is asked for is on its way already."""
    same = isinstance(asked, SendAsked) and asked.channel in (None, state.channel)
    return same and state.wanted is not None and state.sends_left > 0 and phase(state) is Phase.SENDING_CODE


def _answered(turn: Turn, call: OpenCall, event: Event) -> None:
    """An answer to another call than the open one is none."""
    answered = ANSWERED.get((call.purpose, type(event)))
    if answered is None and not isinstance(event, CallFailed):
        return
    line = turn.state.line
    turn.set(call=None, line=())
    if answered:
        answered(turn, call, event)
    else:
        _call_failed(turn, call, event)
    for asked in line:
        _happen(turn, asked)


def _call_failed(turn: Turn, call: OpenCall, event: Event) -> None:
    if isinstance(event, CallFailed) and call.purpose is not Purpose.REMOVE:
        if event.perhaps_done and call.purpose is Purpose.ASSOCIATE:
            turn.set(associated=turn.state.associated + 1)
        fail(turn, event.type, event.sentence)
    else:
        turn.set(to_remove=turn.state.to_remove[1:])
        left_behind(turn)


def _rest(turn: Turn) -> None:
    """Nothing more is done now: say so to those who wait for it."""
    state = turn.state
    if state.wanted and state.wanted.callers and state.call is None:
        reason = AUTH0_ASKS_TO_WAIT if state.usable_credential else LOGIN_HAS_RUN_OUT
        turn.answer_wanted(turn.receipt(Withheld.LATER, reason))
    turn.commands += [Reply(request, phase(turn.state)) for request in turn.phase_callers]
    _note_wait(turn)


# Steps


def _cancel(turn: Turn) -> None:
    finish(turn, Outcome.CANCELLED, turn.state.note)


def _expire(turn: Turn) -> None:
    finish(turn, Outcome.EXPIRED, "The flow's time is over.")


def _lock(turn: Turn) -> None:
    finish(turn, Outcome.LOCKED_OUT, "All messages of this flow were used and the last code has ended.")


def _remove(turn: Turn) -> None:
    credential = turn.state.usable_credential
    if credential:
        sends.remove(turn, credential, turn.state.to_remove[0])


def _end(turn: Turn) -> None:
    if turn.state.to_remove:  # the token that could remove them has run out
        turn.set(to_remove=())
        left_behind(turn)
    turn.set(finished=True)


def _wait(turn: Turn) -> None:
    """Only the clock moved."""


STEPS: Final[dict[Step, Callable[[Turn], None]]] = {
    Step.CANCEL: _cancel,
    Step.EXPIRE: _expire,
    Step.CHECK: checks.check,
    Step.SEND: sends.send,
    Step.JUDGE: checks.judge,
    Step.LOCK: _lock,
    Step.CALL_PHONE: sends.call_phone,
    Step.WAIT: _wait,
    Step.REMOVE: _remove,
    Step.END: _end,
}
"""Total over the steps: a test holds it so."""


def _removed(turn: Turn, call: OpenCall, event: Event) -> None:
    turn.set(to_remove=turn.state.to_remove[1:])
    answer = event.answer if isinstance(event, RemovalAnswered) else RemovalAnswer()
    if answer.refusal:
        left_behind(turn)


ANSWERED: Final[dict[tuple[Purpose, type[Event]], Callable[..., None]]] = {
    (Purpose.ASSOCIATE, SendAnswered): send_answers.on_send_answered,
    (Purpose.CHALLENGE, SendAnswered): send_answers.on_send_answered,
    (Purpose.LIST_TO_CHALLENGE, PhonesListed): send_answers.on_listed_to_challenge,
    (Purpose.LIST_AFTER_LOST_SEND, PhonesListed): send_answers.on_listed_after_lost_send,
    (Purpose.LIST_IN_DOUBT, PhonesListed): lost_checks.on_listed_in_doubt,
    (Purpose.CHECK, CheckAnswered): check_answers.on_check_answered,
    (Purpose.CHECK_RECOVERY, CheckAnswered): check_answers.on_check_answered,
    (Purpose.LIST_AFTER_LOST_CHECK, PhonesListed): lost_checks.on_listed_after_lost_check,
    (Purpose.REMOVE, RemovalAnswered): _removed,
}
"""What each answer means, by what was asked. Total over the purposes: a test holds it so."""
