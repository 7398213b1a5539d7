"""Messages: what Auth0's answers to a send, and its lists of phones, mean for the flow."""

from typing import Final

from phone_mfa.contracts.calls import Refusal, SendAnswer

from .answers import PhonesListed, SendAnswered
from .endings import enrolled_unseen, fail, remark
from .phones import choose, matches, maybe_is_enrolled, phone_to_challenge
from .records import Credential, OpenCall, Purpose, Sent
from .send_refusals import refused
from .sends import ask_for_list, give_up, settle_listed
from .turn import Turn

LOST: Final = "Auth0's answer to a send was lost, so it was asked to send again."
LOST_TWICE: Final = "Auth0's answers to the last sends were lost. Ask for a resend when it is well again."
RECOVERY_CODE_LOST: Final = "A recovery code may be lost with an answer of Auth0's."


def on_send_answered(turn: Turn, call: OpenCall, event: SendAnswered) -> None:
    """Auth0's answer to an associate or a challenge."""
    answer = event.answer
    settle_listed(turn)
    if answer.refusal is None:
        _sent(turn, call.credential, answer)
    elif answer.refusal is Refusal.AMBIGUOUS:
        _lost(turn, call)
    else:
        refused(turn, call.credential, answer.refusal, answer.retry_after_seconds)


def _sent(turn: Turn, credential: Credential, answer: SendAnswer) -> None:
    state = turn.state
    _count(turn)
    if answer.oob_code is None or state.channel is None:
        fail(turn, "Defect", "Auth0 took the request but gave no oob code.")
        return
    turn.set(
        note="" if state.send_hold else state.note,
        lost_in_a_row=0,
        refusals=0,
        send_hold=None,
        check_hold=None,
        message=Sent(
            number=turn.state.sends,
            channel=state.channel,
            credential=credential,
            oob_code=answer.oob_code,
            sent_at=state.at,
        ),
        recovery_code=answer.recovery_code or state.recovery_code,
    )
    turn.keep(answer.sealed)
    turn.drop_wanted(turn.receipt())


def _count(turn: Turn) -> None:
    state = turn.state
    associated = state.associated + (1 if state.enrolling else 0)
    turn.set(sends=state.sends + 1, last_send_at=state.at, associated=associated)


def _lost(turn: Turn, call: OpenCall) -> None:
    """It may have been sent. Without its oob code its code is worth nothing, so exactly one further send is due."""
    _count(turn)
    state = turn.state
    turn.set(lost_in_a_row=state.lost_in_a_row + 1, lost_messages=(*state.lost_messages, state.sends))
    if call.purpose is Purpose.ASSOCIATE:  # only the list tells whether it was done
        ask_for_list(turn, Purpose.LIST_AFTER_LOST_SEND, call.credential)
    else:
        _send_once_more(turn)


def _send_once_more(turn: Turn) -> None:
    if turn.state.lost_in_a_row == 1 and turn.state.sends_left:
        turn.set(note=LOST)
        return
    turn.set(note=LOST_TWICE, lost_in_a_row=0)
    give_up(turn, LOST_TWICE)


def on_listed_to_challenge(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """Choose the phone to challenge."""
    answer, state = event.answer, turn.state
    if answer.refusal:
        refused(turn, call.credential, _of_list(answer.refusal), answer.retry_after_seconds)
        return
    phone = phone_to_challenge(state, answer.phones)
    if phone:
        turn.set(listed=phone, channel=phone.channel if state.channel else None)
        return
    has_other = choose(state, answer.phones, None) is not None
    refusal = Refusal.CHANNEL_DISABLED if has_other else Refusal.NOT_ENROLLED
    refused(turn, call.credential, refusal, None)


def on_listed_after_lost_send(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """A phone that is listed was associated, and its recovery code is lost if it had one."""
    number = turn.state.new_number
    listed = number is not None and any(matches(number, phone) for phone in event.answer.phones)
    if listed and not (turn.state.recovery_code or turn.state.sealed):
        remark(turn, RECOVERY_CODE_LOST)
    _send_once_more(turn)


def on_listed_in_doubt(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """The user has a factor: this phone, confirmed unseen, or another that was there all along."""
    answer = event.answer
    if answer.refusal:
        refused(turn, call.credential, _of_list(answer.refusal), answer.retry_after_seconds)
    elif maybe_is_enrolled(turn.state, answer.phones):
        enrolled_unseen(turn)
    else:
        turn.set(maybe_enrolled=None)


def _of_list(refusal: Refusal) -> Refusal:
    """A list whose answer was lost changed nothing."""
    return Refusal.NOT_REACHED if refusal is Refusal.AMBIGUOUS else refusal
