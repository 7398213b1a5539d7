"""Startup check that the worker has the keys of the running flows. With other keys, each would fail on replay."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecution

from phone_mfa.contracts import names
from phone_mfa.encryption import KeyringSource, SealingCodec

_SAMPLE: Final = 10
"""Number of newest flows of each kind to check: enough to decide, and few enough for a worker's start."""

_FIRST_EVENTS: Final = 20
"""Number of events to read: enough to include the first step of a flow, unless many messages came before it."""

_STEPPED: Final = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

_RUNNING: Final = (
    f"ExecutionStatus = 'Running' AND WorkflowType IN ('{names.ENROLLMENT_WORKFLOW}', '{names.CHALLENGE_WORKFLOW}')"
)


class KeyMatch(Enum):
    """Whether the checked flows of a task queue were started with our keys."""

    MATCHING = "matching"
    UNKNOWN = "unknown"  # other keys, but no worker has processed the flows: anyone may have started them
    FOREIGN = "foreign"  # other keys, and a worker that has them is processing the flows


@dataclass(frozen=True, slots=True)
class _Flow:
    """A checked flow. ``known``: started with a key of our ring. ``worked_on``: a worker has completed a step of it."""

    task_queue: str
    known: bool
    worked_on: bool


async def keys_of_flows(client: Client, source: KeyringSource, task_queue: str) -> KeyMatch:
    """Returns whether the running flows of this task queue were started with our keys. Raises ``RPCError``.

    The listed message count is only a hint, since whoever starts a flow can set it. History shows whether a worker
    completed a step.
    """
    on_queue = f"{_RUNNING} AND TaskQueue = '{task_queue}'"
    flows = [
        *await _newest(client, source, f"{on_queue} AND MfaSends > 0"),
        *await _newest(client, source, f"{on_queue} AND (MfaSends = 0 OR MfaSends IS NULL)"),
    ]
    worked_on = [flow.known for flow in flows if flow.worked_on]
    if worked_on and not any(worked_on):
        return KeyMatch.FOREIGN
    return KeyMatch.MATCHING if all(flow.known or flow.worked_on for flow in flows) else KeyMatch.UNKNOWN


async def queues_with_unknown_keys(client: Client, source: KeyringSource, task_queue: str) -> Collection[str]:
    """Returns the other task queues with running flows started with keys that we lack. Raises ``RPCError``."""
    flows = await _newest(client, source, f"{_RUNNING} AND TaskQueue != '{task_queue}'")
    return sorted({flow.task_queue for flow in flows if not flow.known})


async def _newest(client: Client, source: KeyringSource, query: str) -> list[_Flow]:
    """Returns the newest matching flows, with one call for each."""
    codec = SealingCodec(source, client.namespace)
    listed = client.list_workflows(query, limit=_SAMPLE)
    return [await _flow(client, codec, execution) async for execution in listed]


async def _flow(client: Client, codec: SealingCodec, execution: WorkflowExecution) -> _Flow:
    """Examine a flow by the first events of its history."""
    handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
    history = handle.fetch_history_events(page_size=_FIRST_EVENTS)
    await history.fetch_next_page()
    events = history.current_page or ()
    starts = (event.workflow_execution_started_event_attributes.input for event in events)
    return _Flow(
        task_queue=execution.task_queue,
        known=any(codec.knows(payload) for start in starts for payload in start.payloads),
        worked_on=any(event.event_type == _STEPPED for event in events),
    )
