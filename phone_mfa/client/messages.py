"""Messages to a running flow, and its answers: binding codes, tokens, requests for messages, the end."""

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from temporalio.api.update.v1 import WaitPolicy
from temporalio.api.workflowservice.v1 import PollWorkflowExecutionUpdateRequest
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.contracts import (
    BindingCode,
    CancelFlow,
    ChangePhoneNumber,
    Channel,
    CodeVerdict,
    FlowMessage,
    Phase,
    PhoneNumber,
    ProvideMfaToken,
    RecoveryCode,
    ResendCode,
    RevokeInvitation,
    SendReceipt,
    SwitchChannel,
    Trouble,
    names,
)
from phone_mfa.encryption import KeyringSource, opaque

from .error_mapping import (
    FINISHED,
    FULL,
    NO_ANSWER_YET,
    NO_WORKER,
    STEP_FAILS,
    answer_in_details,
    client_error,
    sentence_of,
)
from .errors import (
    FailingStepError,
    FinishedFlowError,
    LimitReachedError,
    NoAnswerYetError,
    NoWorkerError,
    RefusedMessageError,
    UnreadableFlowError,
)
from .worker_health import QUICK
from .workflow_client import Answer, Call, Handle, WorkflowClient

ANSWER_TIMEOUT: Final = timedelta(seconds=40)
"""How long a message may wait for its answer: two calls to Auth0 (20 s each), one that reads and one that acts."""

ENROLLMENT, CHALLENGE = "enroll", "challenge"
"""Prefixes of flow ids, followed by a hyphen."""

Message = TypeVar("Message", bound=FlowMessage)


class MessageClient:
    """What can be sent to the flows of a tenant, by flow id. ``Flows`` documents the arguments and the errors."""

    def __init__(
        self,
        engine: WorkflowClient,
        *,
        keys: KeyringSource,
        answer_timeout: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._answer_timeout = answer_timeout
        self._clock = clock

    @property
    def _naming_key(self) -> bytes:
        """The key for opaque ids, as it is now: a running process follows the key file."""
        return self._keys.ring().naming_key

    async def submit_binding_code(self, flow_id: str, code: BindingCode) -> None:
        """Submit a code without waiting for the verdict.

        Raises ``RefusedMessageError`` for a malformed code, since a signal cannot report it.
        """
        _refuse_malformed(code)
        await self._signal(flow_id, names.SUBMIT_BINDING_CODE, code)

    async def check_binding_code(self, flow_id: str, code: BindingCode) -> CodeVerdict:
        """Submit a code and wait for the verdict. Safe to repeat with the same ``submission_id``.

        Raises ``RefusedMessageError`` for a malformed code, and ``NoAnswerYetError`` if Auth0 asks to wait.
        """
        return await self._verdict_on(flow_id, names.CHECK_BINDING_CODE, code)

    async def check_recovery_code(self, flow_id: str, code: RecoveryCode) -> CodeVerdict:
        """Complete a challenge with the recovery code. Its replacement is in the result."""
        _refuse_kind(ENROLLMENT, flow_id, "Only a challenge accepts a recovery code.")
        return await self._verdict_on(flow_id, names.CHECK_RECOVERY_CODE, code)

    async def resend(self, flow_id: str) -> SendReceipt:
        """Request another message. If it is too early, the receipt says when to retry."""
        return await self._update(flow_id, names.RESEND_CODE, ResendCode(), SendReceipt)

    async def switch_channel(self, flow_id: str, channel: Channel) -> SendReceipt:
        """Request another message on another channel. If it is too early, the receipt says when to retry."""
        return await self._update(flow_id, names.SWITCH_CHANNEL, SwitchChannel(channel=channel), SendReceipt)

    async def change_number(self, flow_id: str, phone_number: PhoneNumber) -> SendReceipt:
        """Enroll another number (E.164) instead; enrollments only."""
        _refuse_kind(CHALLENGE, flow_id, "Only an enrollment accepts another phone number.")
        change = ChangePhoneNumber(phone_number=phone_number)
        return await self._update(flow_id, names.CHANGE_PHONE_NUMBER, change, SendReceipt)

    async def provide_token(self, flow_id: str, token: ProvideMfaToken) -> None:
        """Send a fresh ``mfa_token`` without waiting for an answer."""
        await self._signal(flow_id, names.PROVIDE_MFA_TOKEN, token)

    async def renew_token(self, flow_id: str, token: ProvideMfaToken) -> Phase:
        """Send a fresh ``mfa_token``; returns the phase that follows."""
        return await self._update(flow_id, names.RENEW_MFA_TOKEN, token, Phase)

    async def revoke_invitation(self, flow_id: str) -> Phase:
        """Make the links unusable that an invited user got so far; returns the phase. Enrollments only."""
        _refuse_kind(CHALLENGE, flow_id, "Only an enrollment has an invitation.")
        return await self._update(flow_id, names.REVOKE_INVITATION, RevokeInvitation(), Phase)

    async def cancel(self, flow_id: str, reason: str = "") -> None:
        """End the flow. ``reason`` is shown to operators, unless the flow has reached its limit of signals."""
        try:
            await self._signal(flow_id, names.CANCEL_FLOW, CancelFlow(reason=reason))
        except LimitReachedError:
            await self._engine.cancel(flow_id)

    async def _verdict_on(self, flow_id: str, name: str, code: BindingCode | RecoveryCode) -> CodeVerdict:
        _refuse_malformed(code)
        if code.submission_id is None:
            code = code.model_copy(update={"submission_id": str(uuid.uuid4())})
        verdict = await self._update(flow_id, name, code, CodeVerdict, code.submission_id)
        if verdict.submission_id != code.submission_id:
            raise UnreadableFlowError("The verdict is for another code.")
        return verdict

    def _stamped(self, message: Message) -> Message:
        """Returns the message with the current time as ``sent_at``."""
        return message.model_copy(update={"sent_at": self._clock()})

    async def _signal(self, flow_id: str, name: str, message: FlowMessage) -> None:
        await self._engine.signal(flow_id, name, self._stamped(message))

    async def _update(
        self, flow_id: str, name: str, message: FlowMessage, answer: type[Answer], submission_id: str | None = None
    ) -> Answer:
        """Send an update and wait for the answer. The same ``submission_id`` gets the same answer."""
        update_id = self._update_id(flow_id, name, submission_id)

        async def call(handle: Handle) -> Answer:
            reply: Answer = await handle.execute_update(
                name, self._stamped(message), id=update_id, result_type=answer, rpc_timeout=self._answer_timeout
            )
            return reply

        try:
            async with asyncio.timeout(self._answer_timeout.total_seconds()):
                return self._engine.checked(await self._updated(flow_id, call, answer), answer)
        except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError from None
            raise await self._no_answer(flow_id, update_id) from None

    async def _updated(self, flow_id: str, call: Call[Answer], answer: type[Answer]) -> Answer:
        """Returns the flow's answer. A retry goes to the newest run, since earlier runs keep their own answers."""
        run_id = self._engine.first_run
        while True:
            try:
                return await self._updated_in(flow_id, run_id, call, answer)
            except _NotTakenError:
                newest = await self._engine.described(flow_id)
            except _CutOffError:
                newest = await self._engine.described(flow_id)
                if newest.status is not WorkflowExecutionStatus.RUNNING:
                    raise FinishedFlowError(FINISHED) from None
            run_id = newest.run_id

    async def _updated_in(self, flow_id: str, run_id: str | None, call: Call[Answer], answer: type[Answer]) -> Answer:
        try:
            return await self._engine.addressed(flow_id, call, run_id)
        except WorkflowUpdateFailedError as error:
            reply = answer_in_details(error.cause, answer)
            if reply is None:
                raise _refusal(error.cause) from None
            return reply

    async def _no_answer(self, flow_id: str, update_id: str) -> Exception:
        """Returns the error that explains why there was no answer in time."""
        await self._engine.require_temporal()
        match (await self._engine.view(flow_id)).trouble:
            case Trouble.NO_WORKER:
                return NoWorkerError(NO_WORKER)
            case Trouble.STEP_FAILS:
                return FailingStepError(STEP_FAILS)
            case _ if await self._has(flow_id, update_id):
                return NoAnswerYetError(NO_ANSWER_YET)
            case _:
                return LimitReachedError(FULL)

    async def _has(self, flow_id: str, update_id: str) -> bool:
        """Whether an update reached the flow. Temporal's client keeps resending one while ten others are pending."""
        request = PollWorkflowExecutionUpdateRequest(namespace=self._engine.client.namespace, wait_policy=WaitPolicy())
        request.update_ref.workflow_execution.workflow_id, request.update_ref.update_id = flow_id, update_id
        try:
            await self._engine.client.workflow_service.poll_workflow_execution_update(request, timeout=QUICK)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise client_error(error) from None
        return True

    def _update_id(self, flow_id: str, name: str, submission_id: str | None) -> str:
        """Returns the update id. Temporal repeats the answer for a known update id, even after the flow has ended."""
        if submission_id is None:
            return str(uuid.uuid4())
        return opaque(self._naming_key, "update", json.dumps([flow_id, name, submission_id]))


def is_of(kind: str, flow_id: str) -> bool:
    """Whether a flow is of this kind, as far as its id shows it."""
    return flow_id.startswith(f"{kind}-")


def _refuse_kind(kind: str, flow_id: str, sentence: str) -> None:
    """Refuse a message that flows of this kind do not accept. Ids created elsewhere may not show the kind."""
    if is_of(kind, flow_id):
        raise RefusedMessageError(sentence)


def _refuse_malformed(code: BindingCode | RecoveryCode) -> None:
    if code.problem:
        raise RefusedMessageError(code.problem, "code" if isinstance(code, BindingCode) else "recovery_code")


class _CutOffError(Exception):
    """The run ended after accepting the message, without an answer. After a reset the flow continues in another run."""


class _NotTakenError(Exception):
    """The message was not accepted, and can be resent: the flow continues in a new run, or a task was lost."""


def _refusal(cause: BaseException | None) -> Exception:
    """Returns the error that explains why a flow did not accept a message."""
    type = cause.type if isinstance(cause, ApplicationError) else None
    match type:
        case "ContinuedAsNew" | "UnprocessedUpdate":
            return _NotTakenError()
        case "AcceptedUpdateCompletedWorkflow":
            return _CutOffError()
        case _:
            return RefusedMessageError(sentence_of(cause))
