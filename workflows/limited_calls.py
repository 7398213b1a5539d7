"""Sends the calls to Auth0 to a task queue of their own, which a worker can hold to a rate.

Without it a flow's calls stay on the flow's own task queue, and begin in the worker that took the flow's step. Where a
call is made is no decision of the flow: a replay does not compare it, and the setting may change under running flows.
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
    """Give it to the worker that runs the flows, where calls have a rate."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """Stand between the flows and the engine."""
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        input.task_queue = auth0_task_queue(workflow.info().task_queue)
        return super().start_activity(input)
