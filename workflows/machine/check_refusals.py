"""Handles refused codes, by Auth0's reason."""

from collections.abc import Callable
from typing import Final

from phone_mfa.contracts import CodeVerdict, Outcome, Verdict, WaitReason
from phone_mfa.contracts.calls import CheckAnswer, Refusal

from .endings import finish, finish_blocked
from .records import Credential, Hold, Submission
from .times import TRY_PAUSE, pause
from .turn import Turn

RUN_OUT: Final = "The login this code belongs to has expired."
CHECK_LOST: Final = "Auth0's answer to a code was lost, so a new code is needed."


def refused(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    """Handle a refused code. In a challenge, a refusal after a lost answer may mean the code was accepted before."""
    refusal = answer.refusal
    if submission.lost and refusal in _UNCLEAR:
        _unclear(turn, submission, credential, answer)
        return
    decide_on = _REFUSED.get(refusal, _expired) if refusal else _expired
    decide_on(turn, submission, credential, answer)


def _unclear(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    if turn.state.enrolling:  # the authenticators were listed in between
        _REFUSED.get(answer.refusal or Refusal.CODE_EXPIRED, _expired)(turn, submission, credential, answer)
        return
    if answer.refusal is Refusal.TOKEN_REFUSED:
        turn.drop_credential(credential)
    request_new_message(turn, submission)


def _not_now(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    turn.set(check_hold=turn.hold(answer.refusal or Refusal.NOT_REACHED, answer.retry_after_seconds))


def _wrong(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    turn.set(refusals=0, wrong_codes=turn.state.wrong_codes + 1)
    if turn.state.tries_left:
        reason = "The code is wrong."
        turn.judge(
            submission, CodeVerdict(verdict=Verdict.WRONG, tries_left=turn.state.shown_tries_left, reason=reason)
        )
        return
    turn.judge(submission, turn.close_message(Verdict.LOCKED_OUT, "Too many wrong codes."))
    finish(turn, Outcome.LOCKED_OUT, "Too many wrong codes were typed.")


def _locked(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    """Close the message. Auth0 refuses all codes of this user, even right ones, for longer than a code lives."""
    retry_at = turn.state.at + pause(answer.retry_after_seconds, TRY_PAUSE)
    reason = "Auth0 accepts no more codes from this user for now."
    turn.judge(submission, turn.close_message(Verdict.LOCKED_OUT, reason, retry_at=retry_at))
    turn.set(send_hold=Hold(until=retry_at, reason=WaitReason.TOO_MANY_CODES))


def _pause(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    """Check the code after the pause, if it is still valid then. Else close the message: the next one comes later."""
    hold, state = turn.hold_for_budget(answer), turn.state
    ends = credential.expires_at if submission.is_recovery or not state.message else state.message.expires_at
    if hold.until < min(ends, state.deadline):
        turn.set(check_hold=hold)
        return
    reason = "Too many wrong codes in a row were entered for this user."
    turn.judge(submission, turn.close_message(Verdict.LOCKED_OUT, reason, retry_at=hold.until))
    turn.set(send_hold=hold)


def _token_refused(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    """Drop the token and close the message: the login has expired, and its codes with it."""
    turn.drop_credential(credential)
    if submission.is_recovery:
        reason = "Log in again first."
        turn.judge(
            submission, CodeVerdict(verdict=Verdict.EXPIRED, tries_left=turn.state.shown_tries_left, reason=reason)
        )
    else:
        turn.judge(submission, turn.close_message(Verdict.EXPIRED, RUN_OUT))


def _user_blocked(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    finish_blocked(turn)


def _expired(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    if submission.is_recovery and answer.refusal is Refusal.NOT_ENROLLED:
        reason = "This user has no recovery code."
        turn.judge(
            submission, CodeVerdict(verdict=Verdict.EXPIRED, tries_left=turn.state.shown_tries_left, reason=reason)
        )
    else:
        turn.judge(submission, turn.close_message(Verdict.EXPIRED, "Auth0 no longer accepts this code."))


_UNCLEAR: Final = {Refusal.CODE_WRONG, Refusal.CODE_EXPIRED, Refusal.TOKEN_REFUSED}
_REFUSED: Final[dict[Refusal, Callable[[Turn, Submission, Credential, CheckAnswer], None]]] = {
    Refusal.RATE_LIMITED: _not_now,
    Refusal.NOT_REACHED: _not_now,
    Refusal.TOO_LATE: _not_now,
    Refusal.CODE_WRONG: _wrong,
    Refusal.TOO_MANY_CODES: _locked,
    Refusal.BUDGET_SPENT: _pause,
    Refusal.TOKEN_REFUSED: _token_refused,
    Refusal.USER_BLOCKED: _user_blocked,
}
"""Handler for each refusal of a code. All others close the message."""


def request_new_message(turn: Turn, submission: Submission) -> None:
    """Request a new message: whether the code was right can no longer be determined."""
    turn.set(note=CHECK_LOST)
    turn.judge(submission, turn.close_message(Verdict.SUPERSEDED, CHECK_LOST))
    turn.want_message()
