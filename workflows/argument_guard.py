"""Rejects messages with too few or too many arguments before they reach a flow's handlers.

Temporal passes whatever was sent to a handler, and treats the ``TypeError`` as a bug in the workflow, which then
hangs on that message for ever. Anyone who may signal a flow could block it this way, by mistake or on purpose.
"""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import names

WITHOUT_ARGUMENT = frozenset({names.RESEND_CODE})
"""Messages whose argument is optional."""


class ArgumentGuard(Interceptor):
    """Interceptor for the worker that runs the flows."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """Return the interceptor that checks arguments before the handlers run."""
        return _Guarded


class _Guarded(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:
        if _fits(input.signal, input.args):
            await super().handle_signal(input)
        else:
            workflow.logger.warning("signal.dropped", extra={"signal": input.signal, "arguments": len(input.args)})

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        _refuse_unless_it_fits(input)
        super().handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        _refuse_unless_it_fits(input)  # not every update has a validator
        return await super().handle_update_handler(input)


def _fits(name: str, arguments: Any) -> bool:
    return len(arguments) == 1 or (name in WITHOUT_ARGUMENT and not arguments)


def _refuse_unless_it_fits(input: HandleUpdateInput) -> None:
    if not _fits(input.update, input.args):
        wanted = (
            "at most one argument, an object" if input.update in WITHOUT_ARGUMENT else "exactly one argument, an object"
        )
        raise ApplicationError(f"{input.update} takes {wanted}.", type="BadInput", non_retryable=True)
