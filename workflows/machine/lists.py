"""Handles Auth0's lists of phones, by the purpose they were requested for."""

from typing import Final

from phone_mfa.contracts import Outcome
from phone_mfa.contracts.calls import Refusal

from .answers import CallFailed, PhonesListed
from .endings import finish, finish_enrolled_after_lost_answer, remark
from .phones import choose, matches, may_be_enrolled, phone_to_challenge
from .records import OpenCall
from .send_answers import send_once_more
from .send_refusals import refused
from .turn import Turn

RECOVERY_CODE_LOST: Final = "A recovery code may have been lost with an answer from Auth0."


def on_listed_to_challenge(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """Choose the phone to challenge from the list."""
    answer, state = event.answer, turn.state
    if answer.refusal:
        refused(turn, call.credential, _of_list(answer.refusal), answer)
        return
    phone = phone_to_challenge(state, answer.phones)
    if phone:
        turn.set(listed=phone, channel=phone.channel if state.channel else None)
        return
    has_other = choose(state, answer.phones, None) is not None
    refusal = Refusal.CHANNEL_DISABLED if has_other else Refusal.NOT_ENROLLED
    refused(turn, call.credential, refusal, answer)


def on_listed_after_lost_send(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """Send once more. If the phone is listed, it was associated, and a recovery code may be lost."""
    number = turn.state.new_number
    listed = number is not None and any(matches(number, phone) for phone in event.answer.phones)
    if listed and not (turn.state.recovery_code or turn.state.sealed):
        remark(turn, RECOVERY_CODE_LOST)
    send_once_more(turn)


def on_listed_in_doubt(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """Resolve "already enrolled": this phone, whose confirmation was lost, or a factor the user had before."""
    answer = event.answer
    if answer.refusal:
        refused(turn, call.credential, _of_list(answer.refusal), answer)
    elif may_be_enrolled(turn.state, answer.phones):
        finish_enrolled_after_lost_answer(turn)
    else:
        turn.set(maybe_enrolled=None)


def on_listed_before_enrolling(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """Enroll the phone of an invited user, unless the user has one."""
    answer = event.answer
    if answer.refusal:
        refused(turn, call.credential, _of_list(answer.refusal), answer)
    elif choose(turn.state, answer.phones, None):
        on_enrolled_listed(turn, call, event)
    else:
        turn.set(phones_known=True)


def on_enrolled_listed(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """End as already enrolled, with the phone the user has, if the list tells it."""
    enrolled = choose(turn.state, event.answer.phones, None)
    turn.set(enrolled_phone=enrolled.name if enrolled else "")
    finish(turn, Outcome.ALREADY_ENROLLED)


def on_enrolled_not_listed(turn: Turn, call: OpenCall, event: CallFailed) -> None:
    """End as already enrolled: the list would only have told more about it."""
    finish(turn, Outcome.ALREADY_ENROLLED)


def _of_list(refusal: Refusal) -> Refusal:
    """Map a lost answer to "not reached": listing has no side effects."""
    return Refusal.NOT_REACHED if refusal is Refusal.AMBIGUOUS else refusal
