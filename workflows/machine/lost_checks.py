"""Handles lost answers to checks. In an enrollment, Auth0's list of phones shows whether the code was right."""

from phone_mfa.contracts import CodeVerdict, Verdict
from phone_mfa.contracts.calls import Refusal

from .answers import PhonesListed
from .check_refusals import request_new_message
from .endings import finish_blocked, finish_enrolled_after_lost_answer
from .phones import may_be_enrolled
from .records import OpenCall, Submission
from .turn import TOKEN_UNUSABLE, Turn


def on_lost(turn: Turn, submission: Submission) -> None:
    """Handle a lost answer: an enrollment looks at the list; a challenge has none, and checks the code again."""
    if turn.state.enrolling:
        turn.set(maybe_enrolled=turn.state.new_number)
        _change(turn, submission, unsettled=True)
    else:
        _ask_again(turn, submission)


def on_listed_after_lost_check(turn: Turn, call: OpenCall, event: PhonesListed) -> None:
    """Handle the list after a lost check. A phone that became active is enrolled, although the tokens are lost."""
    submission, answer = call.submission, event.answer
    if submission is None:
        return
    if answer.refusal is Refusal.USER_BLOCKED:
        finish_blocked(turn)
    elif answer.refusal in TOKEN_UNUSABLE:
        turn.drop_credential(call.credential, answer.refusal)
        request_new_message(turn, submission)
    elif answer.refusal:
        turn.set(check_hold=turn.hold(answer.refusal, answer.retry_after_seconds))
    elif may_be_enrolled(turn.state, answer.phones):
        accept(turn, submission)
        finish_enrolled_after_lost_answer(turn)
    else:
        _ask_again(turn, submission)


def accept(turn: Turn, submission: Submission) -> None:
    """Accept a code. Other waiting codes are no longer checked."""
    turn.set(refusals=0)
    verdict = CodeVerdict(
        verdict=Verdict.ACCEPTED, tries_left=turn.state.shown_tries_left, reason="The code is correct."
    )
    turn.judge(submission, verdict)
    superseded = turn.close_message(Verdict.SUPERSEDED, "Another code was accepted.")
    turn.judge_all(superseded)
    turn.set(last_verdict=verdict)


def _ask_again(turn: Turn, submission: Submission) -> None:
    """Check the same code once more; give it up if that answer is lost too."""
    lost = submission.lost + 1
    changed = _change(turn, submission, lost=lost, unsettled=False)
    if lost > 1:
        request_new_message(turn, changed)


def _change(turn: Turn, submission: Submission, **changes: object) -> Submission:
    changed = submission.model_copy(update=changes)
    turn.set(submissions=tuple(changed if each == submission else each for each in turn.state.submissions))
    return changed
