"""Who may write to the namespace but has no keys copies what they cannot read: nothing of it counts elsewhere."""

import uuid
from collections.abc import AsyncIterator

import pytest
from temporalio.api.command.v1 import Command, CompleteWorkflowExecutionCommandAttributes
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import CommandType, EventType, UpdateWorkflowExecutionLifecycleStage
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.update.v1 import Input, Meta, Request, WaitPolicy
from temporalio.api.workflowservice.v1 import (
    PollWorkflowTaskQueueRequest,
    RespondActivityTaskCompletedByIdRequest,
    RespondWorkflowTaskCompletedRequest,
    SignalWorkflowExecutionRequest,
    StartWorkflowExecutionRequest,
    UpdateWorkflowExecutionRequest,
)
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from phone_mfa.contracts import Outcome, Phase, Verdict, names
from phone_mfa.contracts.port import Associate, CheckCode
from starter.errors import FailedFlowError, UnreadableFlowError
from tests.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.flows.stage import NUMBER, OTHER_NUMBER, Stage

COMPLETED = UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED


class Thief:
    """Reads and writes the namespace as it is stored."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.service = stage, stage.engine.client.workflow_service

    async def events(self, flow: str, kind: "EventType.ValueType") -> list[HistoryEvent]:
        history = await self.stage.handle(flow).fetch_history()
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

    async def result_of(self, flow: str) -> Payload:
        [done] = await self.events(flow, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED)
        return done.workflow_execution_completed_event_attributes.result.payloads[0]

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
        return answer.outcome.HasField("failure")

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

    async def end(self, payload: Payload) -> None:
        """Take the next step of a flow in place of its worker, and end the flow with a result."""
        task = await self.service.poll_workflow_task_queue(
            PollWorkflowTaskQueueRequest(
                namespace="default", task_queue=TaskQueue(name=self.stage.task_queue), identity="thief"
            )
        )
        end = CompleteWorkflowExecutionCommandAttributes(result=Payloads(payloads=[payload]))
        command = Command(
            command_type=CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
            complete_workflow_execution_command_attributes=end,
        )
        await self.service.respond_workflow_task_completed(
            RespondWorkflowTaskCompletedRequest(namespace="default", task_token=task.task_token, commands=[command])
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
    thief, user = Thief(stage), "somebody"
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


async def test_a_result_of_an_earlier_flow_of_the_same_user_is_no_result(vacant_stage: Stage) -> None:
    stage, thief = vacant_stage, Thief(vacant_stage)
    stage.auth0.list_phone(NUMBER, active=True)
    async with stage.worker():
        flow = await stage.challenge(user="somebody")
        await stage.message(flow, 1)
        await stage.check(flow, RIGHT_CODE)
        assert (await stage.flows.result(flow)).outcome is Outcome.VERIFIED
    earlier = await thief.result_of(flow)

    assert await stage.challenge(user="somebody") == flow
    await thief.end(earlier)

    with pytest.raises(UnreadableFlowError, match="earlier flow"):
        await stage.flows.result(flow)
