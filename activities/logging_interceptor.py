"""Interceptor that logs each call to Auth0: activity, flow, result and duration. It logs no values.

At level DEBUG it also logs the start of each call.
"""

import time
from typing import Any

import structlog
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from phone_mfa.contracts.calls import Answer


class CallLog(Interceptor):
    """Interceptor for the worker that runs the activities."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Return the interceptor that wraps the activity."""
        return _Logged(next)


class _Logged(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info, started = activity.info(), time.monotonic()
        with structlog.contextvars.bound_contextvars(
            flow=info.workflow_id, run=info.workflow_run_id, activity=info.activity_type, attempt=info.attempt
        ):
            log = structlog.get_logger("activities")
            log.debug("auth0.asking")
            try:
                answer = await super().execute_activity(input)
            except BaseException as error:
                log.warning("auth0.failed", error=type(error).__name__, seconds=_since(started))
                raise
            refusal = answer.refusal if isinstance(answer, Answer) else None
            log.info("auth0.answered", refusal=refusal and refusal.value, seconds=_since(started))
            return answer


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
