"""Table of handlers for Auth0's answers, by purpose of the call."""

from collections.abc import Callable
from typing import Final

from . import binding_codes, lists, lost_checks, send_answers
from .answers import CallFailed, CheckAnswered, PhonesListed, RemovalAnswered, SendAnswered
from .endings import fail, warn_abandoned
from .events import Event
from .records import OpenCall, Purpose
from .sends import record_challenged_phone
from .turn import Turn


def _failed(turn: Turn, call: OpenCall, event: CallFailed) -> None:
    """Handle a call that failed without an answer the flow can act on."""
    if event.perhaps_done and call.purpose is Purpose.ASSOCIATE:
        turn.set(associated=turn.state.associated + 1)
    if call.purpose is Purpose.CHALLENGE:
        record_challenged_phone(turn)
    fail(turn, event.type, event.sentence)


def _removal_failed(turn: Turn, call: OpenCall, event: CallFailed) -> None:
    """Skip the number and warn. The outcome does not change."""
    turn.set(to_remove=turn.state.to_remove[1:])
    warn_abandoned(turn)


def _removed(turn: Turn, call: OpenCall, event: RemovalAnswered) -> None:
    turn.set(to_remove=turn.state.to_remove[1:])
    if event.answer.refusal:
        warn_abandoned(turn)


ANSWERED: Final[dict[tuple[Purpose, type[Event]], Callable[..., None]]] = {
    (Purpose.ASSOCIATE, SendAnswered): send_answers.on_send_answered,
    (Purpose.CHALLENGE, SendAnswered): send_answers.on_send_answered,
    (Purpose.LIST_TO_CHALLENGE, PhonesListed): lists.on_listed_to_challenge,
    (Purpose.LIST_AFTER_LOST_SEND, PhonesListed): lists.on_listed_after_lost_send,
    (Purpose.LIST_IN_DOUBT, PhonesListed): lists.on_listed_in_doubt,
    (Purpose.LIST_ENROLLED, PhonesListed): lists.on_enrolled_listed,
    (Purpose.LIST_BEFORE_ENROLLING, PhonesListed): lists.on_listed_before_enrolling,
    (Purpose.CHECK, CheckAnswered): binding_codes.on_check_answered,
    (Purpose.CHECK_RECOVERY, CheckAnswered): binding_codes.on_check_answered,
    (Purpose.LIST_AFTER_LOST_CHECK, PhonesListed): lost_checks.on_listed_after_lost_check,
    (Purpose.REMOVE, RemovalAnswered): _removed,
    **{(purpose, CallFailed): _failed for purpose in Purpose},
    (Purpose.LIST_ENROLLED, CallFailed): lists.on_enrolled_not_listed,
    (Purpose.REMOVE, CallFailed): _removal_failed,
}
"""Handler for each answer, by purpose of the call. Covers every purpose; a test checks this."""
