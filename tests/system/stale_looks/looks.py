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

LOOKS_PER_WORKFLOW = 6
"""With one look 9 of 10 bare workflows were seen to break, with six 10 of 10."""

LOOK_TIMEOUT = timedelta(seconds=60)
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05


@asynccontextmanager
async def waiting_looks(handles: Sequence[Handle], query: str) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """While inside, six queries of each workflow wait for a worker.

    They must be there before anything happens: once a workflow task is pending, the server hands queries out with it.
    """
    before = await asyncio.gather(*map(events, handles))
    asked = [
        asyncio.create_task(handle.query(query, rpc_timeout=LOOK_TIMEOUT))
        for handle in handles
        for _ in range(LOOKS_PER_WORKFLOW)
    ]
    # While the histories are fetched again, the looks, which were asked first, reach the server.
    assert await asyncio.gather(*map(events, handles)) == before, "something happened before the looks came"
    try:
        yield asked
    finally:
        for look in asked:
            look.cancel()
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
