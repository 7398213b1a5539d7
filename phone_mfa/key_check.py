"""Whether our keys are those of the flows that run. With others, each would fail as soon as it is replayed."""

from enum import Enum
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.client import Client

from phone_mfa.contracts import names
from phone_mfa.sealing import RingSource, SealingCodec

_LOOKED_AT: Final = 10
"""Newest flows of each sort: enough to tell, and few enough to look at when a worker starts."""

_RUNNING: Final = (
    f"ExecutionStatus = 'Running' AND WorkflowType IN ('{names.ENROLLMENT_WORKFLOW}', '{names.CHALLENGE_WORKFLOW}')"
)


class Keys(Enum):
    """Whose keys the flows of a task queue are started with, as far as one looks."""

    OURS = "ours"
    STRANGERS = "strangers"  # flows that no worker has seen, and that anybody may have started
    OTHERS = "others"  # flows that a worker with other keys works on


async def keys_of_flows(client: Client, source: RingSource, task_queue: str) -> Keys:
    """Whose keys the flows that run on this task queue are started with. Raises ``RPCError``."""
    on_queue = f"{_RUNNING} AND TaskQueue = '{task_queue}'"
    worked_on = await _known(client, source, f"{on_queue} AND MfaPhase IS NOT NULL")
    if worked_on and not any(worked_on):
        return Keys.OTHERS
    return Keys.OURS if all(await _known(client, source, f"{on_queue} AND MfaPhase IS NULL")) else Keys.STRANGERS


async def _known(client: Client, source: RingSource, query: str) -> list[bool]:
    """For each of the newest flows, whether a key of our ring started it."""
    codec, known = SealingCodec(source, client.namespace), []
    async for execution in client.list_workflows(query, limit=_LOOKED_AT):
        payloads = await _input_of(client, execution.id, execution.run_id)
        known.append(any(codec.knows(payload) for payload in payloads))
    return known


async def _input_of(client: Client, flow_id: str, run_id: str) -> list[Payload]:
    handle = client.get_workflow_handle(flow_id, run_id=run_id)
    async for event in handle.fetch_history_events(page_size=1):
        return list(event.workflow_execution_started_event_attributes.input.payloads)
    return []
