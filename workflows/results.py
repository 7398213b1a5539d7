"""How a run closes in Temporal: with a result, a failure or a cancellation."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import ChallengeResult, EnrollmentResult, Outcome

    from .machine import State, result_of


def ended(state: State) -> EnrollmentResult | ChallengeResult:
    """Return the result of a finished flow.

    Raises ``ApplicationError`` if it failed, and ``asyncio.CancelledError`` if Temporal cancelled it.
    """
    if state.failure:
        raise ApplicationError(state.failure.sentence, type=state.failure.type, non_retryable=True)
    if state.cancelled_by_engine and state.outcome is Outcome.CANCELLED:
        raise asyncio.CancelledError
    return result_of(state)
