"""Workflow runner that keeps time and event order the same in a workflow task, a replay and a stale query.

A query that arrives while no worker is running is answered by the next worker, before the workflow task that covers the
events since then. The SDK runs the flow through those events with the time of an earlier task. A replay runs them with
the task that follows, together with the updates that came with that task, and delivers updates first. Decisions made
during such a stale query would not match history (docs/decisions/0013). So this runner gives a stale query the present
time, and delivers updates last.
"""

import time
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner


class GuardedRunner(WorkflowRunner):
    """Runs workflows with ``runner``, each behind a guard.

    By default without the SDK's sandbox, which would re-execute our modules for each flow.
    """

    def __init__(self, runner: WorkflowRunner | None = None) -> None:
        self._runner = runner or UnsandboxedWorkflowRunner()

    def prepare_workflow(self, defn: Any) -> None:
        """Delegate to the wrapped runner."""
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Create an instance with the wrapped runner and guard its activations."""
        instance = self._runner.create_instance(det)
        instance.activate = _Guard(instance.activate)  # type: ignore[method-assign] # the only method replaced
        return instance


class _Guard:
    """Replaces one instance's ``activate``. Remembers the previous workflow task."""

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
        """Give a stale query the present time. It has more events than the last activation, but the same task time.

        Flows neither use local activities nor cancel any.
        """
        before, self._task = self._task, (act.timestamp.ToNanoseconds(), act.history_length)
        if self._task[0] == before[0] and self._task[1] > before[1]:
            act.timestamp.FromNanoseconds(max(self._task[0], time.time_ns()))

    def _in_order(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Run the events already in history before updates, which enter history only when accepted."""
        done = self._run(_part(act, updates=False))
        if done.HasField("failed") or any(map(_ends, done.successful.commands)):
            return done  # the server answers updates to a closed workflow
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
    """Whether the command closes the run."""
    return command.WhichOneof("variant") in {
        "complete_workflow_execution",
        "continue_as_new_workflow_execution",
        "fail_workflow_execution",
        "cancel_workflow_execution",
    }


def _refuse_unless_one_argument(act: WorkflowActivation) -> None:
    """Refuse a start without exactly one argument. The SDK would treat it as a bug in the flow and retry for ever."""
    for job in act.jobs:
        if job.HasField("initialize_workflow") and len(job.initialize_workflow.arguments) != 1:
            sentence = "A flow is started with one argument, an object."
            raise ApplicationError(sentence, type="BadInput", non_retryable=True)
