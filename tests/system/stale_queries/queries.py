"""Looks at workflows that no worker runs, and what history holds of those workflows."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

Handle = WorkflowHandle[Any, Any]

QUERIES_PER_WORKFLOW = 6
"""With one query 9 of 10 bare workflows were seen to break, with six 10 of 10."""

QUERY_TIMEOUT = timedelta(seconds=60)
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05


@asynccontextmanager
async def waiting_queries(handles: Sequence[Handle], query: str) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """While inside, six queries of each workflow wait for a worker.

    They must be there before anything happens: once a workflow task is pending, the server hands queries out with it.
    """
    before = await asyncio.gather(*map(events, handles))
    asked = [
        asyncio.create_task(handle.query(query, rpc_timeout=QUERY_TIMEOUT))
        for handle in handles
        for _ in range(QUERIES_PER_WORKFLOW)
    ]
    # While the histories are fetched again, the queries, which were asked first, reach the server.
    assert await asyncio.gather(*map(events, handles)) == before, "something happened before the queries came"
    try:
        yield asked
    finally:
        for waiting in asked:
            waiting.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def events(handle: Handle) -> list["EventType.ValueType"]:
    """The types of all events, in order."""
    return [event.event_type for event in (await handle.fetch_history()).events]


async def until_all(handles: Iterable[Handle], *wanted: "EventType.ValueType") -> None:
    """Wait until each history holds these events in this order, whatever stands between them."""
    await asyncio.gather(*(_until(handle, wanted) for handle in handles))


async def _until(handle: Handle, wanted: tuple["EventType.ValueType", ...]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not _in_order(wanted, seen := await events(handle)):
        assert time.monotonic() < give_up_at, f"history stays at {[EventType.Name(event) for event in seen]}"
        await asyncio.sleep(POLL_SECONDS)


def _in_order(wanted: Iterable[object], seen: Iterable[object]) -> bool:
    rest = iter(seen)
    return all(event in rest for event in wanted)
