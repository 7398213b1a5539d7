"""Handles refused sends, by Auth0's reason."""

from collections.abc import Callable
from typing import Final

from phone_mfa.contracts import Budget, FlowKind, Outcome, Verdict, WaitReason, WhenEnrolled
from phone_mfa.contracts.calls import Answer, Refusal

from .endings import fail, finish, finish_blocked
from .records import Credential, Hold, Purpose
from .sends import ask_for_list, give_up
from .times import SEND_PAUSE, pause
from .turn import TOKEN_UNUSABLE, Turn

NUMBER_NOT_ALLOWED: Final = "No messages are sent to this country, or to this kind of number."
NO_PHONE: Final = "The user has no active phone that matches the request."


def refused(turn: Turn, credential: Credential, refusal: Refusal, answer: Answer) -> None:
    """Handle a refusal to send. ``refusal``: what the answer's refusal means here."""
    if refusal in _NOT_NOW:
        turn.set(send_hold=turn.hold(refusal, answer.retry_after_seconds))
    elif refusal in _AUTH0_BUDGETS:
        until = turn.state.at + pause(answer.retry_after_seconds, SEND_PAUSE)
        turn.set(send_hold=Hold(until=until, reason=WaitReason.TOO_MANY_SENDS))
    elif refusal is Refusal.BUDGET_SPENT:
        turn.set(send_hold=turn.hold_for_budget(answer))
    elif refusal in TOKEN_UNUSABLE:
        turn.drop_credential(credential, refusal)
    elif decide_on := _REFUSED.get(refusal):
        decide_on(turn, credential)
    else:
        fail(turn, "Defect", f"Auth0 refused to send: {refusal}.")


def _channel_disabled(turn: Turn, credential: Credential) -> None:
    """Return to the channel that worked before a switch. If there is none, fail the flow: an operator must act."""
    state, channel = turn.state, turn.state.channel
    if state.message:
        give_up(turn, f"Codes cannot be sent to this phone by {channel}.")
    elif state.enrolling and channel is not state.first_channel:  # switched before the first message
        turn.set(channel=state.first_channel)
    else:
        sentence = f"The tenant does not send codes by {channel}: enable the channel of the phone factor."
        fail(turn, "ChannelDisabled", sentence)


def _undeliverable(turn: Turn, credential: Credential) -> None:
    if turn.state.live_message:
        give_up(turn, "Auth0 could not deliver this message; the previous code is still valid.")
        return
    turn.close_message(Verdict.SUPERSEDED, "The message was replaced.")
    finish(turn, Outcome.UNDELIVERABLE, "Auth0 could not deliver a message to this number.")


def _number_not_allowed(turn: Turn, credential: Credential) -> None:
    turn.set(spent=Budget.NUMBER_RULE)
    turn.close_message(Verdict.SUPERSEDED, "The message was replaced.")
    finish(turn, Outcome.UNDELIVERABLE, NUMBER_NOT_ALLOWED)


def _user_blocked(turn: Turn, credential: Credential) -> None:
    finish_blocked(turn)


def _already_enrolled(turn: Turn, credential: Credential) -> None:
    """Handle "already enrolled". It may be this phone, after a lost answer; else challenge the current one, or stop.

    Before the flow stops, it lists the phones, so that it can tell the user which one is enrolled.
    """
    state = turn.state
    if not state.enrolling:
        _not_enrolled(turn, credential)
    elif state.maybe_enrolled:
        ask_for_list(turn, Purpose.LIST_IN_DOUBT, credential)
    elif state.when_enrolled is WhenEnrolled.CHALLENGE_FIRST:
        turn.set(proving_current_phone=True, channel=None)
    elif turn.may_list:
        ask_for_list(turn, Purpose.LIST_ENROLLED, credential)
    else:
        finish(turn, Outcome.ALREADY_ENROLLED)


def _not_enrolled(turn: Turn, credential: Credential) -> None:
    if turn.state.kind is FlowKind.CHALLENGE:
        finish(turn, Outcome.NOT_ENROLLED, NO_PHONE)
    else:
        finish(turn, Outcome.ALREADY_ENROLLED, "The user has a factor, but no phone to challenge.")


_NOT_NOW: Final = {Refusal.RATE_LIMITED, Refusal.NOT_REACHED, Refusal.AUTHENTICATOR_GONE, Refusal.TOO_LATE}
_AUTH0_BUDGETS: Final = {Refusal.TOO_MANY_SENDS, Refusal.TOO_MANY_CODES}
_REFUSED: Final[dict[Refusal, Callable[[Turn, Credential], None]]] = {
    Refusal.CHANNEL_DISABLED: _channel_disabled,
    Refusal.UNDELIVERABLE: _undeliverable,
    Refusal.NUMBER_NOT_ALLOWED: _number_not_allowed,
    Refusal.USER_BLOCKED: _user_blocked,
    Refusal.ALREADY_ENROLLED: _already_enrolled,
    Refusal.NOT_ENROLLED: _not_enrolled,
}
"""Handler for each refusal of a send. The remaining refusals never answer a send."""
