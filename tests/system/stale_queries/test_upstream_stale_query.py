"""What the Temporal SDK does today with a query that waited for a worker while a timer fired.

No flow of ours plays here: these tests hold what our flows have to bear. They fail once an SDK bears it for us.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import temporalio.service
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowQueryFailedError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.system.stale_queries.bare import Sleeper
from tests.system.stale_queries.queries import Handle, events, until_all, waiting_queries

WORKFLOWS = 5
SLEEP_SECONDS = 1.5

FIRED = EventType.EVENT_TYPE_TIMER_FIRED
STARTED = EventType.EVENT_TYPE_TIMER_STARTED
STEPPED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

MENDED = (
    f"temporalio {temporalio.service.__version__} answers a query that waited without running what came meanwhile "
    "at an old time: what our flows do against it may no longer be needed"
)


async def test_the_sdk_still_runs_the_step_after_a_timer_in_a_query_with_the_time_before_the_timer(
    engine: WorkflowEnvironment,
) -> None:
    queue = str(uuid.uuid4())
    handles = await sleepers(engine, queue)
    async with waiting_queries(handles, "times_of_waking") as queries:
        await until_all(handles, FIRED)
        async with worker(engine, queue):
            answers: list[list[float]] = await asyncio.gather(*queries)
    fired_at = [await time_of_firing(handle) for handle in handles for _ in range(len(queries) // WORKFLOWS)]
    assert any(woke and woke[0] < fired for woke, fired in zip(answers, fired_at, strict=True)), MENDED
    await end(handles)


async def test_a_command_that_the_sdk_still_makes_in_a_query_breaks_the_next_replay(
    engine: WorkflowEnvironment,
) -> None:
    queue = str(uuid.uuid4())
    handles = await sleepers(engine, queue)
    async with waiting_queries(handles, "times_of_waking"):
        await until_all(handles, FIRED)
        async with worker(engine, queue):
            await until_all(handles, FIRED, STEPPED)
    slept_again = [handle for handle in handles if STARTED in await since_firing(handle)]
    assert slept_again, MENDED
    async with worker(engine, queue):
        answers = await asyncio.gather(
            *(handle.query(Sleeper.times_of_waking) for handle in slept_again), return_exceptions=True
        )
    assert all(isinstance(answer, WorkflowQueryFailedError) for answer in answers), answers
    assert all("TMPRL1100" in str(answer) for answer in answers), answers
    await end(handles)


async def sleepers(engine: WorkflowEnvironment, queue: str) -> list[Handle]:
    """Workflows that sleep, and whose worker is gone."""
    with engine.with_time_skipping_disabled():
        starts = (
            engine.client.start_workflow(Sleeper.run, SLEEP_SECONDS, id=str(uuid.uuid4()), task_queue=queue)
            for _ in range(WORKFLOWS)
        )
        handles: list[Handle] = await asyncio.gather(*starts)
    async with worker(engine, queue):
        await until_all(handles, STARTED)
    return handles


@asynccontextmanager
async def worker(engine: WorkflowEnvironment, queue: str) -> AsyncIterator[None]:
    async with Worker(engine.client, task_queue=queue, workflows=[Sleeper]):
        yield


async def time_of_firing(handle: Handle) -> float:
    history = await handle.fetch_history()
    fired = next(event for event in history.events if event.event_type == FIRED)
    return fired.event_time.ToNanoseconds() / 1e9


async def since_firing(handle: Handle) -> list["EventType.ValueType"]:
    seen = await events(handle)
    return seen[seen.index(FIRED) :]


async def end(handles: list[Handle]) -> None:
    await asyncio.gather(*(handle.terminate() for handle in handles))
