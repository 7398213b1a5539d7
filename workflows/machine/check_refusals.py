"""Refused codes: what each of Auth0's reasons leads to."""

from collections.abc import Callable
from typing import Final

from phone_mfa.contracts import CodeVerdict, Outcome, Verdict, WaitReason
from phone_mfa.contracts.calls import CheckAnswer, Refusal

from .endings import finish, lock_out_blocked
from .holds import hold
from .records import Credential, Hold, Submission
from .times import TRY_PAUSE, pause
from .turn import Turn

RUN_OUT: Final = "The login this code belongs to has run out."
CHECK_LOST: Final = "Auth0's answer to a code was lost, so that a new code is needed."


def refused(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    """After a lost answer of a challenge, a refusal may mean that the code was accepted before."""
    refusal = answer.refusal
    if submission.lost and refusal in _UNCLEAR:
        _unclear(turn, submission, credential, answer)
        return
    decide_on = _REFUSED.get(refusal, _expired) if refusal else _expired
    decide_on(turn, submission, credential, answer)


def _unclear(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    if turn.state.enrolling:  # its list was looked at in between
        _REFUSED.get(answer.refusal or Refusal.CODE_EXPIRED, _expired)(turn, submission, credential, answer)
        return
    if answer.refusal is Refusal.TOKEN_REFUSED:
        turn.drop_credential(credential)
    send_anew(turn, submission)


def _not_now(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    turn.set(check_hold=hold(turn, answer.refusal or Refusal.NOT_REACHED, answer.retry_after_seconds))


def _wrong(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    turn.set(refusals=0, wrong_codes=turn.state.wrong_codes + 1)
    if turn.state.tries_left:
        reason = "The code is wrong."
        turn.judge(submission, CodeVerdict(verdict=Verdict.WRONG, tries_left=turn.state.tries_left, reason=reason))
        return
    turn.judge(submission, turn.close_message(Verdict.LOCKED_OUT, "Too many wrong codes."))
    finish(turn, Outcome.LOCKED_OUT, "Too many wrong codes were typed.")


def _locked(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    """Auth0 listens to no code of this user for a while, not even the right one, and a code lives shorter than that."""
    retry_at = turn.state.at + pause(answer.retry_after_seconds, TRY_PAUSE)
    reason = "Auth0 takes no more codes from this user for a while."
    turn.judge(submission, turn.close_message(Verdict.LOCKED_OUT, reason, retry_at=retry_at))
    turn.set(send_hold=Hold(until=retry_at, reason=WaitReason.TOO_MANY_CODES))


def _token_refused(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    """The login has run out, and its codes with it."""
    turn.drop_credential(credential)
    if submission.is_recovery:
        reason = "Log in again first."
        turn.judge(submission, CodeVerdict(verdict=Verdict.EXPIRED, tries_left=turn.state.tries_left, reason=reason))
    else:
        turn.judge(submission, turn.close_message(Verdict.EXPIRED, RUN_OUT))


def _user_blocked(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    lock_out_blocked(turn)


def _expired(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    if submission.is_recovery and answer.refusal is Refusal.NOT_ENROLLED:
        reason = "This user has no recovery code."
        turn.judge(submission, CodeVerdict(verdict=Verdict.EXPIRED, tries_left=turn.state.tries_left, reason=reason))
    else:
        turn.judge(submission, turn.close_message(Verdict.EXPIRED, "Auth0 no longer takes this code."))


_UNCLEAR: Final = {Refusal.CODE_WRONG, Refusal.CODE_EXPIRED, Refusal.TOKEN_REFUSED}
_REFUSED: Final[dict[Refusal, Callable[[Turn, Submission, Credential, CheckAnswer], None]]] = {
    Refusal.RATE_LIMITED: _not_now,
    Refusal.NOT_REACHED: _not_now,
    Refusal.TOO_LATE: _not_now,
    Refusal.CODE_WRONG: _wrong,
    Refusal.TOO_MANY_CODES: _locked,
    Refusal.TOKEN_REFUSED: _token_refused,
    Refusal.USER_BLOCKED: _user_blocked,
}
"""What a refused code leads to. All others close the message."""


def send_anew(turn: Turn, submission: Submission) -> None:
    """Whether the code was right cannot be found out any more: another one has to be typed."""
    turn.set(note=CHECK_LOST)
    turn.judge(submission, turn.close_message(Verdict.SUPERSEDED, CHECK_LOST))
    turn.want_message()
