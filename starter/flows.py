"""Starts and addresses flows: the one place that does. The command line and every other caller use this.

Knows flow ids, message names and what Temporal's errors mean to a caller. Refuses to know Auth0.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.contracts import (
    BindingCode,
    CancelFlow,
    ChallengeResult,
    ChangePhoneNumber,
    Channel,
    CodeVerdict,
    EnrollmentResult,
    FlowView,
    Outcome,
    Phase,
    PhoneNumber,
    ProvideMfaToken,
    RecoveryCode,
    SendReceipt,
    StartChallenge,
    StartEnrollment,
    SwitchChannel,
    names,
)
from phone_mfa.sealing import SealError, opaque

from .errors import (
    FailedFlowError,
    FinishedFlowError,
    NoAnswerYetError,
    NobodyWorksError,
    RefusedMessageError,
    UnreadableFlowError,
)
from .explaining import FINISHED, NO_ANSWER_YET, NOBODY_WORKS, engine_errors, explained, sentence_of, unreadable, why
from .forgetting import forget, until_gone
from .listing import FlowSummary, summary_of

ANSWER_TIMEOUT: Final = timedelta(seconds=40)
"""How long a message may wait for its answer: two calls to Auth0 (20 s each), one that looks and one that acts."""

VIEW_TIMEOUT: Final = timedelta(seconds=20)
"""How long a view may take: a worker that takes over from a dead one first replays the flow."""

QUICK: Final = timedelta(seconds=10)
"""How long Temporal may take for what needs no call to Auth0."""

PRIORITIES: Final = {names.CHALLENGE_WORKFLOW: 2, names.ENROLLMENT_WORKFLOW: 4}
"""A person who logs in waits at a screen; enrollments may come by the thousand. Temporal takes 1 first and 5 last."""

Answer = TypeVar("Answer")
Result = EnrollmentResult | ChallengeResult


@dataclass(frozen=True, slots=True)
class Started:
    """A flow that runs. ``attached``: it ran already, and nothing new was started."""

    flow_id: str
    attached: bool


class Flows:
    """The flows of one tenant.

    Args:
        client: From ``phone_mfa.temporal.connect``.
        tenant: Tells the users of one tenant from those of another; its domain, say.
        naming_key: Makes ids that tell nothing; the same wherever flows of one namespace are started.
        task_queue: Where the worker looks.
        answer_timeout: How long a message may wait for its answer.

    Every method raises ``EngineUnreachableError`` when Temporal does not answer; those that address a flow raise
    ``UnknownFlowError``, ``FinishedFlowError`` and ``NobodyWorksError``.
    """

    def __init__(
        self,
        client: Client,
        *,
        tenant: str,
        naming_key: bytes,
        task_queue: str = names.TASK_QUEUE,
        answer_timeout: timedelta = ANSWER_TIMEOUT,
    ) -> None:
        self._client = client
        self._tenant = tenant
        self._naming_key = naming_key
        self._fairness_key = opaque(naming_key, "tenant", tenant)
        self._task_queue = task_queue
        self._answer_timeout = answer_timeout

    async def enroll(self, user: str, request: StartEnrollment) -> Started:
        """Start enrolling a user's phone, or attach to the enrollment that runs.

        ``user`` is any name of yours for the user; it never leaves this process. A running flow is given the
        request's ``mfa_token``, as it may be fresher; the rest of the request is not looked at then.
        """
        return await self._start(names.ENROLLMENT_WORKFLOW, self.flow_id("enroll", user), request, EnrollmentResult)

    async def challenge(self, user: str, request: StartChallenge) -> Started:
        """Start a challenge of a user's phone, or attach to the one that runs. See ``enroll``."""
        return await self._start(names.CHALLENGE_WORKFLOW, self.flow_id("challenge", user), request, ChallengeResult)

    def flow_id(self, kind: str, user: str) -> str:
        """The id of a user's flow: the same user, tenant and kind, the same id.

        Without the naming key nobody can tell the user from it, or try users against it.
        """
        return f"{kind}-{opaque(self._naming_key, kind, json.dumps([self._tenant, user]))}"

    async def _start(
        self, workflow: str, flow_id: str, request: StartEnrollment | StartChallenge, result: type[Result]
    ) -> Started:
        try:
            return await self._start_or_attach(workflow, flow_id, request, result)
        except FinishedFlowError:  # it ended while we attached
            return await self._start_or_attach(workflow, flow_id, request, result)

    async def _start_or_attach(
        self, workflow: str, flow_id: str, request: StartEnrollment | StartChallenge, result: type[Result]
    ) -> Started:
        with engine_errors():
            try:
                await self._client.start_workflow(
                    workflow,
                    request,
                    id=flow_id,
                    task_queue=self._task_queue,
                    result_type=result,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    static_summary=f"{workflow.removesuffix('Workflow').lower()} of one phone",
                    priority=Priority(priority_key=PRIORITIES[workflow], fairness_key=self._fairness_key),
                    rpc_timeout=QUICK,
                )
            except WorkflowAlreadyStartedError:
                await self._pass_token_on(flow_id, request)
                return Started(flow_id, attached=True)
        return Started(flow_id, attached=False)

    async def _pass_token_on(self, flow_id: str, request: StartEnrollment | StartChallenge) -> None:
        if request.mfa_token is not None:
            token = ProvideMfaToken(mfa_token=request.mfa_token, issued_at=request.mfa_token_issued_at)
            await self.provide_token(flow_id, token)

    async def submit_code(self, flow_id: str, code: BindingCode) -> None:
        """Hand a code in and walk away. A malformed one is refused here, as nobody would hear of it there."""
        if code.problem:
            raise RefusedMessageError(code.problem)
        await self._signal(flow_id, names.SUBMIT_BINDING_CODE, code)

    async def check_code(self, flow_id: str, code: BindingCode) -> CodeVerdict:
        """Hand a code in and wait for its verdict. With a ``submission_id`` it may safely be asked again."""
        return await self._verdict_on(flow_id, names.CHECK_BINDING_CODE, code)

    async def check_recovery_code(self, flow_id: str, code: RecoveryCode) -> CodeVerdict:
        """Finish a challenge with the recovery code. The new one that replaces it is in the result."""
        return await self._verdict_on(flow_id, names.CHECK_RECOVERY_CODE, code)

    async def _verdict_on(self, flow_id: str, name: str, code: BindingCode | RecoveryCode) -> CodeVerdict:
        verdict = await self._update(flow_id, name, code, CodeVerdict, code.submission_id)
        if verdict.submission_id != code.submission_id:
            raise UnreadableFlowError("The verdict is on another code.")
        return verdict

    async def resend(self, flow_id: str) -> SendReceipt:
        """Ask for another message. Too early, the receipt says when."""
        return await self._update(flow_id, names.RESEND_CODE, None, SendReceipt)

    async def switch_channel(self, flow_id: str, channel: Channel) -> SendReceipt:
        """Ask for another message on another channel. Too early, the receipt says when."""
        return await self._update(flow_id, names.SWITCH_CHANNEL, SwitchChannel(channel=channel), SendReceipt)

    async def change_number(self, flow_id: str, phone_number: PhoneNumber) -> SendReceipt:
        """Enroll another number instead; enrollments only."""
        change = ChangePhoneNumber(phone_number=phone_number)
        return await self._update(flow_id, names.CHANGE_PHONE_NUMBER, change, SendReceipt)

    async def provide_token(self, flow_id: str, token: ProvideMfaToken) -> None:
        """Hand a fresh ``mfa_token`` in and walk away."""
        await self._signal(flow_id, names.PROVIDE_MFA_TOKEN, token)

    async def renew_token(self, flow_id: str, token: ProvideMfaToken) -> Phase:
        """Hand a fresh ``mfa_token`` in; tells the phase that follows."""
        return await self._update(flow_id, names.RENEW_MFA_TOKEN, token, Phase)

    async def cancel(self, flow_id: str, reason: str = "") -> None:
        """End the flow. ``reason`` is shown to operators."""
        await self._signal(flow_id, names.CANCEL_FLOW, CancelFlow(reason=reason))

    async def view(self, flow_id: str) -> FlowView:
        """The status document, of a finished flow too."""
        patience = min(VIEW_TIMEOUT, self._answer_timeout)
        try:
            # The client asks again and again until a worker answers, whatever rpc_timeout says.
            async with asyncio.timeout(patience.total_seconds()):
                with engine_errors():
                    query = self._handle(flow_id).query(names.VIEW, result_type=FlowView, rpc_timeout=patience)
                    view: FlowView = await query
        except TimeoutError:
            raise NobodyWorksError(NOBODY_WORKS) from None
        return view

    async def watch(self, flow_id: str, every: timedelta = timedelta(milliseconds=500)) -> AsyncIterator[FlowView]:
        """The status document now and at each change, until the flow is over. Raises ``FailedFlowError``."""
        last = None
        while True:
            view = await self.view(flow_id)
            if view != last:
                yield view
            last = view
            if view.phase is Phase.DONE:
                return
            await self._raise_if_failed(flow_id)
            await asyncio.sleep(every.total_seconds())

    async def result(self, flow_id: str) -> Result:
        """Wait until the flow is over, and take its result: with tokens and recovery code, so mind where it goes.

        Raises ``FailedFlowError`` when it failed, or somebody terminated it. A flow the engine cancelled has the
        outcome ``cancelled``.
        """
        kind = EnrollmentResult if flow_id.startswith("enroll-") else ChallengeResult
        run = (await self._described(flow_id)).run_id
        handle: WorkflowHandle[Any, Result] = self._client.get_workflow_handle(flow_id, run_id=run, result_type=kind)
        with engine_errors():
            try:
                result = await handle.result()
            except WorkflowFailureError as error:
                if (await handle.describe()).status is WorkflowExecutionStatus.CANCELED:
                    return kind(outcome=Outcome.CANCELLED, run_id=run)
                raise FailedFlowError(why(error)) from None
        if result.run_id != run:
            raise UnreadableFlowError("The result is of an earlier flow of the same user.")
        return result

    async def forget(self, flow_id: str) -> int:
        """Delete what Temporal stores of a flow that is over, and of earlier ones of the same id; tells how many.

        Temporal does it within a minute or so. Raises ``RunningFlowError`` when the flow is not over.
        """
        return await forget(self._client, flow_id)

    async def until_forgotten(self, flow_id: str) -> bool:
        """Wait until Temporal shows nothing of a flow any more; False when it still does after two minutes."""
        return await until_gone(self._client, flow_id)

    async def list(self, query: str = "", limit: int | None = None) -> AsyncIterator[FlowSummary]:
        """Flows, newest first. ``query``: more conditions in Temporal's list filter, as ``MfaPhase = 'done'``."""
        types = f"WorkflowType IN ('{names.ENROLLMENT_WORKFLOW}', '{names.CHALLENGE_WORKFLOW}')"
        with engine_errors():
            async for execution in self._client.list_workflows(
                f"{types} AND ({query})" if query else types, limit=limit
            ):
                yield summary_of(execution)

    async def _raise_if_failed(self, flow_id: str) -> None:
        running = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)
        if (await self._described(flow_id)).status not in running:
            await self.result(flow_id)

    async def _described(self, flow_id: str) -> WorkflowExecutionDescription:
        with engine_errors():
            return await self._handle(flow_id).describe(rpc_timeout=QUICK)

    def _handle(self, flow_id: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(flow_id)

    async def _signal(self, flow_id: str, name: str, message: BaseModel) -> None:
        await self._addressed(flow_id, self._handle(flow_id).signal(name, message, rpc_timeout=QUICK))

    async def _update(
        self,
        flow_id: str,
        name: str,
        message: BaseModel | None,
        answer: type[Answer],
        submission_id: str | None = None,
    ) -> Answer:
        update = self._handle(flow_id).execute_update(
            name,
            args=[] if message is None else [message],
            id=self._update_id(flow_id, name, submission_id),
            result_type=answer,
            rpc_timeout=self._answer_timeout,
        )
        try:
            # The client asks again and again until a worker accepted the update, whatever rpc_timeout says.
            async with asyncio.timeout(self._answer_timeout.total_seconds()):
                return await self._addressed(flow_id, update)
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            if isinstance(cause, ApplicationError) and cause.type == "AcceptedUpdateCompletedWorkflow":
                raise FinishedFlowError(FINISHED) from None
            raise RefusedMessageError(sentence_of(cause)) from None
        except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError from None
            await self.view(flow_id)  # raises when nobody works
            raise NoAnswerYetError(NO_ANSWER_YET) from None

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
                await self._described(flow_id)  # raises when there is none
                raise FinishedFlowError(FINISHED) from None
            raise explained(error) from None
        except SealError as error:
            raise unreadable(error) from None
