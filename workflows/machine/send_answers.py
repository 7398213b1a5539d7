"""Handles Auth0's answers to sends."""

from typing import Final

from phone_mfa.contracts.calls import Refusal, SendAnswer

from .answers import SendAnswered
from .endings import fail
from .records import Credential, OpenCall, Purpose, SentMessage
from .send_refusals import refused
from .sends import ask_for_list, give_up, record_challenged_phone
from .turn import Turn

LOST: Final = "Auth0's answer to a send was lost, so the message is sent once more."
LOST_TWICE: Final = "Auth0's answers to the last sends were lost. Request a resend when Auth0 is available again."


def on_send_answered(turn: Turn, call: OpenCall, event: SendAnswered) -> None:
    """Handle Auth0's answer to an associate or a challenge."""
    answer = event.answer
    record_challenged_phone(turn)
    turn.note_user_budget(answer)
    if answer.refusal is None:
        _sent(turn, call.credential, answer)
    elif answer.refusal is Refusal.AMBIGUOUS:
        _lost(turn, call)
    else:
        turn.may_list = event.may_list
        refused(turn, call.credential, answer.refusal, answer)


def _sent(turn: Turn, credential: Credential, answer: SendAnswer) -> None:
    state = turn.state
    _count(turn)
    if answer.oob_code is None or state.channel is None:
        fail(turn, "Defect", "Auth0 accepted the request but returned no oob code.")
        return
    turn.set(
        note="" if state.send_hold else state.note,
        lost_in_a_row=0,
        refusals=0,
        send_hold=None,
        check_hold=None,
        malformed_code_at=None,
        message=SentMessage(
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
    """Handle a lost answer: the message may be out, but is useless without its oob code. Send exactly once more."""
    _count(turn)
    state = turn.state
    turn.set(lost_in_a_row=state.lost_in_a_row + 1, lost_messages=(*state.lost_messages, state.sends))
    if call.purpose is Purpose.ASSOCIATE:  # only the list shows whether it was carried out
        ask_for_list(turn, Purpose.LIST_AFTER_LOST_SEND, call.credential)
    else:
        send_once_more(turn)


def send_once_more(turn: Turn) -> None:
    """Send again after a lost answer: automatically once, after that only on request."""
    if turn.state.lost_in_a_row == 1 and turn.state.sends_left:
        turn.set(note=LOST)
        return
    turn.set(note=LOST_TWICE, lost_in_a_row=0)
    give_up(turn, LOST_TWICE)
