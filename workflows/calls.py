"""How a flow calls Auth0: where, for how long, how often, and what an answer that never came means.

A call that sends or checks something runs at most once per decision. A call that only looks may be repeated by the
engine. Refuses to decide what an answer is worth.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, TimeoutError

from .flow import Flow

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts.names import auth0_task_queue
    from phone_mfa.contracts.port import Answer, MfaPort, Refusal

Request = TypeVar("Request")
AnswerType = TypeVar("AnswerType", bound=Answer)
Call = Callable[[MfaPort, Request], Awaitable[AnswerType]]

CALL_TIMEOUT: Final = timedelta(seconds=20)
"""Twice the client's own total timeout: the activity, if it lives, always answers first."""

LOOK_TIMEOUT: Final = timedelta(minutes=2)
"""How long a flow is deaf at most while the engine repeats a look."""

ONCE: Final = RetryPolicy(maximum_attempts=1)
A_FEW_TIMES: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30), maximum_attempts=4
)


async def act(flow: Flow, call: Call[Request, AnswerType], request: Request, summary: str) -> AnswerType:
    """Do something at Auth0, once. An answer that was lost is ``ambiguous``."""
    try:
        return await _answer(flow, call, request, ONCE, summary)
    except ActivityError as error:
        if isinstance(error.cause, TimeoutError | CancelledError):
            return _refused(call, Refusal.AMBIGUOUS)
        raise


async def look(flow: Flow, call: Call[Request, AnswerType], request: Request, summary: str) -> AnswerType:
    """Ask Auth0 something that changes nothing. After a few tries in vain Auth0 is ``not_reached``."""
    try:
        return await _answer(flow, call, request, A_FEW_TIMES, summary)
    except ActivityError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.non_retryable:
            raise
        return _refused(call, Refusal.NOT_REACHED)


async def _answer(
    flow: Flow, call: Call[Request, AnswerType], request: Request, retry: RetryPolicy, summary: str
) -> AnswerType:
    """Wait for the answer even when the flow is cancelled meanwhile: what was done must be known."""
    handle = workflow.start_activity_method(
        call,
        request,
        activity_id=str(workflow.uuid4()),  # what is sealed belongs to this call, in this run, and no other
        task_queue=auth0_task_queue(workflow.info().task_queue),
        start_to_close_timeout=CALL_TIMEOUT,
        schedule_to_close_timeout=None if retry is ONCE else LOOK_TIMEOUT,
        retry_policy=retry,
        summary=summary,
    )
    while True:
        try:
            return await asyncio.shield(handle)
        except asyncio.CancelledError:
            take_cancellation(flow)


def take_cancellation(flow: Flow) -> None:
    """Remember that the engine was asked to cancel the flow. To be called while handling ``asyncio.CancelledError``.

    Raises it again when it means something else: the worker puts the flow out of its memory.
    """
    if flow.cancelled_by_engine or workflow.cancellation_reason() is None:
        raise
    flow.cancelled = flow.cancelled_by_engine = True


def _refused(call: Call[Request, AnswerType], refusal: Refusal) -> AnswerType:
    answer_type: type[AnswerType] = call.__annotations__["return"]
    return answer_type(refusal=refusal)
