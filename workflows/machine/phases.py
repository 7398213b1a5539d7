"""Phase and wait reason of a flow, derived from what is due."""

from typing import Final

from phone_mfa.contracts import Phase, WaitReason

from .due import due
from .records import Purpose
from .state import State
from .steps import Due, Step

PHASES: Final = {
    Purpose.ASSOCIATE: Phase.SENDING_CODE,
    Purpose.CHALLENGE: Phase.SENDING_CODE,
    Purpose.LIST_TO_CHALLENGE: Phase.SENDING_CODE,
    Purpose.LIST_AFTER_LOST_SEND: Phase.SENDING_CODE,
    Purpose.LIST_IN_DOUBT: Phase.SENDING_CODE,
    Purpose.LIST_ENROLLED: Phase.SENDING_CODE,
    Purpose.LIST_BEFORE_ENROLLING: Phase.SENDING_CODE,
    Purpose.CHECK: Phase.CHECKING_CODE,
    Purpose.CHECK_RECOVERY: Phase.CHECKING_CODE,
    Purpose.LIST_AFTER_LOST_CHECK: Phase.CHECKING_CODE,
    Purpose.REMOVE: Phase.DONE,
}
"""The phase while a call is open."""


def waiting_for(state: State) -> Due | None:
    """Return what the flow waits for; None if it is over."""
    if state.over:
        return None
    if state.call:
        return Due(Step.WAIT, state.deadline, PHASES[state.call.purpose], WaitReason.AUTH0_ANSWER)
    return next((each for each in due(state) if each.phase), None)


def phase(state: State) -> Phase:
    """Return the current phase."""
    if state.failure:
        return Phase.FAILED
    waits = waiting_for(state)
    return waits.phase if waits and waits.phase else Phase.DONE


def summary_of(state: State) -> str | None:
    """Return a short description of what the flow waits for. It is shown unsealed."""
    waits = waiting_for(state)
    return f"{waits.phase}: {waits.reason}" if waits else None
