"""Reads flows continuously: through the gateway, with the Temporal UI's queries, and with describe.

The queries have long deadlines, so that they wait while there is no worker.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import httpx
from temporalio.service import RPCError

from . import queries
from .over_http import problem_of
from .people import Person
from .plan import chance_of
from .stack import Stack
from .tally import Tally

TABLE: Final = "looks"

QUERY_SECONDS: Final = 30.0
STREAM_SECONDS: Final = (3.0, 20.0)
PAUSE_SECONDS: Final = (0.05, 0.6)

_OVER: Final = 0.1
"""The share of reads that go to ended flows."""


class Lookers:
    """All readers. They know a flow as soon as it is started."""

    def __init__(self, stack: Stack, people: Sequence[Person], tally: Tally, seed: int) -> None:
        self._stack, self._people, self._tally = stack, people, tally
        self._chance = chance_of(seed)
        self._kinds: dict[str, tuple[int, Callable[[str], Awaitable[str]]]] = {
            "GET view": (4, self._get),
            "event stream": (2, self._follow),
            "query view": (3, lambda flow_id: self._query(flow_id, queries.VIEW)),
            "query metadata": (3, lambda flow_id: self._query(flow_id, queries.METADATA)),
            "describe": (1, self._describe),
        }

    @asynccontextmanager
    async def looking(self, count: int) -> AsyncIterator[None]:
        """Run this many readers inside the context."""
        tasks = [asyncio.create_task(self._look()) for _ in range(count)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for end in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(end, Exception):
                    self._tally.violated("a look ended in an error of its own", repr(end))

    async def _look(self) -> None:
        while True:
            flow_id = self._some_flow()
            if flow_id:
                kind = self._chance.choices(list(self._kinds), [weight for weight, _ in self._kinds.values()])[0]
                result = await self._kinds[kind][1](flow_id)
                self._tally.count(TABLE, f"{kind}: {result}")
            await asyncio.sleep(self._chance.uniform(*PAUSE_SECONDS))

    def _some_flow(self) -> str | None:
        over = self._chance.random() < _OVER
        known = [person.caller.flow_id for person in self._people if person.caller.flow_id and person.done is over]
        return self._chance.choice(known) if known else None

    async def _get(self, flow_id: str) -> str:
        try:
            answer = await self._stack.http.get(self._address(flow_id), headers=self._headers)
        except httpx.TransportError as error:
            return type(error).__name__
        if answer.is_success:
            self._heard(flow_id, answer.json()["outcome"])
            return "shown"
        if problem_of(answer) == "flow-failed":
            self._heard(flow_id, "failed")
        return f"{answer.status_code} {problem_of(answer)}"

    async def _follow(self, flow_id: str) -> str:
        try:
            async with asyncio.timeout(self._chance.uniform(*STREAM_SECONDS)):
                return await self._follow_to_end(flow_id)
        except TimeoutError:
            return "left"
        except httpx.TransportError as error:
            return type(error).__name__

    async def _follow_to_end(self, flow_id: str) -> str:
        name = ""
        async with self._stack.http.stream("GET", f"{self._address(flow_id)}/events", headers=self._headers) as stream:
            if not stream.is_success:
                await stream.aread()
                return f"{stream.status_code} {problem_of(stream)}"
            async for line in stream.aiter_lines():
                field, _, text = line.partition(": ")
                name = text if field == "event" else name
                if field == "data" and name in ("end", "failed"):
                    self._heard(flow_id, json.loads(text).get("outcome", "failed"))
                    return f"told the {name}"
        return "cut off"

    def _address(self, flow_id: str) -> str:
        return f"{self._stack.gateway}/v1/flows/{flow_id}"

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._stack.api_key}"}

    def _heard(self, flow_id: str, outcome: str | None) -> None:
        if outcome:
            self._tally.told[flow_id][outcome] += 1

    async def _query(self, flow_id: str, name: str) -> str:
        return await self._engine(queries.ask(self._stack.client, flow_id, name, QUERY_SECONDS))

    async def _describe(self, flow_id: str) -> str:
        handle = self._stack.client.get_workflow_handle(flow_id)
        return await self._engine(handle.describe(rpc_timeout=timedelta(seconds=10)))

    async def _engine(self, ask: Awaitable[Any]) -> str:
        """Return the result of a call to Temporal. The client's own deadline does not apply while it reconnects."""
        try:
            async with asyncio.timeout(QUERY_SECONDS + 5):
                await ask
        except RPCError as error:
            return error.status.name.lower().replace("_", " ")
        except RuntimeError:  # a client that has never connected
            return "not connected"
        except TimeoutError:
            return "given up"
        return "shown"
