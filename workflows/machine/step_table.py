"""Table of the functions that carry out each step."""

from collections.abc import Callable
from typing import Final

from phone_mfa.contracts import Outcome

from . import binding_codes, sends
from .endings import finish, warn_abandoned
from .steps import Step
from .turn import Turn


def _cancel(turn: Turn) -> None:
    finish(turn, Outcome.SUPERSEDED if turn.state.superseded else Outcome.CANCELLED, turn.state.note)


def _expire(turn: Turn) -> None:
    finish(turn, Outcome.EXPIRED, "The flow's deadline has passed.")


def _lock(turn: Turn) -> None:
    finish(turn, Outcome.LOCKED_OUT, "No message is left in this flow, and the last code has expired.")


def _remove(turn: Turn) -> None:
    credential = turn.state.usable_credential
    if credential:
        sends.remove(turn, credential, turn.state.to_remove[0])


def _end(turn: Turn) -> None:
    if turn.state.to_remove:  # the token that could remove them has expired
        turn.set(to_remove=())
        warn_abandoned(turn)
    turn.set(finished=True)


def _wait(turn: Turn) -> None:
    """Do nothing: only the clock advances."""


STEPS: Final[dict[Step, Callable[[Turn], None]]] = {
    Step.CANCEL: _cancel,
    Step.EXPIRE: _expire,
    Step.CHECK: binding_codes.check_code,
    Step.SEND: sends.send,
    Step.JUDGE: binding_codes.judge,
    Step.LOCK: _lock,
    Step.CALL_PHONE: sends.call_phone,
    Step.WAIT: _wait,
    Step.REMOVE: _remove,
    Step.END: _end,
}
"""Covers every step; a test checks this."""
