"""Gives a submission its verdict: from what the flow knows where that is enough, else from Auth0.

Every check Auth0 makes costs the user one of few tries, so none is made that cannot succeed.
"""

from datetime import timedelta

from temporalio import workflow

from .calls import act
from .flow import Flow
from .inbox import Submission
from .message import Message
from .policies import TRY_PAUSE, backoff

with workflow.unsafe.imports_passed_through():
    from pydantic import SecretStr

    from phone_mfa.contracts import CodeVerdict, Outcome, Verdict
    from phone_mfa.contracts.port import CheckAnswer, CheckCode, CheckRecoveryCode, MfaPort, Refusal


async def check(flow: Flow, submission: Submission) -> CheckAnswer | None:
    """Judge a submission. Gives back an answer only a particular kind of flow can act on: accepted, or lost."""
    known = _known_without_asking(flow, submission)
    if known:
        _judge(flow, submission, known)
        return None
    answer = await (_ask_recovery if submission.is_recovery else _ask)(flow, submission)
    if answer.refusal is Refusal.AMBIGUOUS or answer.refusal is None:
        return answer
    _refused(flow, submission, answer.refusal, answer.retry_after_seconds)
    return None


def accept(flow: Flow, submission: Submission) -> None:
    """The code was right. Whatever else waits is not checked any more."""
    accepted = CodeVerdict(verdict=Verdict.ACCEPTED, tries_left=flow.tries_left, reason="The code is right.")
    _judge(flow, submission, accepted)
    closing = flow.close_message(Verdict.SUPERSEDED, "Another code was accepted.")
    flow.inbox.close(closing)


def ask_again(flow: Flow, submission: Submission) -> None:
    """Auth0's answer was lost: the same code is checked once more, and given up when that is no clearer."""
    submission.lost += 1
    if submission.lost > 1:
        send_anew(flow, submission)


def send_anew(flow: Flow, submission: Submission) -> None:
    """Whether the code was right cannot be found out any more: another one has to be typed."""
    flow.note = "Auth0's answer to a code was lost, so that a new code is needed."
    _judge(flow, submission, flow.close_message(Verdict.SUPERSEDED, flow.note))
    flow.want_message()


def _known_without_asking(flow: Flow, submission: Submission) -> CodeVerdict | None:
    now, message = workflow.now(), flow.message
    if submission.is_recovery:
        return None if flow.usable_credential(now) else _verdict(flow, Verdict.EXPIRED, "Log in again first.")
    if message is None:
        return _verdict(flow, Verdict.EXPIRED, "No code is out.")
    if submission.message is not None and submission.message < message.number:
        return _verdict(flow, Verdict.SUPERSEDED, "A newer code was sent.")
    if message.closed:
        return message.closed
    if now >= message.expires_at:
        return flow.close_message(Verdict.EXPIRED, "The code has expired.")
    return None


def _message(flow: Flow) -> Message:
    assert flow.message is not None, "a code is only asked about while its message is live"  # noqa: S101 - narrowing
    return flow.message


async def _ask(flow: Flow, submission: Submission) -> CheckAnswer:
    message = _message(flow)
    submission.credential = message.credential
    request = CheckCode(
        token=message.credential.token,
        oob_code=message.oob_code,
        code=SecretStr(submission.text),
        use=flow.token_use,
        recipient=flow.recipient,
    )
    return await act(flow, MfaPort.check_code, request, f"check a code for message {message.number}")


async def _ask_recovery(flow: Flow, submission: Submission) -> CheckAnswer:
    credential = flow.usable_credential(workflow.now())
    if credential is None:
        return CheckAnswer(refusal=Refusal.TOKEN_REFUSED)
    submission.credential = credential
    request = CheckRecoveryCode(
        mfa_token=credential.token, recovery_code=SecretStr(submission.text), recipient=flow.recipient
    )
    return await act(flow, MfaPort.check_recovery_code, request, "check a recovery code")


def _refused(flow: Flow, submission: Submission, refusal: Refusal, retry_after_seconds: float | None) -> None:
    unclear = submission.lost > 0 and not flow.enrolling
    match refusal:
        case Refusal.RATE_LIMITED | Refusal.NOT_REACHED:
            flow.refusals += 1
            flow.check_after = workflow.now() + backoff(flow.refusals, retry_after_seconds)
        case Refusal.CODE_WRONG | Refusal.CODE_EXPIRED if unclear:
            send_anew(flow, submission)
        case Refusal.TOKEN_REFUSED if unclear:
            flow.drop_credential(submission.credential)
            send_anew(flow, submission)
        case Refusal.CODE_WRONG:
            _wrong(flow, submission)
        case Refusal.TOO_MANY_CODES:
            _locked(flow, submission, retry_after_seconds)
        case Refusal.TOKEN_REFUSED:
            _token_refused(flow, submission)
        case Refusal.USER_BLOCKED:
            flow.finish(Outcome.LOCKED_OUT, "Auth0 blocks this user.")
        case Refusal.NOT_ENROLLED if submission.is_recovery:
            _judge(flow, submission, _verdict(flow, Verdict.EXPIRED, "This user has no recovery code."))
        case _:
            _judge(flow, submission, flow.close_message(Verdict.EXPIRED, "Auth0 no longer takes this code."))


def _wrong(flow: Flow, submission: Submission) -> None:
    flow.refusals = 0
    flow.wrong_codes += 1
    if flow.tries_left:
        _judge(flow, submission, _verdict(flow, Verdict.WRONG, "The code is wrong."))
        return
    _judge(flow, submission, flow.close_message(Verdict.LOCKED_OUT, "Too many wrong codes."))
    flow.finish(Outcome.LOCKED_OUT, "Too many wrong codes were typed.")


def _locked(flow: Flow, submission: Submission, retry_after_seconds: float | None) -> None:
    """Auth0 listens to no code of this user for a while, not even the right one, and a code lives shorter than that."""
    retry_at = workflow.now() + (timedelta(seconds=retry_after_seconds) if retry_after_seconds else TRY_PAUSE)
    reason = "Auth0 takes no more codes from this user for a while."
    _judge(flow, submission, flow.close_message(Verdict.LOCKED_OUT, reason, retry_at))
    flow.send_after = retry_at
    flow.note = reason


def _token_refused(flow: Flow, submission: Submission) -> None:
    """The login has run out, and its codes with it."""
    flow.drop_credential(submission.credential)
    if submission.is_recovery:
        _judge(flow, submission, _verdict(flow, Verdict.EXPIRED, "Log in again first."))
        return
    _judge(flow, submission, flow.close_message(Verdict.EXPIRED, "The login this code belongs to has run out."))


def _verdict(flow: Flow, verdict: Verdict, reason: str) -> CodeVerdict:
    return CodeVerdict(verdict=verdict, tries_left=flow.tries_left, reason=reason)


def _judge(flow: Flow, submission: Submission, verdict: CodeVerdict) -> None:
    flow.check_after = None
    flow.last_verdict = verdict
    flow.inbox.answer(submission, verdict)
