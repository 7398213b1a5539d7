"""Interceptor that adds the time of Auth0's answer, and refuses requests that arrive too late.

A flow's clock stands still between events. After worker downtime its requests may reach this process much later; only
the activity knows the actual time.
"""

from datetime import UTC, datetime
from typing import Any, get_type_hints

from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from phone_mfa.contracts.calls import Answer, Refusal, Request


class AnswerTimes(Interceptor):
    """Interceptor for the worker that runs the activities."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Return the interceptor that wraps the activity."""
        return _Timed(next)


class _Timed(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        request = input.args[0] if input.args else None
        if isinstance(request, Request) and request.not_after and datetime.now(UTC) > request.not_after:
            answer_type = get_type_hints(input.fn)["return"]
            return answer_type(refusal=Refusal.TOO_LATE, answered_at=datetime.now(UTC))
        answer = await super().execute_activity(input)
        return answer.model_copy(update={"answered_at": datetime.now(UTC)}) if isinstance(answer, Answer) else answer
