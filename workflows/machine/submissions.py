"""Accepts submitted codes: assigns each to a message and recognizes repeated submissions."""

from typing import Final

from phone_mfa.contracts import CodeVerdict, Verdict

from .endings import closing_verdict
from .events import Asked, CodeGiven
from .records import Submission, same
from .state import State
from .turn import Turn
from .verdicts import verdict_without_asking

MOST_WAITING: Final = 20
"""Codes that may wait for Auth0 at a time. No policy allows more than ten wrong codes; only a flood has more."""

TOO_MANY_WAIT: Final = "Too many codes wait to be checked already."


def take_code(turn: Turn, asked: Asked) -> None:
    """Accept a code. One received before, by id or by text, is the same submission."""
    assert isinstance(asked, CodeGiven)  # noqa: S101 - by the table below
    message = None if asked.recovery else _message_of(turn.state, asked)
    known = _known(turn, asked, message)
    if known and known.verdict:
        _tell(turn, asked, known.verdict)
    elif turn.state.over:
        _tell(turn, asked, closing_verdict(turn.state))
    else:
        _take_in(turn, asked, known or Submission(code=asked.code, message=message))


def _take_in(turn: Turn, asked: CodeGiven, submission: Submission) -> None:
    """Queue a code. If too many are waiting, answer it at once: no more can be checked."""
    waiting = [each for each in turn.state.submissions if each.verdict is None]
    if len(waiting) < MOST_WAITING or any(each is submission for each in waiting):
        _join(turn, asked, submission)
    else:
        full = CodeVerdict(verdict=Verdict.LOCKED_OUT, tries_left=turn.state.tries_left, reason=TOO_MANY_WAIT)
        _tell(turn, asked, verdict_without_asking(turn.state, submission) or full)


def _message_of(state: State, asked: CodeGiven) -> int:
    """Return the number of the message a code is for.

    A number that was never sent is replaced, or the same code under that number would cost another try. So is the
    number of a lost message if no message is left and the code of the previous one is live.
    """
    newest = max(state.newest_number, state.next_message)
    number = asked.message if asked.message and asked.message <= newest else state.next_message
    if number in state.lost_messages and state.live_message and not state.sends_left:
        return state.live_message.number
    return number


def _known(turn: Turn, asked: CodeGiven, message: int | None) -> Submission | None:
    for each in turn.state.submissions:
        if asked.submission_id and asked.submission_id in each.ids and asked.recovery is each.is_recovery:
            return each
    return next(
        (each for each in turn.state.submissions if each.message == message and same(each.code, asked.code)), None
    )


def _tell(turn: Turn, asked: CodeGiven, verdict: CodeVerdict) -> None:
    told = verdict.model_copy(update={"submission_id": asked.submission_id, "run_id": turn.state.run_id})
    turn.reply(asked.request, told)


def _join(turn: Turn, asked: CodeGiven, submission: Submission) -> None:
    joined = submission.joined(asked.request, asked.submission_id)
    if any(each is submission for each in turn.state.submissions):
        turn.set(submissions=tuple(joined if each is submission else each for each in turn.state.submissions))
    else:
        turn.set(submissions=(*turn.state.submissions, joined))
