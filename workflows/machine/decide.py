"""Transition function of a flow: maps a state and an event to the next state and commands. Pure and total.

Before an event, every step due by then is done, as if the flow had been woken for each. So it does not matter which
timers fired, or when a worker noticed. A message that arrives while a call to Auth0 is open waits for the answer.
"""

from datetime import datetime
from typing import Final

from phone_mfa.contracts import Phase, Withheld
from phone_mfa.contracts.wait_reasons import WORDS

from .answer_table import ANSWERED
from .answers import AnyEvent
from .commands import Command, Reply, ReplyAnswer
from .due import ENDINGS, due, next_step
from .events import Asked, Event, MalformedCode, Message, SendAsked, Woken
from .phases import phase, waiting_for
from .records import OpenCall
from .requests import take
from .state import State
from .step_table import STEPS
from .turn import SPENT, Turn

LOGIN_MISSING: Final = "A fresh mfa_token is needed before the message can be sent."
AUTH0_ASKS_TO_WAIT: Final = "Auth0 asks to wait; the message is sent then."


def decide(state: State, event: AnyEvent) -> tuple[State, tuple[Command, ...]]:
    """Return the next state and the commands in order."""
    turn = Turn(state)
    _catch_up(turn, event.at)
    _happen(turn, event)
    _catch_up(turn, event.at)
    _rest(turn)
    return turn.state, tuple(turn.commands)


def answer_without_change(state: State, asked: Message) -> ReplyAnswer | None:
    """Return the answer to a message that changes no more than the passage of time does; None if it changes more."""
    untouched, _ = decide(state, Woken(at=asked.at))
    touched, commands = decide(state, asked)
    if touched != untouched:
        return None
    return next((each.answer for each in commands if isinstance(each, Reply) and each.request == asked.request), None)


def _catch_up(turn: Turn, until: datetime) -> None:
    """Do the steps that are due, in time order."""
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
    """Advance the clock. The wait is recorded first, so that it starts at the same time whatever wakes the flow."""
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
    elif isinstance(event, MalformedCode):
        _note_malformed_code(turn)
    elif turn.state.call:
        _answered(turn, turn.state.call, event)


def _note_malformed_code(turn: Turn) -> None:
    """Record the first malformed code since the last verdict or message: more of them change nothing in the view."""
    if turn.state.malformed_code_at is None and not turn.state.over:
        turn.set(malformed_code_at=turn.state.at)


def _joins(state: State, asked: Asked) -> bool:
    """Whether the requested message is already on its way."""
    same = isinstance(asked, SendAsked) and asked.channel in (None, state.next_channel)
    return same and state.wanted is not None and state.sends_left > 0 and phase(state) is Phase.SENDING_CODE


def _answered(turn: Turn, call: OpenCall, event: Event) -> None:
    """Handle an answer to the open call, then the messages that waited for it. Answers to other calls are ignored."""
    answered = ANSWERED.get((call.purpose, type(event)))
    if answered is None:
        return
    line = turn.state.line
    turn.set(call=None, line=())
    answered(turn, call, event)
    for asked in line:
        _end_if_due(turn)
        _happen(turn, asked)


def _end_if_due(turn: Turn) -> None:
    step = next_step(turn.state)
    if step in ENDINGS:
        STEPS[step](turn)


def _why_later(state: State) -> str:
    hold = state.send_hold
    ours = hold is not None and hold.reason in SPENT.values()
    return f"{WORDS[hold.reason].why} The message is sent later." if hold and ours else AUTH0_ASKS_TO_WAIT


def _rest(turn: Turn) -> None:
    """Answer callers whose request cannot proceed now, and record the wait."""
    state = turn.state
    if state.wanted and state.wanted.callers and state.call is None:
        reason = _why_later(state) if state.usable_credential else LOGIN_MISSING
        turn.answer_wanted(turn.receipt(Withheld.LATER, reason))
    turn.commands += [Reply(request, phase(turn.state)) for request in turn.phase_callers]
    _note_wait(turn)
