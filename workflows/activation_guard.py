"""Keeps a flow's code from running where it could not run again the same way.

A query that waits while no worker is there is answered by the next worker before the workflow task that covers what
happened meanwhile. The SDK then runs the flow through those events with the time of an earlier task, and grouped in
another way than any later replay: what is decided so may not fit the history that follows (docs/decisions). Here such
a query is refused: to ask again a moment later is all that its sender has to do.

The flows cancel no activity and use no local ones, so that one workflow task is one activation.
"""

from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

REFUSED = "The flow has something to do first. Look again."


class GuardedRunner(WorkflowRunner):
    """Runs workflows without the SDK's sandbox, which would execute our modules anew for each flow."""

    def __init__(self) -> None:
        self._runner = UnsandboxedWorkflowRunner()

    def prepare_workflow(self, defn: Any) -> None:
        """As the SDK's own."""
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """As the SDK's own, but guarded."""
        return guarded(self._runner.create_instance(det))


def guarded(instance: WorkflowInstance) -> WorkflowInstance:
    """The same instance, which refuses some activations."""
    activate, guard = instance.activate, _Guard()

    def activate_if_it_may(act: WorkflowActivation) -> WorkflowActivationCompletion:
        return guard.refusal(act) or activate(act)

    instance.activate = activate_if_it_may  # type: ignore[method-assign] # nothing else of it changes
    return instance


class _Guard:
    """Knows the workflow task that an instance saw last."""

    def __init__(self) -> None:
        self._task = (0, 0)

    def refusal(self, act: WorkflowActivation) -> WorkflowActivationCompletion | None:
        """The answer to an activation that must not be run. Raises ``ApplicationError`` for a start without sense."""
        kinds = {job.WhichOneof("variant") for job in act.jobs}
        if kinds <= {"query_workflow", "remove_from_cache"}:
            return None
        for job in act.jobs:
            if job.HasField("initialize_workflow"):
                _refuse_unless_one(len(job.initialize_workflow.arguments))
        before, self._task = self._task, (act.timestamp.ToNanoseconds(), act.history_length)
        if self._task[0] == before[0] and self._task[1] > before[1]:
            return _failed(REFUSED)
        return None


def _refuse_unless_one(arguments: int) -> None:
    if arguments != 1:
        raise ApplicationError("A flow is started with one argument, an object.", type="BadInput", non_retryable=True)


def _failed(sentence: str) -> WorkflowActivationCompletion:
    completion = WorkflowActivationCompletion()
    completion.failed.failure.message = sentence
    completion.failed.failure.application_failure_info.type = "NotYet"
    return completion
