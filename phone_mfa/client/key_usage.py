"""Which running flows need a key of the ring. Reads the key ids in the metadata of payloads, and opens no payload.

A worker that continues a flow reads its whole history. So a flow needs every key that anything in its history is sealed
with, also a signal that came late.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionAsyncIterator
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.contracts import names
from phone_mfa.encryption.codec import KEY_ID
from phone_mfa.encryption.payload_search import payloads_in

from .error_mapping import engine_errors
from .worker_health import QUICK

AT_ONCE: Final = 20
"""Number of histories to read at a time. 2,000 took 9 s on two busy cores, twice that with 5, and no less with 50."""

_RUNNING: Final = (
    f"ExecutionStatus = 'Running' AND WorkflowType IN ('{names.ENROLLMENT_WORKFLOW}', '{names.CHALLENGE_WORKFLOW}')"
)


@dataclass(frozen=True, slots=True)
class RunningFlows:
    """The running flows of a namespace, on all task queues. ``some``: ids of the newest."""

    count: int
    some: Sequence[str]


async def running_flows(client: Client, most: int) -> RunningFlows:
    """Returns how many flows run, and up to ``most`` of their ids. Raises ``EngineUnreachableError``.

    Temporal's list lags by about a second.
    """
    with engine_errors():
        counted = await client.count_workflows(_RUNNING, rpc_timeout=QUICK)
        listed = client.list_workflows(_RUNNING, limit=most, rpc_timeout=QUICK)
        return RunningFlows(counted.count, [execution.id async for execution in listed])


async def flows_needing(client: Client, keys: Collection[str], on_checked: Callable[[], None]) -> list[str]:
    """Returns the ids of the running flows that need one of these keys. Raises ``EngineUnreachableError``.

    Reads the history of every running flow, up to the first payload sealed with one of the keys. ``on_checked`` is
    called after each flow. Temporal's list lags by about a second.
    """
    key_ids = {key.encode() for key in keys}
    listed = client.list_workflows(_RUNNING, rpc_timeout=QUICK)
    needing: list[str] = []
    turn = asyncio.Lock()

    async def check_some() -> None:
        while (flow := await _next(listed, turn)) is not None:
            if await _needs(client, flow, key_ids):
                needing.append(flow.id)
            on_checked()

    with engine_errors():
        await asyncio.gather(*(check_some() for _ in range(AT_ONCE)))
    return sorted(needing)


async def _next(listed: WorkflowExecutionAsyncIterator, turn: asyncio.Lock) -> WorkflowExecution | None:
    async with turn:  # the iterator fetches pages, which must not happen twice at a time
        return await anext(listed, None)


async def _needs(client: Client, flow: WorkflowExecution, key_ids: Collection[bytes]) -> bool:
    handle = client.get_workflow_handle(flow.id, run_id=flow.run_id)
    try:
        async for event in handle.fetch_history_events(rpc_timeout=QUICK):
            if any(payload.metadata.get(KEY_ID) in key_ids for payload in payloads_in(event)):
                return True
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # it has ended and was deleted
            raise
    return False
