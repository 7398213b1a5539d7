"""Calls to a flow through Temporal, with errors mapped to client errors.

Every call has a time limit: Temporal's client would retry until a worker answers, whatever ``rpc_timeout`` says.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self, TypeAlias, TypeVar

from pydantic import BaseModel
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.contracts import FlowView, names
from phone_mfa.contracts.types import OfRun
from phone_mfa.encryption import SealError

from .error_mapping import FINISHED, SILENT, UNKNOWN_ANSWER, client_error, engine_errors, unreadable
from .errors import EngineUnreachableError, FinishedFlowError, UnknownFlowError, UnreadableFlowError
from .flow_status import last_run, status_at
from .start_input import first_run_of
from .worker_health import LONG_POLL, QUICK, polled_since

HEALTH_CHECK_TIMEOUT: Final = timedelta(seconds=2)
"""Timeout of Temporal's health check."""

ANSWER_WITHIN: Final = timedelta(milliseconds=500)
"""How long a query may wait for a worker. One that is slow to answer is recognized by its next poll, not by waiting
longer: a longer wait may reach a flow that another worker abandoned (docs), and keeps an operator waiting."""

_STEPPED: Final = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

Answer = TypeVar("Answer")
Handle = WorkflowHandle[Any, Any]
Call: TypeAlias = Callable[[Handle], Awaitable[Answer]]


def _now() -> datetime:
    return datetime.now(UTC)


class WorkflowClient:
    """Client for one Temporal namespace."""

    def __init__(self, client: Client, clock: Callable[[], datetime] = _now) -> None:
        self.client = client
        self._clock = clock
        self.first_run: str | None = None

    def in_run(self, run_id: str) -> Self:
        """Returns a client for the flow that started with this run, and not for a later flow with the same id."""
        pinned = copy(self)
        pinned.first_run = run_id
        return pinned

    async def described(self, flow_id: str) -> WorkflowExecutionDescription:
        """Returns Temporal's description of the flow's newest run. Raises ``UnknownFlowError``."""
        with engine_errors():
            newest = await self.client.get_workflow_handle(flow_id).describe(rpc_timeout=QUICK)
            if self.first_run in (None, first_run_of(newest)):
                return newest
            return await last_run(self.client, flow_id, str(self.first_run))

    async def view(self, flow_id: str) -> FlowView:
        """Returns the flow's status document. Raises ``UnknownFlowError`` and ``UnreadableFlowError``."""
        described = await self.described(flow_id)
        with engine_errors():
            return await status_at(self.client, described, self._clock())

    async def result(self, flow_id: str, kind: type[Answer]) -> Answer:
        """Wait until the flow ends, and return its result. Raises ``WorkflowFailureError``."""
        run_id = self.first_run
        while True:
            handle: WorkflowHandle[Any, Answer] = self.client.get_workflow_handle(
                flow_id, run_id=run_id, result_type=kind
            )
            try:
                with engine_errors():
                    return self.checked(await handle.result(), kind)
            except WorkflowFailureError:
                newest = (await self.described(flow_id)).run_id
                if newest == run_id:  # otherwise it was reset and continues
                    raise
                run_id = newest

    async def signal(self, flow_id: str, name: str, message: BaseModel) -> None:
        """Send a signal, without waiting for an answer."""
        await self.addressed(flow_id, lambda handle: handle.signal(name, message, rpc_timeout=QUICK), self.first_run)

    async def cancel(self, flow_id: str) -> None:
        """Cancel the flow in Temporal, which works even when no more signals are accepted."""
        await self.addressed(flow_id, lambda handle: handle.cancel(rpc_timeout=QUICK), self.first_run)

    async def ends(self, flow_id: str, within: timedelta) -> bool:
        """Wait for the end of the flow; False if it still runs after that time."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                async for _ in self.steps(flow_id):
                    pass
        except TimeoutError:
            return False
        return True

    async def terminate(self, flow_id: str, last_words: BaseModel, reason: str) -> None:
        """Terminate the flow's run, and no other. Does nothing if that has ended, or has been continued, meanwhile."""
        flow = await self.described(flow_id)
        if flow.status is not WorkflowExecutionStatus.RUNNING:
            return
        with contextlib.suppress(UnknownFlowError), engine_errors():
            handle: Handle = self.client.get_workflow_handle(flow_id, run_id=flow.run_id)
            await handle.terminate(last_words, reason=reason, rpc_timeout=QUICK)

    async def answers(self, flow_id: str) -> bool:
        """Whether a worker answers for the flow in time. Sends no query if no worker has polled recently."""
        flow = await self.described(flow_id)
        asked_at = datetime.now(UTC)
        with engine_errors():
            if not await polled_since(self.client, flow, asked_at - LONG_POLL):
                return False
        try:
            async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
                handle = self.client.get_workflow_handle(flow_id, run_id=flow.run_id)
                await handle.query(names.VIEW, result_type=FlowView, rpc_timeout=ANSWER_WITHIN)
        except (TimeoutError, RPCError, WorkflowQueryFailedError):
            with engine_errors():
                return await polled_since(self.client, flow, asked_at)
        return True

    async def require_temporal(self) -> None:
        """Raise ``EngineUnreachableError`` unless Temporal itself answers; workers do not matter."""
        try:
            async with asyncio.timeout(HEALTH_CHECK_TIMEOUT.total_seconds()):
                with engine_errors():
                    serves = await self.client.service_client.check_health(timeout=HEALTH_CHECK_TIMEOUT)
        except TimeoutError:
            serves = False
        if not serves:
            raise EngineUnreachableError(SILENT)

    async def steps(self, flow_id: str) -> AsyncGenerator[bool, None]:
        """Yields after each step completed by the flow's worker, by long polling, until the flow ends.

        Raises ``UnknownFlowError``.
        """
        run_id = None
        while run_id != (run_id := (await self.described(flow_id)).run_id):
            async for _ in self._steps_of(self.client.get_workflow_handle(flow_id, run_id=run_id)):
                yield True

    async def _steps_of(self, run: WorkflowHandle[Any, Any]) -> AsyncGenerator[bool, None]:
        events = run.fetch_history_events(wait_new_event=True)
        with engine_errors():
            while True:
                await events.fetch_next_page()
                stepped = any(event.event_type == _STEPPED for event in events.current_page or ())
                if not events.next_page_token:
                    return
                if stepped:
                    yield True

    def checked(self, answer: object, kind: type[Answer]) -> Answer:
        """Validate an answer: anyone with write access to the namespace can send an empty one or replay an old one."""
        if not isinstance(answer, kind):
            raise UnreadableFlowError(UNKNOWN_ANSWER)
        if self.first_run and isinstance(answer, OfRun) and answer.run_id != self.first_run:
            raise UnreadableFlowError("The answer belongs to another flow of the same user.")
        return answer

    async def addressed(self, flow_id: str, call: Call[Answer], run_id: str | None) -> Answer:
        """Call a run, or the run that continues it. Distinguishes a finished flow from a missing one."""
        while True:
            try:
                return await call(self.client.get_workflow_handle(flow_id, run_id=run_id))
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise client_error(error) from None
            except SealError as error:
                raise unreadable(error) from None
            newest = await self.described(flow_id)  # raises when there is none
            if newest.status is not WorkflowExecutionStatus.RUNNING:
                raise FinishedFlowError(FINISHED)
            if newest.run_id == run_id:
                raise UnknownFlowError("Temporal cannot find the flow's run.")
            run_id = newest.run_id
