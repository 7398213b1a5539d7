"""Routes calls to Auth0 to a separate task queue, which can be rate-limited.

Without it, calls stay on the flow's own task queue and start in the worker that ran the flow's workflow task. The task
queue is not a decision of the flow: a replay does not compare it, and the setting may change under running flows.
"""

from typing import Any

from temporalio import workflow
from temporalio.worker import (
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts.names import auth0_task_queue


class LimitedCalls(Interceptor):
    """Interceptor for the worker that runs the flows, when calls are rate-limited."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """Return the interceptor that sets the task queue of calls."""
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        input.task_queue = auth0_task_queue(workflow.info().task_queue)
        return super().start_activity(input)
