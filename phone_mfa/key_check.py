"""Whether our keys are those of the flows that run. With others, each would fail as soon as it is replayed."""

from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.client import Client

from phone_mfa.contracts import names
from phone_mfa.sealing import RingSource, SealingCodec

_LOOKED_AT: Final = 10
"""Newest flows; a stranger may have started some of them with keys of their own."""

_RUNNING: Final = (
    f"ExecutionStatus = 'Running' AND WorkflowType IN ('{names.ENROLLMENT_WORKFLOW}', '{names.CHALLENGE_WORKFLOW}')"
)


async def flows_are_sealed_by_others(client: Client, source: RingSource) -> bool:
    """Whether flows run, and none of the newest was started with a key of our ring. Raises ``RPCError``."""
    codec, some = SealingCodec(source, client.namespace), False
    async for execution in client.list_workflows(_RUNNING, limit=_LOOKED_AT):
        payloads = await _input_of(client, execution.id, execution.run_id)
        some = some or bool(payloads)
        if any(codec.knows(payload) for payload in payloads):
            return False
    return some


async def _input_of(client: Client, flow_id: str, run_id: str) -> list[Payload]:
    handle = client.get_workflow_handle(flow_id, run_id=run_id)
    async for event in handle.fetch_history_events(page_size=1):
        return list(event.workflow_execution_started_event_attributes.input.payloads)
    return []
