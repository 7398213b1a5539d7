"""Who may write to the namespace but has no keys copies what they cannot read: nothing of it counts elsewhere."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google.protobuf import any_pb2
from google.protobuf.message import Message as ProtobufMessage
from pydantic import SecretStr
from temporalio.api.command.v1 import (
    Command,
    CompleteWorkflowExecutionCommandAttributes,
    ProtocolMessageCommandAttributes,
)
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import CommandType, EventType, UpdateWorkflowExecutionLifecycleStage
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.protocol.v1 import Message
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.update.v1 import Acceptance, Input, Meta, Request, Response, WaitPolicy
from temporalio.api.update.v1 import Outcome as UpdateOutcome
from temporalio.api.workflowservice.v1 import (
    PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse,
    ResetWorkflowExecutionRequest,
    RespondActivityTaskCompletedByIdRequest,
    RespondActivityTaskFailedByIdRequest,
    RespondWorkflowTaskCompletedRequest,
    SignalWorkflowExecutionRequest,
    StartWorkflowExecutionRequest,
    UpdateWorkflowExecutionRequest,
)
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from phone_mfa.client.errors import FailedFlowError, UnreadableFlowError
from phone_mfa.client.flows import Started
from phone_mfa.contracts import BindingCode, Outcome, Phase, StartChallenge, Verdict, names
from phone_mfa.contracts.calls import Associate, CheckCode
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER, OTHER_NUMBER, Stage

LOGIN = StartChallenge(mfa_token=SecretStr(LOGIN_TOKEN))
COMPLETED = UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED


class Thief:
    """Reads and writes the namespace as it is stored."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.service = stage, stage.engine.client.workflow_service

    async def events(self, flow: str, kind: "EventType.ValueType", run_id: str | None = None) -> list[HistoryEvent]:
        history = await self.stage.engine.client.get_workflow_handle(flow, run_id=run_id).fetch_history()
        return [event for event in history.events if event.event_type == kind]

    async def start_of(self, flow: str) -> Payload:
        [started] = await self.events(flow, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
        return started.workflow_execution_started_event_attributes.input.payloads[0]

    async def signals_of(self, flow: str) -> list[Payload]:
        signals = await self.events(flow, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
        return [signal.workflow_execution_signaled_event_attributes.input.payloads[0] for signal in signals]

    async def answers_to(self, flow: str) -> list[Payload]:
        answers = await self.events(flow, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
        return [answer.activity_task_completed_event_attributes.result.payloads[0] for answer in answers]

    async def result_of(self, flow: str, run_id: str) -> Payload:
        [done] = await self.events(flow, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, run_id)
        return done.workflow_execution_completed_event_attributes.result.payloads[0]

    async def verdict_in(self, flow: Started) -> Payload:
        [answered] = await self.events(
            flow.flow_id, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED, flow.run_id
        )
        return answered.workflow_execution_update_completed_event_attributes.outcome.success.payloads[0]

    async def signal(self, flow: str, name: str, payload: Payload) -> None:
        await self.service.signal_workflow_execution(
            SignalWorkflowExecutionRequest(
                namespace="default",
                workflow_execution=WorkflowExecution(workflow_id=flow),
                signal_name=name,
                input=Payloads(payloads=[payload]),
            )
        )

    async def refused(self, flow: str, name: str, payload: Payload) -> bool:
        """Whether an update was."""
        return bool((await self.refusal(flow, name, payload)).message)

    async def refusal(self, flow: str, name: str, payload: Payload) -> Failure:
        answer = await self.service.update_workflow_execution(
            UpdateWorkflowExecutionRequest(
                namespace="default",
                workflow_execution=WorkflowExecution(workflow_id=flow),
                wait_policy=WaitPolicy(lifecycle_stage=COMPLETED),
                request=Request(
                    meta=Meta(update_id=str(uuid.uuid4()), identity="thief"),
                    input=Input(name=name, args=Payloads(payloads=[payload])),
                ),
            )
        )
        return answer.outcome.failure

    async def start(self, flow: str, workflow: str, payload: Payload) -> None:
        await self.service.start_workflow_execution(
            StartWorkflowExecutionRequest(
                namespace="default",
                workflow_id=flow,
                workflow_type=WorkflowType(name=workflow),
                task_queue=TaskQueue(name=self.stage.task_queue),
                input=Payloads(payloads=[payload]),
                request_id=str(uuid.uuid4()),
            )
        )

    async def answer_call(self, flow: str, activity_id: str, payload: Payload) -> None:
        await self.service.respond_activity_task_completed_by_id(
            RespondActivityTaskCompletedByIdRequest(
                namespace="default", workflow_id=flow, activity_id=activity_id, result=Payloads(payloads=[payload])
            )
        )

    async def fail_call(self, flow: str, words: str) -> None:
        [pending] = (await self.stage.handle(flow).describe()).raw_description.pending_activities
        failure = Failure(message=words, application_failure_info=ApplicationFailureInfo(non_retryable=True))
        await self.service.respond_activity_task_failed_by_id(
            RespondActivityTaskFailedByIdRequest(
                namespace="default", workflow_id=flow, activity_id=pending.activity_id, failure=failure
            )
        )

    async def step(self) -> PollWorkflowTaskQueueResponse:
        """Take the next step of a flow in place of its worker."""
        return await self.service.poll_workflow_task_queue(
            PollWorkflowTaskQueueRequest(
                namespace="default", task_queue=TaskQueue(name=self.stage.task_queue), identity="thief"
            )
        )

    async def end(self, *payloads: Payload) -> None:
        """End a flow with a result, at its next step."""
        end = CompleteWorkflowExecutionCommandAttributes(result=Payloads(payloads=payloads))
        command = Command(
            command_type=CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
            complete_workflow_execution_command_attributes=end,
        )
        await self.service.respond_workflow_task_completed(
            RespondWorkflowTaskCompletedRequest(
                namespace="default", task_token=(await self.step()).task_token, commands=[command]
            )
        )

    async def answer_update(self, payload: Payload) -> None:
        """Answer the update that waits with a payload of one's own choice."""
        task = await self.step()
        while not task.messages:
            await self._do_nothing(task)
            task = await self.step()
        [asked] = task.messages
        request = Request()
        asked.body.Unpack(request)
        accepted = Acceptance(
            accepted_request_message_id=asked.id,
            accepted_request_sequencing_event_id=asked.event_id,
            accepted_request=request,
        )
        done = Response(meta=request.meta, outcome=UpdateOutcome(success=Payloads(payloads=[payload])))
        await self.service.respond_workflow_task_completed(
            RespondWorkflowTaskCompletedRequest(
                namespace="default",
                task_token=task.task_token,
                messages=[
                    Message(id="accept", protocol_instance_id=asked.protocol_instance_id, body=packed(accepted)),
                    Message(id="answer", protocol_instance_id=asked.protocol_instance_id, body=packed(done)),
                ],
                commands=[saying("accept"), saying("answer")],
            )
        )

    async def _do_nothing(self, task: PollWorkflowTaskQueueResponse) -> None:
        await self.service.respond_workflow_task_completed(
            RespondWorkflowTaskCompletedRequest(namespace="default", task_token=task.task_token)
        )

    async def reset(self, flow: Started) -> None:
        """Have an earlier run played again, up to its last step, as the newest."""
        completed = await self.events(flow.flow_id, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, flow.run_id)
        await self.service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace="default",
                workflow_execution=WorkflowExecution(workflow_id=flow.flow_id, run_id=flow.run_id),
                workflow_task_finish_event_id=completed[-1].event_id,
                request_id=str(uuid.uuid4()),
            )
        )


def packed(message: ProtobufMessage) -> Any:
    body = any_pb2.Any()
    body.Pack(message)
    return body


def saying(message_id: str) -> Command:
    return Command(
        command_type=CommandType.COMMAND_TYPE_PROTOCOL_MESSAGE,
        protocol_message_command_attributes=ProtocolMessageCommandAttributes(message_id=message_id),
    )


@pytest.fixture
async def vacant_stage(engine: WorkflowEnvironment) -> Stage:
    return Stage(engine, ScriptedAuth0(), cached=0)


@pytest.fixture
async def stage(vacant_stage: Stage) -> AsyncIterator[Stage]:
    async with vacant_stage.worker():
        yield vacant_stage


async def test_a_thief_cannot_have_their_own_phone_enrolled_for_another_user(stage: Stage) -> None:
    thief = Thief(stage)
    own, victims = await stage.enroll(phone_number=OTHER_NUMBER), await stage.enroll()
    await stage.message(own, 1)
    await stage.message(victims, 1)
    await stage.submit(own, RIGHT_CODE)
    await stage.phase(own, Phase.DONE)

    assert await thief.refused(victims, names.CHANGE_PHONE_NUMBER, await thief.start_of(own))
    [code] = await thief.signals_of(own)
    await thief.signal(victims, names.SUBMIT_BINDING_CODE, code)
    assert await thief.refused(victims, names.CHECK_BINDING_CODE, code)

    view = await stage.flows.view(victims)
    assert view.phone_number == "XXXXXXXX0123"
    assert (view.message, view.wrong_codes, view.outcome) == (1, 0, None)
    assert (await stage.check(victims, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_payload_sealed_for_one_message_is_refused_as_another_in_the_same_flow(stage: Stage) -> None:
    thief, flow = Thief(stage), await stage.enroll()
    await stage.message(flow, 1)
    start = await thief.start_of(flow)

    for name in (names.CHANGE_PHONE_NUMBER, names.RENEW_MFA_TOKEN, names.SWITCH_CHANNEL):
        assert await thief.refused(flow, name, start)
    for name in (names.CANCEL_FLOW, names.PROVIDE_MFA_TOKEN):
        await thief.signal(flow, name, start)

    view = await stage.flows.view(flow)
    assert (view.phase, view.message, view.note) == (Phase.WAITING_FOR_CODE, 1, "")


async def test_a_flow_does_not_start_with_the_start_of_another(stage: Stage) -> None:
    thief, own = Thief(stage), await stage.enroll(token=None, phone_number=OTHER_NUMBER)
    victims = stage.flows.flow_id("enroll", "victim")

    await thief.start(victims, names.ENROLLMENT_WORKFLOW, await thief.start_of(own))

    with pytest.raises(WorkflowFailureError) as failed:
        await stage.handle(victims).result()
    assert "does not belong here" in str(failed.value.cause)
    assert stage.auth0.calls(Associate) == 0


async def test_an_answer_of_auth0_counts_for_the_call_it_was_given_to_and_no_other(stage: Stage) -> None:
    thief, user = Thief(stage), str(uuid.uuid4())
    stage.auth0.list_phone(NUMBER, active=True)
    earlier = await stage.challenge(user=user)
    await stage.message(earlier, 1)
    assert (await stage.check(earlier, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    right = (await thief.answers_to(earlier))[-1]
    await stage.phase(earlier, Phase.DONE)

    hold = stage.auth0.hold(CheckCode)
    flow = await stage.challenge(user=user)
    assert flow == earlier
    await stage.message(flow, 1)
    await stage.submit(flow, "000000")
    await hold.reached.wait()
    [pending] = (await stage.handle(flow).describe()).raw_description.pending_activities
    await thief.answer_call(flow, pending.activity_id, right)
    hold.release()

    with pytest.raises(FailedFlowError, match="does not belong here"):
        await stage.flows.result(flow)


async def two_challenges(stage: Stage) -> tuple[Started, Started]:
    """A user's challenge that was verified, and the one after it."""
    stage.auth0.list_phone(NUMBER, active=True)
    user = str(uuid.uuid4())
    async with stage.worker():
        first = await challenge(stage, user)
        await stage.message(first.flow_id, 1)
        await stage.check(first.flow_id, RIGHT_CODE, submission_id="form-1")
        assert (await stage.flows.result(first.flow_id)).outcome is Outcome.VERIFIED
    return first, await challenge(stage, user)


async def challenge(stage: Stage, user: str) -> Started:
    with stage.engine.with_time_skipping_disabled():
        return await stage.flows.challenge(user, LOGIN)


async def test_a_result_of_an_earlier_flow_of_the_same_user_is_no_result(vacant_stage: Stage) -> None:
    stage, thief = vacant_stage, Thief(vacant_stage)
    first, second = await two_challenges(stage)

    await thief.end(await thief.result_of(first.flow_id, first.run_id))

    for flows in (stage.flows, stage.flows.in_run(second.run_id)):
        with pytest.raises(UnreadableFlowError, match="another flow of the same user"):
            await flows.result(second.flow_id)


async def test_a_result_without_anything_in_it_is_no_result(vacant_stage: Stage) -> None:
    stage, thief = vacant_stage, Thief(vacant_stage)
    _, second = await two_challenges(stage)

    await thief.end()

    with pytest.raises(UnreadableFlowError, match=r"does not know the flow.s answer"):
        await stage.flows.result(second.flow_id)


async def test_an_earlier_flow_that_was_played_again_up_to_its_end_is_not_the_flow_that_was_started(
    vacant_stage: Stage,
) -> None:
    stage, thief = vacant_stage, Thief(vacant_stage)
    first, second = await two_challenges(stage)

    await thief.reset(first)
    async with stage.worker():
        with pytest.raises(FailedFlowError):
            await stage.flows.in_run(second.run_id).result(second.flow_id)


@pytest.mark.parametrize("submission_id", [None, "form-1"])
async def test_a_verdict_on_a_code_in_an_earlier_flow_is_none_on_a_code_in_this_one(
    vacant_stage: Stage, submission_id: str | None
) -> None:
    stage, thief = vacant_stage, Thief(vacant_stage)
    first, second = await two_challenges(stage)
    flow = stage.flows.in_run(second.run_id)
    code = BindingCode(code=SecretStr("000000"), submission_id=submission_id)

    checked = asyncio.create_task(flow.check_binding_code(second.flow_id, code))
    await thief.answer_update(await thief.verdict_in(first))

    with pytest.raises(UnreadableFlowError):
        await checked


async def test_a_verdict_is_on_the_code_that_was_asked_about(vacant_stage: Stage) -> None:
    stage, thief = vacant_stage, Thief(vacant_stage)
    first, second = await two_challenges(stage)

    checked = asyncio.create_task(stage.check(second.flow_id, "000000", submission_id="form-2"))
    await thief.answer_update(await thief.verdict_in(first))

    with pytest.raises(UnreadableFlowError, match="for another code"):
        await checked


async def test_words_that_somebody_else_put_into_a_failure_are_not_shown(stage: Stage) -> None:
    thief = Thief(stage)
    flow, hold = await stage.sending()

    await thief.fail_call(flow, "Call +1 900 555 0123 and read them your code.")
    hold.release()

    with pytest.raises(FailedFlowError, match="is not sealed, and is not shown"):
        await stage.flows.result(flow)


async def test_a_sealed_text_of_a_refusal_is_no_message(stage: Stage) -> None:
    thief, flow = Thief(stage), await stage.enroll()
    await stage.message(flow, 1)
    refused = await thief.refusal(flow, names.CHECK_BINDING_CODE, await thief.start_of(flow))

    await thief.signal(flow, names.CANCEL_FLOW, refused.encoded_attributes)

    assert (await stage.flows.view(flow)).phase is Phase.WAITING_FOR_CODE
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
