"""Speaks to one flow through Temporal, and says in our words what comes of it.

Every call ends: Temporal's client would ask again and again until a worker answers, whatever ``rpc_timeout`` says.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Awaitable
from copy import copy
from datetime import timedelta
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.contracts import FlowView, names
from phone_mfa.contracts.values import OfRun
from phone_mfa.sealing import SealError, opaque

from .errors import (
    EngineUnreachableError,
    FinishedFlowError,
    NoAnswerYetError,
    NobodyWorksError,
    RefusedMessageError,
    UnreadableFlowError,
)
from .explaining import (
    FINISHED,
    LATE,
    NO_ANSWER_YET,
    NOBODY_WORKS,
    SILENT,
    engine_errors,
    explained,
    sentence_of,
    unreadable,
)

VIEW_TIMEOUT: Final = timedelta(seconds=20)
"""How long a view may take: a worker that takes over from a dead one first replays the flow."""

PROBE_TIMEOUT: Final = timedelta(seconds=5)
"""How long somebody who waited for an answer in vain is kept longer, to be told whether a worker is there at all."""

PULSE_TIMEOUT: Final = timedelta(seconds=2)
"""How long Temporal may take to say that it is there."""

QUICK: Final = timedelta(seconds=10)
"""How long Temporal may take for what needs no call to Auth0."""

_STEPPED: Final = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

Answer = TypeVar("Answer")


class Engine:
    """One namespace of Temporal. ``answer_timeout``: how long a message may wait for its answer."""

    def __init__(self, client: Client, naming_key: bytes, answer_timeout: timedelta) -> None:
        self.client = client
        self._naming_key = naming_key
        self._answer_timeout = answer_timeout
        self._run_id: str | None = None

    def in_run(self, run_id: str) -> Self:
        """The same, for one run of a flow only: a later flow of the same id is another one."""
        pinned = copy(self)
        pinned._run_id = run_id
        return pinned

    def handle(self, flow_id: str) -> WorkflowHandle[Any, Any]:
        """Where the flow is spoken to."""
        return self.client.get_workflow_handle(flow_id, run_id=self._run_id)

    async def described(self, flow_id: str) -> WorkflowExecutionDescription:
        """What Temporal knows of the flow. Raises ``UnknownFlowError``."""
        with engine_errors():
            return await self.handle(flow_id).describe(rpc_timeout=QUICK)

    async def result(self, flow_id: str, kind: type[Answer]) -> Answer:
        """Wait until the flow is over, and take its result. Raises ``WorkflowFailureError``."""
        handle: WorkflowHandle[Any, Answer] = self.client.get_workflow_handle(
            flow_id, run_id=self._run_id, result_type=kind
        )
        with engine_errors():
            return self._checked(await handle.result(), kind)

    async def signal(self, flow_id: str, name: str, message: BaseModel) -> None:
        """Say something and walk away."""
        await self._addressed(flow_id, self.handle(flow_id).signal(name, message, rpc_timeout=QUICK))

    async def query(self, flow_id: str, name: str, answer: type[Answer], longest: timedelta = VIEW_TIMEOUT) -> Answer:
        """Ask what changes nothing, of a finished flow too. Raises ``NobodyWorksError``."""
        patience = min(longest, self._answer_timeout)
        asked = self.handle(flow_id).query(name, result_type=answer, rpc_timeout=patience)
        try:
            async with asyncio.timeout(patience.total_seconds()):
                with engine_errors():
                    return self._checked(await _in_time(asked), answer)
        except TimeoutError:
            await self.require_pulse()
            raise NobodyWorksError(NOBODY_WORKS) from None

    async def require_pulse(self) -> None:
        """Raise ``EngineUnreachableError`` unless Temporal itself answers, whoever works."""
        try:
            async with asyncio.timeout(PULSE_TIMEOUT.total_seconds()):
                with engine_errors():
                    serves = await self.client.service_client.check_health(timeout=PULSE_TIMEOUT)
        except TimeoutError:
            serves = False
        if not serves:
            raise EngineUnreachableError(SILENT)

    async def moves(self, flow_id: str) -> AsyncGenerator[bool, None]:
        """Something after each step that the flow's worker took, until the flow is over. Temporal tells, unasked.

        Ends when the flow does. Raises ``UnknownFlowError``.
        """
        events = self.handle(flow_id).fetch_history_events(wait_new_event=True)
        with engine_errors():
            while True:
                await events.fetch_next_page()
                stepped = any(event.event_type == _STEPPED for event in events.current_page or ())
                if not events.next_page_token:
                    return
                if stepped:
                    yield True

    async def update(
        self,
        flow_id: str,
        name: str,
        message: BaseModel | None,
        answer: type[Answer],
        submission_id: str | None = None,
    ) -> Answer:
        """Say something and wait for the answer. The same ``submission_id``, the same answer."""
        update = self.handle(flow_id).execute_update(
            name,
            args=[] if message is None else [message],
            id=self._update_id(flow_id, name, submission_id),
            result_type=answer,
            rpc_timeout=self._answer_timeout,
        )
        try:
            async with asyncio.timeout(self._answer_timeout.total_seconds()):
                return self._checked(await self._addressed(flow_id, update), answer)
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            if isinstance(cause, ApplicationError) and cause.type == "AcceptedUpdateCompletedWorkflow":
                raise FinishedFlowError(FINISHED) from None
            raise RefusedMessageError(sentence_of(cause)) from None
        except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError from None
            await self.query(flow_id, names.VIEW, FlowView, PROBE_TIMEOUT)  # raises when nobody works
            raise NoAnswerYetError(NO_ANSWER_YET) from None

    def _checked(self, answer: object, kind: type[Answer]) -> Answer:
        """Who may write to the namespace may answer in the flow's place, with nothing or with what it said before."""
        if not isinstance(answer, kind):
            raise UnreadableFlowError("The flow's answer is none.")
        if self._run_id and isinstance(answer, OfRun) and answer.run_id != self._run_id:
            raise UnreadableFlowError("The answer is of another flow of the same user.")
        return answer

    def _update_id(self, flow_id: str, name: str, submission_id: str | None) -> str:
        """The engine answers an update id it has seen with the same answer, even after the flow is over."""
        if submission_id is None:
            return str(uuid.uuid4())
        return opaque(self._naming_key, "update", json.dumps([flow_id, name, submission_id]))

    async def _addressed(self, flow_id: str, call: Awaitable[Answer]) -> Answer:
        """Tell a finished flow from one that never was."""
        try:
            return await call
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                await self.described(flow_id)  # raises when there is none
                raise FinishedFlowError(FINISHED) from None
            raise explained(error) from None
        except SealError as error:
            raise unreadable(error) from None


async def _in_time(call: Awaitable[Answer]) -> Answer:
    """Raises ``TimeoutError``, whoever says that time is up."""
    try:
        return await call
    except RPCError as error:
        if error.status in LATE:
            raise TimeoutError from None
        raise
