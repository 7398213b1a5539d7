"""Calls that check codes with Auth0. Each check costs the user one of few tries."""

from phone_mfa.contracts import FlowKind
from phone_mfa.contracts.calls import CheckCode, CheckRecoveryCode, ListPhones, TokenUse

from .records import Credential, Purpose, Sent, Submission
from .state import State
from .turn import Turn
from .verdicts import checked_next, judged_next


def judge(turn: Turn) -> None:
    """Give the next code its verdict, if that needs no call."""
    if found := judged_next(turn.state):
        turn.judge(*found)


def check(turn: Turn) -> None:
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
        _check_code(turn, submission, message)


def _check_code(turn: Turn, submission: Submission, message: Sent) -> None:
    request = CheckCode(
        token=message.credential.token,
        oob_code=message.oob_code,
        code=submission.code,
        use=_use_of_tokens(turn.state),
        recipient=turn.state.recipient,
        not_after=min(turn.state.deadline, message.expires_at),
    )
    summary = f"check a code for message {message.number}"
    turn.call(Purpose.CHECK, message.credential, request, summary, submission)


def _check_recovery_code(turn: Turn, submission: Submission, credential: Credential) -> None:
    request = CheckRecoveryCode(
        mfa_token=credential.token,
        recovery_code=submission.code,
        recipient=turn.state.recipient,
        not_after=min(turn.state.deadline, credential.expires_at),
    )
    turn.call(Purpose.CHECK_RECOVERY, credential, request, "check a recovery code", submission)


def _use_of_tokens(state: State) -> TokenUse:
    """Return what the tokens of an accepted code are used for."""
    if state.kind is FlowKind.CHALLENGE:
        return TokenUse.KEPT
    return TokenUse.ENROLLS if state.proving_current_phone else TokenUse.DROPPED
