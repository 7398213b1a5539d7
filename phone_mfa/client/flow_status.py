"""Status of a flow, derived from what Temporal stores. No worker is needed.

A flow publishes its view, sealed, in its memo. Later events are not in it: that the flow was terminated, hit a time
limit, or cannot take its next step.
"""

from datetime import UTC, datetime
from typing import Any, Final

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistoryEventFilterType,
)
from temporalio.exceptions import ApplicationError

from phone_mfa.contracts import CancelFlow, FlowKind, FlowView, Outcome, Phase, activity_names, names
from phone_mfa.contracts.first_view import first_view
from phone_mfa.contracts.live_view import as_of, during_call

from .error_mapping import why
from .errors import UnreadableFlowError
from .start_input import first_run_of, start_of
from .worker_health import QUICK, trouble_with

_RUNNING: Final = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)
_SELF_ENDED: Final = (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.CANCELED)
_TO_COME: Final = ("wait", "code_expires_at", "token_expires_at", "flow_expires_at", "retry_at", "resend_allowed_at")

OUTCOME_STANDS: Final = "The outcome is final, but the flow could not clean up or return the rest of its result."
MAY_BE_LEFT: Final = "An unconfirmed phone may be left at Auth0, because the flow was ended before it cleaned up."
TIMED_OUT: Final = "The flow hit a time limit set for it in Temporal."


async def last_run(client: Client, flow_id: str, first_run: str) -> WorkflowExecutionDescription:
    """Returns the last run of a finished flow whose id is now used by a later flow."""
    flow = await client.get_workflow_handle(flow_id, run_id=first_run).describe(rpc_timeout=QUICK)
    while following := await _following(client, flow):
        flow = await client.get_workflow_handle(flow_id, run_id=following).describe(rpc_timeout=QUICK)
    return flow


async def _following(client: Client, flow: WorkflowExecutionDescription) -> str:
    """Returns the run that continues this one, after continue-as-new or a reset. Empty if there is none."""
    if flow.status is not WorkflowExecutionStatus.CONTINUED_AS_NEW:
        return flow.raw_description.workflow_extended_info.reset_run_id
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(flow.id, run_id=flow.run_id)
    async for event in handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT):
        return event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return ""


async def status_at(client: Client, flow: WorkflowExecutionDescription, at: datetime) -> FlowView:
    """Returns the status document at a given time. Raises ``UnreadableFlowError``."""
    view = await _published(client, flow)
    if flow.status in _RUNNING:
        view = _just_now(view, flow, at).model_copy(update={"trouble": await trouble_with(client, flow)})
    elif flow.status is WorkflowExecutionStatus.FAILED and view.phase is Phase.FAILED:
        view = view.model_copy(update={"failure": await _failure(client, flow)})
    elif flow.status not in _SELF_ENDED or view.phase is not Phase.DONE:
        left = view.kind is FlowKind.ENROLLMENT and (view.message > 0 or await _has_associated(client, flow))
        if view.outcome is None and (reason := await _superseded(client, flow)):
            view = _replaced(view, reason, left=left)
        else:
            view = _cut_short(view, await _failure(client, flow), left=left)
    return _at_rest(view) if view.over else view


def _just_now(view: FlowView, flow: WorkflowExecutionDescription, at: datetime) -> FlowView:
    """Returns a running flow's view as of now, and not as of when it was published."""
    for call in flow.raw_description.pending_activities:
        return during_call(view, call.activity_type.name, call.scheduled_time.ToDatetime(UTC))
    return as_of(view, at)


def _cut_short(view: FlowView, failure: str, *, left: bool) -> FlowView:
    """Returns the view of a flow that was ended from outside. An outcome it had reached is a fact at Auth0."""
    before = OUTCOME_STANDS if view.outcome else view.failure
    return view.model_copy(
        update={
            "phase": Phase.DONE if view.outcome else Phase.FAILED,
            "failure": " ".join(filter(None, [before, failure])),
            "cleanup": view.cleanup or (MAY_BE_LEFT if left else ""),
        }
    )


def _replaced(view: FlowView, reason: str, *, left: bool) -> FlowView:
    """Returns the view of a flow that was terminated for another start, because no worker ended it in time."""
    cleanup = view.cleanup or (MAY_BE_LEFT if left else "")
    update = {"phase": Phase.DONE, "outcome": Outcome.SUPERSEDED, "note": reason, "cleanup": cleanup}
    return view.model_copy(update=update)


async def _has_associated(client: Client, flow: WorkflowExecutionDescription) -> bool:
    """Whether Auth0 was asked to associate a phone, which the published view may not show yet."""
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(flow.id, run_id=flow.run_id)
    async for event in handle.fetch_history_events():
        if event.activity_task_scheduled_event_attributes.activity_type.name == activity_names.ASSOCIATE_PHONE:
            return True
    return False


def _at_rest(view: FlowView) -> FlowView:
    """Returns the view without deadlines and actions, which do not apply to a finished flow."""
    left = {"sends_left": 0, "tries_left": 0} if view.phase is Phase.FAILED else {}
    return view.model_copy(update={**dict.fromkeys(_TO_COME), "allowed_actions": (), **left})


async def _published(client: Client, flow: WorkflowExecutionDescription) -> FlowView:
    try:
        view = await flow.memo_value(names.VIEW, None, type_hint=FlowView)
    except ApplicationError:
        raise UnreadableFlowError(
            "The flow's view is invalid: it was written by a newer version or by someone else."
        ) from None
    if view is None:
        return await _not_begun(client, flow)
    if view.run_id != first_run_of(flow):  # anyone with write access could copy it from another flow of the user
        raise UnreadableFlowError("The view belongs to another flow of the same user.")
    return view


async def _not_begun(client: Client, flow: WorkflowExecutionDescription) -> FlowView:
    """Returns the view of a flow that has not published one yet."""
    is_enrollment = flow.workflow_type == names.ENROLLMENT_WORKFLOW
    start = await start_of(client, flow)
    run_id = first_run_of(flow)
    if start is None:
        kind = FlowKind.ENROLLMENT if is_enrollment else FlowKind.CHALLENGE
        return FlowView(run_id=run_id, kind=kind, phase=Phase.SENDING_CODE)
    return first_view(start.request, run_id, start.recorded_at)


async def _failure(client: Client, flow: WorkflowExecutionDescription) -> str:
    """Returns one sentence on why a flow ended without a result."""
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(flow.id, run_id=flow.run_id)
    if flow.status is WorkflowExecutionStatus.TIMED_OUT:
        return TIMED_OUT
    if flow.status is WorkflowExecutionStatus.TERMINATED:
        return await _termination(handle)
    try:
        await handle.result(follow_runs=False, rpc_timeout=QUICK)
    except WorkflowFailureError as error:
        return why(error)
    return "The flow ended without an outcome."


async def _superseded(client: Client, flow: WorkflowExecutionDescription) -> str:
    """Returns why a client terminated a flow for another start, empty if none did. Sealed, so not just anybody's."""
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(flow.id, run_id=flow.run_id)
    async for event in handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT):
        payloads = event.workflow_execution_terminated_event_attributes.details.payloads
        try:
            (message,) = await flow.data_converter.decode(payloads, [CancelFlow])
        except Exception:  # somebody else's details
            return ""
        return str(message.reason) if message.superseded else ""
    return ""


async def _termination(handle: WorkflowHandle[Any, Any]) -> str:
    async for event in handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT):
        if reason := event.workflow_execution_terminated_event_attributes.reason:
            return f"The flow was terminated: {reason}"
    return "The flow was terminated."
