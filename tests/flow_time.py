"""Lets time pass for one flow on the real server, which can skip time for each workflow (experimental in Temporal)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

SHORTEST_SKIP: Final = timedelta(seconds=2)
"""Asked for a skip that is over before the server gets to it, it was seen to skip to the flow's next timer instead."""


class FlowTime:
    """Time as flows have it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(max_session_skip_count=1))

    async def now(self, flow: str) -> datetime:
        """A flow's own time."""
        return await self._skipper.get_current_time(self._handle(flow))

    async def runs(self, flow: str) -> bool:
        """Whether the flow has not ended."""
        return (await self._handle(flow).describe()).status is WorkflowExecutionStatus.RUNNING

    async def later(self, flow: str, **time: float) -> None:
        """Let this much time pass for the flow, or less if it ends meanwhile.

        One skip at a time, so at most to the flow's next timer: with several in one request, the server was seen to
        skip past the time asked for. What little is left after a timer passes by itself.
        """
        target = await self.now(flow) + timedelta(**time)
        while (left := target - await self.now(flow)) > timedelta(0):
            if left < SHORTEST_SKIP:
                await asyncio.sleep(left.total_seconds())
            elif not await self._skipped(flow, left) and not await self.runs(flow):
                return

    async def _skipped(self, flow: str, left: timedelta) -> bool:
        try:
            return await self._skipper.fast_forward(self._handle(flow), left)
        except RPCError as error:  # it ended before it was asked
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False

    def _handle(self, flow: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(flow)
