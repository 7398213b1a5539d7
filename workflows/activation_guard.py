"""Gives a flow's code the same time and the same order whoever runs it first: a workflow task, a replay or a look.

A query that waits while no worker is there is answered by the next worker before the workflow task that covers what
happened meanwhile. The SDK then runs the flow through those events with the time of an earlier task. A replay runs them
with the task that follows, together with the updates that came with that task, and hands updates over first. What was
decided so would not fit history (docs/decisions/0013). So here a look gets the present time, and updates come last.
"""

import time
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner


class GuardedRunner(WorkflowRunner):
    """Runs workflows as ``runner`` does, each behind a guard.

    By default without the SDK's sandbox, which would execute our modules anew for each flow.
    """

    def __init__(self, runner: WorkflowRunner | None = None) -> None:
        self._runner = runner or UnsandboxedWorkflowRunner()

    def prepare_workflow(self, defn: Any) -> None:
        """As the SDK's own."""
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """As the SDK's own, but guarded."""
        instance = self._runner.create_instance(det)
        instance.activate = _Guard(instance.activate)  # type: ignore[method-assign] # nothing else of it changes
        return instance


class _Guard:
    """Stands in for one instance's ``activate``. Knows the workflow task that came before."""

    def __init__(self, activate: Any) -> None:
        self._activate = activate
        self._task = (0, 0)

    def __call__(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        kinds = {job.WhichOneof("variant") for job in act.jobs}
        if not kinds <= {"query_workflow", "remove_from_cache"}:
            _refuse_unless_one_argument(act)
            self._correct_time(act)
        return self._in_order(act) if "do_update" in kinds and len(kinds) > 1 else self._run(act)

    def _correct_time(self, act: WorkflowActivation) -> None:
        """More events without another task is a look. Flows use no local activities, and cancel none."""
        before, self._task = self._task, (act.timestamp.ToNanoseconds(), act.history_length)
        if self._task[0] == before[0] and self._task[1] > before[1]:
            act.timestamp.FromNanoseconds(max(self._task[0], time.time_ns()))

    def _in_order(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """What history holds already goes before updates, which it does not hold until they are accepted."""
        done = self._run(_part(act, updates=False))
        if done.HasField("failed") or any(map(_ends, done.successful.commands)):
            return done  # updates of a flow that is over are answered by the server
        then = self._run(_part(act, updates=True))
        if then.HasField("failed"):
            return then
        done.successful.commands.extend(then.successful.commands)
        done.successful.used_internal_flags.extend(then.successful.used_internal_flags)
        return done

    def _run(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        completion: WorkflowActivationCompletion = self._activate(act)
        return completion


def _part(act: WorkflowActivation, *, updates: bool) -> WorkflowActivation:
    part = WorkflowActivation()
    part.CopyFrom(act)
    del part.jobs[:]
    part.jobs.extend(job for job in act.jobs if job.HasField("do_update") is updates)
    return part


def _ends(command: Any) -> bool:
    """Whether a command ends the run."""
    return command.WhichOneof("variant") in {
        "complete_workflow_execution",
        "continue_as_new_workflow_execution",
        "fail_workflow_execution",
        "cancel_workflow_execution",
    }


def _refuse_unless_one_argument(act: WorkflowActivation) -> None:
    """The SDK would take a start with too few or too many for a defect of the flow, and try for ever."""
    for job in act.jobs:
        if job.HasField("initialize_workflow") and len(job.initialize_workflow.arguments) != 1:
            sentence = "A flow is started with one argument, an object."
            raise ApplicationError(sentence, type="BadInput", non_retryable=True)
