"""Activity calls to Auth0: timeouts, retry policies, and the meaning of a lost answer.

A call that sends or checks something runs at most once per decision. Temporal may retry a call that only lists, or
removes pending authenticators. This module does not interpret answers.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, TimeoutError

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts.activity_interface import ActivityInterface
    from phone_mfa.contracts.calls import (
        Answer,
        Associate,
        Challenge,
        CheckAnswer,
        CheckCode,
        CheckRecoveryCode,
        ListPhones,
        PhonesAnswer,
        Refusal,
        RemovalAnswer,
        RemovePending,
        SendAnswer,
    )

    from .machine.answers import Answered, CallFailed, CheckAnswered, PhonesListed, RemovalAnswered, SendAnswered
    from .machine.commands import Call, CallRequest

CALL_TIMEOUT: Final = timedelta(seconds=20)
"""Twice the client's own total timeout: an activity that is alive always answers first."""

LIST_TIMEOUT: Final = timedelta(minutes=2)
"""Upper bound on how long a flow processes no messages while Temporal retries a listing or removal."""

ONCE: Final = RetryPolicy(maximum_attempts=1)
A_FEW_TIMES: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30), maximum_attempts=4
)

RETRY_PAUSES: Final = timedelta(seconds=1 + 2 + 4)
"""The total of the pauses between four attempts."""

ENROLLED_PHONE_IN_VIEW: Final = "enrolled-phone-in-view"
"""The patch since which a flow of a user who is already enrolled lists their phones before it ends."""


@dataclass(frozen=True)
class _Kind:
    """How requests of one type are made. ``once``: Auth0 must not be asked again for the same decision."""

    activity: Callable[..., Awaitable[Any]]
    answer: type[Answer]
    event: type[SendAnswered] | type[CheckAnswered] | type[PhonesListed] | type[RemovalAnswered]
    once: bool


KINDS: Final[dict[type[CallRequest], _Kind]] = {
    Associate: _Kind(ActivityInterface.associate, SendAnswer, SendAnswered, once=True),
    Challenge: _Kind(ActivityInterface.challenge, SendAnswer, SendAnswered, once=True),
    CheckCode: _Kind(ActivityInterface.check_binding_code, CheckAnswer, CheckAnswered, once=True),
    CheckRecoveryCode: _Kind(ActivityInterface.check_recovery_code, CheckAnswer, CheckAnswered, once=True),
    ListPhones: _Kind(ActivityInterface.phones, PhonesAnswer, PhonesListed, once=False),
    RemovePending: _Kind(ActivityInterface.remove_pending, RemovalAnswer, RemovalAnswered, once=False),
}
"""Covers every request type; a test checks this."""


def start(call: Call) -> workflow.ActivityHandle[Any]:
    """Start a call. Its payloads are sealed for this call in this run only, hence the random activity id."""
    kind = KINDS[type(call.request)]
    return workflow.start_activity_method(
        kind.activity,
        call.request,
        activity_id=str(workflow.uuid4()),
        start_to_close_timeout=CALL_TIMEOUT,
        schedule_to_close_timeout=None if kind.once else LIST_TIMEOUT,
        retry_policy=ONCE if kind.once else A_FEW_TIMES,
        summary=call.summary,
    )


def answer_event(call: Call, answer: Answer, at: datetime) -> Answered:
    """Return the answer as an event."""
    event = KINDS[type(call.request)].event.model_validate({"at": at, "answer": answer})
    if isinstance(event, SendAnswered) and event.answer.refusal is Refusal.ALREADY_ENROLLED:
        return event.model_copy(update={"may_list": workflow.patched(ENROLLED_PHONE_IN_VIEW)})
    return event


def failure_event(call: Call, error: ActivityError, called_at: datetime) -> Answered:
    """Return an event for a call without an answer. A one-time call may have been carried out; a listing had no effect.

    History does not record when the call was given up, so the event's time is the shortest duration it can have had.
    """
    kind, cause = KINDS[type(call.request)], error.cause
    at = called_at + (CALL_TIMEOUT if kind.once else RETRY_PAUSES)
    if isinstance(cause, ApplicationError):
        if kind.once or cause.non_retryable:
            perhaps_done = not cause.non_retryable  # retryable means a bug: deliberate refusals are non-retryable
            return CallFailed(at=at, type=cause.type or "Defect", sentence=cause.message, perhaps_done=perhaps_done)
    elif not isinstance(cause, TimeoutError | CancelledError):
        unknown = "A call to Auth0 ended with an unknown error."
        return CallFailed(at=at, type="Defect", sentence=unknown, perhaps_done=True)
    refusal = Refusal.AMBIGUOUS if kind.once else Refusal.NOT_REACHED
    return answer_event(call, kind.answer(refusal=refusal), at)
