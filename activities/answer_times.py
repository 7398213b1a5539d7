"""Tells flows when Auth0 answered, and asks it nothing for which it is too late.

A flow's clock stands still between events. What it wants done may reach this process much later, when no worker was
there; only here is it known what time it is.
"""

from datetime import UTC, datetime
from typing import Any, get_type_hints

from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from phone_mfa.contracts.calls import Answer, Refusal, Request


class AnswerTimes(Interceptor):
    """Give it to the worker that runs the activities."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Stand between the worker and the activity."""
        return _Timed(next)


class _Timed(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        request = input.args[0] if input.args else None
        if isinstance(request, Request) and request.not_after and datetime.now(UTC) > request.not_after:
            answer_type = get_type_hints(input.fn)["return"]
            return answer_type(refusal=Refusal.TOO_LATE, answered_at=datetime.now(UTC))
        answer = await super().execute_activity(input)
        return answer.model_copy(update={"answered_at": datetime.now(UTC)}) if isinstance(answer, Answer) else answer
