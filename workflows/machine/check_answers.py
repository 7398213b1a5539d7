"""Handles Auth0's answers to checks of codes."""

from typing import Final

from phone_mfa.contracts import FlowKind, Outcome, WaitReason
from phone_mfa.contracts.calls import CheckAnswer, EnrollToken, Refusal

from .answers import CheckAnswered
from .check_refusals import refused
from .endings import finish
from .lost_checks import accept, on_lost
from .phones import turn_to_new_phone
from .records import Credential, OpenCall
from .times import token_end
from .turn import Turn

NO_SCOPE: Final = "The current phone was proved, but the login did not ask for the /mfa/ audience with scope enroll."


def on_check_answered(turn: Turn, call: OpenCall, event: CheckAnswered) -> None:
    """Handle Auth0's answer to a code."""
    submission, refusal = call.submission, event.answer.refusal
    if submission is None:
        return
    if refusal is None:
        accept(turn, submission)
        _accepted(turn, event.answer)
    elif refusal is Refusal.AMBIGUOUS:
        on_lost(turn, submission)
    else:
        refused(turn, submission, call.credential, event.answer)


def _accepted(turn: Turn, answer: CheckAnswer) -> None:
    """Continue after an accepted code: user verified, new phone enrolled, or current phone proved."""
    if answer.enrolls is None:
        turn.keep(answer.sealed, too_long=answer.too_long)
    if turn.state.kind is FlowKind.CHALLENGE:
        turn.set(tokens=answer.tokens, recovery_code=answer.recovery_code)
        finish(turn, Outcome.VERIFIED)
    elif turn.state.enrolling:
        finish(turn, Outcome.ENROLLED)
    elif answer.enrolls:
        _enroll_further(turn, answer.enrolls)
    else:
        finish(turn, Outcome.ALREADY_ENROLLED, NO_SCOPE)


def _enroll_further(turn: Turn, enrolls: EnrollToken) -> None:
    """Enroll the new phone with the token that proving the current phone returned."""
    expires_at = token_end(turn.state.at, enrolls.expires_in)
    turn.set(
        credential=Credential(token=enrolls.token, expires_at=expires_at, proved=True),
        token_reason=WaitReason.TOKEN_EXPIRED,
        proving_current_phone=False,
        channel=turn.state.asked_channel,
    )
    turn_to_new_phone(turn)
    turn.want_message()
