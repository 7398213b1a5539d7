"""Codes: accepts those that are submitted, checks them with Auth0, and handles its answers.

Each check costs the user one of few tries. A code submitted again, by id or by text, is the same submission.
"""

from typing import Final

from phone_mfa.contracts import CodeVerdict, FlowKind, Outcome, Verdict, WaitReason
from phone_mfa.contracts.calls import (
    CheckAnswer,
    CheckCode,
    CheckRecoveryCode,
    EnrollToken,
    ListPhones,
    Refusal,
    TokenUse,
)

from .answers import CheckAnswered
from .check_refusals import refused
from .endings import closing_verdict, finish
from .events import Asked, CodeGiven
from .lost_checks import accept, on_lost
from .phones import switch_to_new_phone
from .records import Credential, OpenCall, Purpose, SentMessage, Submission, same_text
from .state import State
from .times import token_end
from .turn import Turn
from .verdicts import checked_next, judged_next, verdict_without_asking

MOST_WAITING: Final = 20
"""Codes that may wait for Auth0 at a time. No policy allows more than ten wrong codes; only a flood has more."""

TOO_MANY_WAIT: Final = "Too many codes are already waiting to be checked."

NO_SCOPE: Final = "The current phone was verified, but the login did not request the /mfa/ audience with scope enroll."


def take_binding_code(turn: Turn, asked: Asked) -> None:
    """Accept a code. One received before, by id or by text, is the same submission."""
    assert isinstance(asked, CodeGiven)  # noqa: S101 - by the table below
    message = None if asked.recovery else _message_of(turn.state, asked)
    known = _known(turn, asked, message)
    if known and known.verdict:
        _reply(turn, asked, known.verdict)
    elif turn.state.over:
        _reply(turn, asked, closing_verdict(turn.state))
    else:
        _take_in(turn, asked, known or Submission(code=asked.code, message=message))


def _take_in(turn: Turn, asked: CodeGiven, submission: Submission) -> None:
    """Queue a code. If too many are waiting, answer it at once: no more can be checked."""
    waiting = [each for each in turn.state.submissions if each.verdict is None]
    if len(waiting) < MOST_WAITING or any(each is submission for each in waiting):
        _join(turn, asked, submission)
    else:
        full = CodeVerdict(verdict=Verdict.LOCKED_OUT, tries_left=turn.state.shown_tries_left, reason=TOO_MANY_WAIT)
        _reply(turn, asked, verdict_without_asking(turn.state, submission) or full)


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
        (each for each in turn.state.submissions if each.message == message and same_text(each.code, asked.code)), None
    )


def _reply(turn: Turn, asked: CodeGiven, verdict: CodeVerdict) -> None:
    answer = verdict.model_copy(update={"submission_id": asked.submission_id, "run_id": turn.state.run_id})
    turn.reply(asked.request, answer)


def _join(turn: Turn, asked: CodeGiven, submission: Submission) -> None:
    joined = submission.joined(asked.request, asked.submission_id)
    if any(each is submission for each in turn.state.submissions):
        turn.set(submissions=tuple(joined if each is submission else each for each in turn.state.submissions))
    else:
        turn.set(submissions=(*turn.state.submissions, joined))


def judge(turn: Turn) -> None:
    """Give the next code its verdict, if that needs no call."""
    if found := judged_next(turn.state):
        turn.judge(*found)


def check_code(turn: Turn) -> None:
    """Check the next code with Auth0."""
    submission, message, credential = checked_next(turn.state), turn.state.message, turn.state.usable_credential
    if submission is None:
        return
    if submission.unsettled and message:
        request = ListPhones(token=message.credential.token)
        turn.call(Purpose.LIST_AFTER_LOST_CHECK, message.credential, request, "list phones", submission)
    elif submission.is_recovery and credential:
        _check_recovery_code(turn, submission, credential)
    elif message:
        _check_binding_code(turn, submission, message)


def _check_binding_code(turn: Turn, submission: Submission, message: SentMessage) -> None:
    request = CheckCode(
        token=message.credential.token,
        oob_code=message.oob_code,
        code=submission.code,
        use=_use_of_tokens(turn.state),
        phone_number=turn.state.new_number if turn.state.enrolling else None,
        authenticator_id=None if turn.state.enrolling else turn.state.challenged,
        recipient=turn.state.recipient,
        origin=turn.state.origin,
        not_after=min(turn.state.deadline, message.expires_at),
    )
    summary = f"check a code for message {message.number}"
    turn.call(Purpose.CHECK, message.credential, request, summary, submission)


def _check_recovery_code(turn: Turn, submission: Submission, credential: Credential) -> None:
    request = CheckRecoveryCode(
        mfa_token=credential.token,
        recovery_code=submission.code,
        recipient=turn.state.recipient,
        origin=turn.state.origin,
        not_after=min(turn.state.deadline, credential.expires_at),
    )
    turn.call(Purpose.CHECK_RECOVERY, credential, request, "check a recovery code", submission)


def _use_of_tokens(state: State) -> TokenUse:
    """Return what the tokens of an accepted code are used for."""
    if state.kind is FlowKind.CHALLENGE:
        return TokenUse.KEPT
    return TokenUse.ENROLLS if state.proving_current_phone else TokenUse.DROPPED


def on_check_answered(turn: Turn, call: OpenCall, event: CheckAnswered) -> None:
    """Handle Auth0's answer to a code."""
    submission, refusal = call.submission, event.answer.refusal
    if submission is None:
        return
    turn.note_user_budget(event.answer)
    if refusal is None:
        accept(turn, submission)
        _accepted(turn, event.answer)
    elif refusal is Refusal.AMBIGUOUS:
        on_lost(turn, submission)
    else:
        refused(turn, submission, call.credential, event.answer)


def _accepted(turn: Turn, answer: CheckAnswer) -> None:
    """Continue after an accepted code: user verified, new phone enrolled, or current phone verified."""
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
        turn.set(enrolled_phone=turn.state.shown_number)
        finish(turn, Outcome.ALREADY_ENROLLED, NO_SCOPE)


def _enroll_further(turn: Turn, enrolls: EnrollToken) -> None:
    """Enroll the new phone with the token that verifying the current phone returned."""
    expires_at = token_end(turn.state.at, enrolls.expires_in)
    turn.set(
        credential=Credential(token=enrolls.token, expires_at=expires_at, proved=True),
        token_reason=WaitReason.TOKEN_EXPIRED,
        proving_current_phone=False,
        channel=turn.state.asked_channel,
    )
    switch_to_new_phone(turn)
    turn.want_message()
