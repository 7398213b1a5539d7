"""How a flow stands, from what Temporal knows of it: no worker is asked, and none is needed.

A flow publishes its view in its memo, sealed. What became of it since then, it cannot say: that it was terminated, ran
into a time limit, or cannot take its next step.
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

from phone_mfa.contracts import (
    FlowKind,
    FlowView,
    Phase,
    StartChallenge,
    StartEnrollment,
    activity_names,
    names,
)
from phone_mfa.contracts.first_view import first_view
from phone_mfa.contracts.live_view import as_of, during_call

from .error_mapping import why
from .errors import UnreadableFlowError
from .worker_health import QUICK, trouble_with

_RUNNING: Final = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)
_SELF_ENDED: Final = (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.CANCELED)
_TO_COME: Final = ("wait", "code_expires_at", "token_expires_at", "flow_expires_at", "retry_at", "resend_allowed_at")

OUTCOME_STANDS: Final = "The outcome stands, but the flow could not clean up, nor hand over what came with it."
MAY_BE_LEFT: Final = "An unconfirmed entry of a phone may be left at Auth0, as the flow was ended before it cleaned up."
TIMED_OUT: Final = "The flow ran into a time limit that Temporal was given for it."


def first_run_of(flow: WorkflowExecutionDescription) -> str:
    """The run a flow began with. Its later runs go on with the same flow: continued, or reset."""
    return flow.raw_description.workflow_execution_info.first_run_id or flow.run_id


async def last_run(client: Client, flow_id: str, first_run: str) -> WorkflowExecutionDescription:
    """The last run of a flow that is over, whose id a later flow has now."""
    flow = await client.get_workflow_handle(flow_id, run_id=first_run).describe(rpc_timeout=QUICK)
    while following := await _following(client, flow):
        flow = await client.get_workflow_handle(flow_id, run_id=following).describe(rpc_timeout=QUICK)
    return flow


async def _following(client: Client, flow: WorkflowExecutionDescription) -> str:
    """The run that goes on where this one ended: it continued, or was reset. Empty when there is none."""
    if flow.status is not WorkflowExecutionStatus.CONTINUED_AS_NEW:
        return flow.raw_description.workflow_extended_info.reset_run_id
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(flow.id, run_id=flow.run_id)
    async for event in handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT):
        return event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return ""


async def standing(client: Client, flow: WorkflowExecutionDescription, at: datetime) -> FlowView:
    """The status document at a time. Raises ``UnreadableFlowError``."""
    view = await _published(client, flow)
    if flow.status in _RUNNING:
        view = _just_now(view, flow, at).model_copy(update={"trouble": await trouble_with(client, flow)})
    elif flow.status is WorkflowExecutionStatus.FAILED and view.phase is Phase.FAILED:
        view = view.model_copy(update={"failure": await _failure(client, flow)})
    elif flow.status not in _SELF_ENDED or view.phase is not Phase.DONE:
        left = view.kind is FlowKind.ENROLLMENT and (view.message > 0 or await _has_associated(client, flow))
        view = _cut_short(view, await _failure(client, flow), left=left)
    return _at_rest(view) if view.over else view


def _just_now(view: FlowView, flow: WorkflowExecutionDescription, at: datetime) -> FlowView:
    """A running flow's view as it is now, and not only as it was when the flow published it."""
    for call in flow.raw_description.pending_activities:
        return during_call(view, call.activity_type.name, call.scheduled_time.ToDatetime(UTC))
    return as_of(view, at)


def _cut_short(view: FlowView, failure: str, *, left: bool) -> FlowView:
    """The view of a flow that could not end itself. An outcome that it had is a fact at Auth0, and stands."""
    before = OUTCOME_STANDS if view.outcome else view.failure
    return view.model_copy(
        update={
            "phase": Phase.DONE if view.outcome else Phase.FAILED,
            "failure": " ".join(filter(None, [before, failure])),
            "cleanup": view.cleanup or (MAY_BE_LEFT if left else ""),
        }
    )


async def _has_associated(client: Client, flow: WorkflowExecutionDescription) -> bool:
    """Whether Auth0 was asked for an entry of a phone, for all that the flow could say of it."""
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(flow.id, run_id=flow.run_id)
    async for event in handle.fetch_history_events():
        if event.activity_task_scheduled_event_attributes.activity_type.name == activity_names.ASSOCIATE_PHONE:
            return True
    return False


def _at_rest(view: FlowView) -> FlowView:
    """The same without what would still come if the flow went on."""
    left = {"sends_left": 0, "tries_left": 0} if view.phase is Phase.FAILED else {}
    return view.model_copy(update={**dict.fromkeys(_TO_COME), "allowed_actions": (), **left})


async def _published(client: Client, flow: WorkflowExecutionDescription) -> FlowView:
    try:
        view = await flow.memo_value(names.VIEW, None, type_hint=FlowView)
    except ApplicationError:
        raise UnreadableFlowError("The flow's view does not fit: a newer version wrote it, or somebody else.") from None
    if view is None:
        return await _not_begun(client, flow)
    if view.run_id != first_run_of(flow):  # who may write to the namespace may copy it from another flow of the user
        raise UnreadableFlowError("The view is of another flow of the same user.")
    return view


async def _not_begun(client: Client, flow: WorkflowExecutionDescription) -> FlowView:
    """What a flow knew when it began."""
    is_enrollment = flow.workflow_type == names.ENROLLMENT_WORKFLOW
    start = await _start_of(client, flow, StartEnrollment if is_enrollment else StartChallenge)
    run_id = first_run_of(flow)
    if start is None:
        kind = FlowKind.ENROLLMENT if is_enrollment else FlowKind.CHALLENGE
        return FlowView(run_id=run_id, kind=kind, phase=Phase.SENDING_CODE)
    request, started_at = start
    return first_view(request, run_id, started_at)


async def _start_of(
    client: Client, flow: WorkflowExecutionDescription, kind: type[StartEnrollment] | type[StartChallenge]
) -> tuple[StartEnrollment | StartChallenge, datetime] | None:
    """What a flow was started with, and when: a reset run has its own time in the description."""
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(flow.id, run_id=flow.run_id)
    async for event in handle.fetch_history_events(page_size=1):
        payloads = event.workflow_execution_started_event_attributes.input.payloads
        try:
            (request,) = await flow.data_converter.decode(payloads, [kind])
        except Exception:  # it does not fit, so the flow fails as soon as a worker sees it
            return None
        return request, event.event_time.ToDatetime(UTC)
    return None


async def _failure(client: Client, flow: WorkflowExecutionDescription) -> str:
    """Why a flow did not end with a result, in a sentence."""
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


async def _termination(handle: WorkflowHandle[Any, Any]) -> str:
    async for event in handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT):
        if reason := event.workflow_execution_terminated_event_attributes.reason:
            return f"The flow was terminated: {reason}"
    return "The flow was terminated."
