"""Codes: what is asked of Auth0, and what each answer means. Each check costs the user one of few tries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from phone_mfa.contracts import CodeVerdict, FlowKind, Outcome, Verdict, WaitReason, masked, reveal
from phone_mfa.contracts.calls import CheckAnswer, CheckCode, CheckRecoveryCode, EnrollToken, ListPhones, Refusal

from .due import judged_next
from .events import CheckAnswered, PhonesListed
from .sends import enrolled_unseen, matches
from .state import Credential, Hold, OpenCall, Purpose, Sent, Submission
from .times import TRY_PAUSE, pause
from .turn import Turn

RUN_OUT: Final = "The login this code belongs to has run out."
CHECK_LOST: Final = "Auth0's answer to a code was lost, so that a new code is needed."
NO_SCOPE: Final = "The current phone was proved, but the login did not ask for the /mfa/ audience with scope enroll."


def judge(turn: Turn) -> None:
    """Give the next code the verdict that needs no call."""
    if found := judged_next(turn.state):
        turn.judge(*found)


def check(turn: Turn) -> None:
    """Ask Auth0 about the next code."""
    submission, message, credential = turn.state.waiting, turn.state.message, turn.state.usable_credential
    if submission is None:
        return
    if submission.unsettled and message:
        request = ListPhones(token=message.credential.token)
        turn.call(Purpose.LIST_AFTER_LOST_CHECK, message.credential, request, "list phones")
    elif submission.is_recovery and credential:
        _check_recovery_code(turn, submission, credential)
    elif message:
        _check_code(turn, submission, message)


def _check_code(turn: Turn, submission: Submission, message: Sent) -> None:
    request = CheckCode(
        token=message.credential.token,
        oob_code=message.oob_code,
        code=submission.code,
        use=turn.state.token_use,
        recipient=turn.state.recipient,
        not_after=min(turn.state.deadline, message.expires_at),
    )
    turn.call(Purpose.CHECK, message.credential, request, f"check a code for message {message.number}")


def _check_recovery_code(turn: Turn, submission: Submission, credential: Credential) -> None:
    request = CheckRecoveryCode(
        mfa_token=credential.token,
        recovery_code=submission.code,
        recipient=turn.state.recipient,
        not_after=min(turn.state.deadline, credential.expires_at),
    )
    turn.call(Purpose.CHECK_RECOVERY, credential, request, "check a recovery code")


# Auth0's answers


def on_check_answered(turn: Turn, call: OpenCall, event: CheckAnswered) -> None:
    """Auth0's answer to a code."""
    submission, refusal = turn.state.waiting, event.answer.refusal
    if submission is None:
        return
    if refusal is None:
        _accept(turn, submission)
        _accepted(turn, event.answer)
    elif refusal is Refusal.AMBIGUOUS:
        _lost(turn, submission)
    else:
        _refused(turn, submission, call.credential, event.answer)


def _accept(turn: Turn, submission: Submission) -> None:
    """The code was right. Whatever else waits is not checked any more."""
    turn.set(refusals=0)
    verdict = CodeVerdict(verdict=Verdict.ACCEPTED, tries_left=turn.state.tries_left, reason="The code is right.")
    turn.judge(submission, verdict)
    superseded = turn.close_message(Verdict.SUPERSEDED, "Another code was accepted.")
    turn.judge_all(superseded)
    turn.set(last_verdict=verdict)


def _accepted(turn: Turn, answer: CheckAnswer) -> None:
    """The user is verified; or the new phone is enrolled; or the current one is proved."""
    if answer.enrolls is None:
        turn.keep(answer.sealed, too_long=answer.too_long)
    if turn.state.kind is FlowKind.CHALLENGE:
        turn.set(tokens=answer.tokens, recovery_code=answer.recovery_code)
        turn.finish(Outcome.VERIFIED)
    elif turn.state.enrolling:
        turn.finish(Outcome.ENROLLED)
    elif answer.enrolls:
        _enroll_further(turn, answer.enrolls)
    else:
        turn.finish(Outcome.ALREADY_ENROLLED, NO_SCOPE)


def _enroll_further(turn: Turn, enrolls: EnrollToken) -> None:
    """The token that the proof gave may enroll the new phone."""
    expires_at = turn.state.at + timedelta(seconds=enrolls.expires_in)
    turn.set(
        credential=Credential(token=enrolls.token, expires_at=expires_at, proved=True),
        token_reason=WaitReason.TOKEN_EXPIRED,
        proving_current_phone=False,
        channel=turn.state.asked_channel,
    )
    turn_to_new_phone(turn)
    turn.want_message()


def turn_to_new_phone(turn: Turn) -> None:
    """The next message goes to the phone that is to be enrolled."""
    number = turn.state.new_number
    turn.set(shown_number=masked(reveal(number)) if number else "", called_by_itself=False)


# Answers that were lost


def _lost(turn: Turn, submission: Submission) -> None:
    """For an enrollment the list tells whether the code was right; for a challenge nothing does."""
    if turn.state.enrolling:
        turn.set(maybe_enrolled=True)
        _change(turn, submission, unsettled=True)
    else:
        _ask_again(turn, submission)


def on_listed_after_lost_check(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """A phone that turned active is enrolled, though the tokens are lost."""
    submission, answer = turn.state.waiting, event.answer
    if submission is None:
        return
    if answer.refusal is Refusal.TOKEN_REFUSED:
        turn.drop_credential(call.credential)
        _send_anew(turn, submission)
    elif answer.refusal:
        turn.set(check_hold=turn.hold(answer.refusal, answer.retry_after_seconds))
    elif any(phone.active and matches(turn.state, phone) for phone in answer.phones):
        _accept(turn, submission)
        enrolled_unseen(turn)
    else:
        _ask_again(turn, submission)


def _ask_again(turn: Turn, submission: Submission) -> None:
    """The same code is checked once more, and given up when that is no clearer."""
    lost = submission.lost + 1
    changed = _change(turn, submission, lost=lost, unsettled=False)
    if lost > 1:
        _send_anew(turn, changed)


def _send_anew(turn: Turn, submission: Submission) -> None:
    """Whether the code was right cannot be found out any more: another one has to be typed."""
    turn.set(note=CHECK_LOST)
    turn.judge(submission, turn.close_message(Verdict.SUPERSEDED, CHECK_LOST))
    turn.want_message()


def _change(turn: Turn, submission: Submission, **changes: object) -> Submission:
    changed = submission.model_copy(update=changes)
    turn.set(submissions=tuple(changed if each is submission else each for each in turn.state.submissions))
    return changed


# Refusals


def _refused(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
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
    _send_anew(turn, submission)


def _not_now(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    turn.set(check_hold=turn.hold(answer.refusal or Refusal.NOT_REACHED, answer.retry_after_seconds))


def _wrong(turn: Turn, submission: Submission, credential: Credential, answer: CheckAnswer) -> None:
    turn.set(refusals=0, wrong_codes=turn.state.wrong_codes + 1)
    if turn.state.tries_left:
        reason = "The code is wrong."
        turn.judge(submission, CodeVerdict(verdict=Verdict.WRONG, tries_left=turn.state.tries_left, reason=reason))
        return
    turn.judge(submission, turn.close_message(Verdict.LOCKED_OUT, "Too many wrong codes."))
    turn.finish(Outcome.LOCKED_OUT, "Too many wrong codes were typed.")


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
    turn.finish(Outcome.LOCKED_OUT, "Auth0 blocks this user.")


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
