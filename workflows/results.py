"""What a run ends with, as Temporal knows it: a result, a failure, or a cancel."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import ChallengeResult, EnrollmentResult, Outcome

    from .machine import State, result_of


def ended(state: State) -> EnrollmentResult | ChallengeResult:
    """The result of a flow that is finished.

    Raises ``ApplicationError`` when it failed, and ``asyncio.CancelledError`` when the engine cancelled it.
    """
    if state.failure:
        raise ApplicationError(state.failure.sentence, type=state.failure.type, non_retryable=True)
    if state.cancelled_by_engine and state.outcome is Outcome.CANCELLED:
        raise asyncio.CancelledError
    return result_of(state)
