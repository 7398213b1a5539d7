"""Budgets that several workers share in Redis, and what becomes of them when it does not answer."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from structlog.testing import capture_logs

from activities.budget_store import BudgetStore
from activities.budgets import Budgets, Check, Message, rates
from phone_mfa.contracts import Budget, Origin
from phone_mfa.contracts.calls import Refusal
from phone_mfa.phone_numbers import parsed
from tests.keys import KEYS
from tests.system.budgets.redis_server import RedisServer

NUMBER = "+4915123456789"
ADA = Origin(user="ada".ljust(32, "a"))
CHECK = Check(ADA, "enroll-1", parsed(NUMBER).reaches)
MESSAGE = Message(ADA, "enroll-1", number=parsed(NUMBER))


class Workers:
    """Workers, each with budgets in the same store."""

    def __init__(self, ending: AsyncExitStack) -> None:
        self._ending = ending

    def __call__(self, address: str, allowed: str = "10/hour") -> Budgets:
        store = BudgetStore(address)
        self._ending.push_async_callback(store.aclose)
        return Budgets(store, KEYS, {Budget.NUMBER: rates(allowed)})


@pytest.fixture
async def worker() -> AsyncIterator[Workers]:
    async with AsyncExitStack() as ending:
        yield Workers(ending)


async def test_two_workers_share_a_budget_to_the_last_message(redis: RedisServer, worker: Workers) -> None:
    workers = [worker(redis.address) for _ in range(2)]
    taken = await asyncio.gather(*(workers[number % 2].take(MESSAGE) for number in range(60)))
    assert sum(spent is None for spent in taken) == 10
    assert {(await each.left(MESSAGE)).sends for each in workers} == {0}
    spent = await workers[0].take(MESSAGE)
    assert spent and spent.seconds and 3590 <= spent.seconds <= 3600


async def test_wrong_codes_are_counted_over_workers_and_outlive_them(redis: RedisServer, worker: Workers) -> None:
    for _ in range(5):
        some = worker(redis.address)
        assert await some.begin_check(CHECK) is None
        await some.end_check(CHECK, Refusal.CODE_WRONG)
    pause = await worker(redis.address).begin_check(Check(ADA, "challenge-2"))
    assert pause and pause.seconds and 20 < pause.seconds <= 30
    await worker(redis.address).end_check(CHECK, None)
    assert await worker(redis.address).begin_check(CHECK) is None


async def test_redis_holds_neither_numbers_nor_users(redis: RedisServer, worker: Workers) -> None:
    some = worker(redis.address)
    await some.take(MESSAGE)
    await some.is_shared(MESSAGE)
    await some.begin_check(CHECK)
    content = await redis.content()
    assert content.count("\n") >= 3
    assert NUMBER.lstrip("+") not in content and NUMBER[-4:] not in content


async def test_without_redis_each_worker_counts_for_itself_and_goes_back_when_it_answers(
    redis: RedisServer, worker: Workers
) -> None:
    one, other = worker(redis.address, "2/hour"), worker(redis.address, "2/hour")
    assert await one.take(MESSAGE) is None
    await redis.kill()
    with capture_logs() as logs:
        for each in (one, other):
            assert [await each.take(MESSAGE) is None for _ in range(3)] == [True, True, False]
    assert [line["event"] for line in logs] == ["budgets.counted_in_memory"] * 2, "once, not for every question"
    assert "127.0.0.1" not in str(logs)

    await redis.start()  # empty
    give_up_at = time.monotonic() + 30
    while await one.take(MESSAGE):
        assert time.monotonic() < give_up_at
        await asyncio.sleep(0.1)
    assert (await worker(redis.address, "2/hour").left(MESSAGE)).sends == 1


async def test_a_redis_that_hangs_is_asked_once_and_not_for_every_question(worker: Workers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.setblocking(False)
        some = worker(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        assert [await some.take(MESSAGE) is None for _ in range(12)] == [True] * 10 + [False] * 2
        deaf.accept()[0].close()
        with pytest.raises(BlockingIOError):
            deaf.accept()


async def test_a_redis_that_refuses_us_is_told_of_at_the_start(redis: RedisServer, worker: Workers) -> None:
    wrong_database = redis.address.removesuffix("/0") + "/9999"
    for address, told in ((redis.address, []), (wrong_database, ["budgets.redis_not_usable"])):
        with capture_logs() as logs:
            await worker(address).store.warn_unless_answering()
        assert [line["event"] for line in logs] == told
