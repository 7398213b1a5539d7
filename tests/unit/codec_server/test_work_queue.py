"""Who waits for work that runs in a thread, and who is refused."""

import asyncio
import threading

import pytest

from phone_mfa.codec_server.errors import RefusedError
from phone_mfa.codec_server.work_queue import WorkQueue


async def test_who_finds_the_queue_full_is_told_to_come_back() -> None:
    queue, began, go_on = WorkQueue(at_once=1, max_waiting=0), threading.Event(), threading.Event()

    def work() -> bool:
        began.set()
        return go_on.wait(60)

    working = asyncio.create_task(queue.run(work))
    await asyncio.to_thread(began.wait, 60)
    with pytest.raises(RefusedError) as refused:
        await queue.run(list)
    go_on.set()

    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "1"})
    assert await working
    assert await queue.run(list) == []
