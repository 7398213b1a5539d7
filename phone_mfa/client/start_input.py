"""What a run was started with, as its history tells, and whether that start was a real one.

Anyone with write access to Temporal can start a workflow with a stored start that they cannot read. So every start says
when it was requested, and a run is believed only if its flow began at about that time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.contracts import StartChallenge, StartEnrollment, names
from phone_mfa.encryption import UnknownKeyError

from .worker_health import QUICK

BELIEVED_WITHIN: Final = timedelta(minutes=5)
"""How far the time of a request may be from the time at which Temporal started the flow. Covers retries of the request
and the difference of two clocks, as in Kerberos (RFC 4120, 1.6). A start copied within that time is one that the same
user's flow was just started with: it is compared like that one."""

_REQUESTS: Final[dict[str | None, type[StartEnrollment] | type[StartChallenge]]] = {
    names.ENROLLMENT_WORKFLOW: StartEnrollment,
    names.CHALLENGE_WORKFLOW: StartChallenge,
}


@dataclass(frozen=True, slots=True)
class StartInput:
    """What a run was started with. ``recorded_at``: the time of that event, which a reset does not change."""

    request: StartEnrollment | StartChallenge
    recorded_at: datetime


def first_run_of(flow: WorkflowExecutionDescription) -> str:
    """Returns the id of a flow's first run. Later runs, continued or reset, belong to the same flow."""
    return flow.raw_description.workflow_execution_info.first_run_id or flow.run_id


async def start_of(client: Client, flow: WorkflowExecutionDescription) -> StartInput | None:
    """Returns what a run was started with; None if that is no start, or does not open.

    Raises ``UnknownKeyError`` for a key of our ring that we do not have: another process may read it.
    """
    kind = _REQUESTS.get(flow.workflow_type)
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(flow.id, run_id=flow.run_id)
    async for event in handle.fetch_history_events(page_size=1):
        payloads = event.workflow_execution_started_event_attributes.input.payloads
        try:
            (request,) = await flow.data_converter.decode(payloads, [kind] if kind else None)
        except UnknownKeyError:
            raise
        except Exception:  # invalid, so the flow fails as soon as a worker reads it
            return None
        return StartInput(request, event.event_time.ToDatetime(UTC)) if kind else None
    return None


async def believed_start_of(
    client: Client, flow: WorkflowExecutionDescription
) -> StartEnrollment | StartChallenge | None:
    """Returns what a real start has asked for; None for a run that somebody without keys may have started.

    A run that continues a flow whose first run Temporal no longer has is not believed either.
    """
    start = await start_of(client, flow)
    if start is None or start.request.requested_at is None:
        return None
    begun_at = await _begin_of(client, flow)
    if begun_at is None or abs(begun_at - start.request.requested_at) > BELIEVED_WITHIN:
        return None
    return start.request


async def _begin_of(client: Client, flow: WorkflowExecutionDescription) -> datetime | None:
    """Returns when Temporal started the first run of a flow. Nobody but Temporal can set that time."""
    first_run = first_run_of(flow)
    if first_run == flow.run_id:
        return flow.start_time
    try:
        return (await client.get_workflow_handle(flow.id, run_id=first_run).describe(rpc_timeout=QUICK)).start_time
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
