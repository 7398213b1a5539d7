"""A flow whose next step fails again and again, because other code ran it for a while, is set back by the command."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pydantic import SecretStr
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.answer_times import AnswerTimes
from phone_mfa.client import FailingStepError, Flows
from phone_mfa.contracts import Outcome, ProvideMfaToken, Trouble, Verdict, names
from phone_mfa.contracts.calls import Associate, CheckCode
from starter.cli.reset_point import NO_USE
from tests.command_line import CommandLine, Ran
from tests.integration.flows.other_code import OtherDriver
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import Stage, patient
from tests.keys import KEYS, RING
from workflows import EnrollmentWorkflow
from workflows.enrollment import EnrollmentRun


@workflow.defn(name=names.ENROLLMENT_WORKFLOW)
class OtherEnrollment(EnrollmentWorkflow):
    """Another version of the code: the same until the flow is given a token."""

    @workflow.init
    def __init__(self, request: EnrollmentRun) -> None:
        super().__init__(request)

    @workflow.run
    async def run(self, request: EnrollmentRun) -> object:  # type: ignore[override]
        """Run as the flow does."""
        return await super().run(request)

    @workflow.signal(name=names.PROVIDE_MFA_TOKEN)
    def provide_mfa_token(self, token: ProvideMfaToken) -> None:
        """From here on the other driver."""
        self.driver.__class__ = OtherDriver
        super().provide_mfa_token(token)


@pytest.fixture
def command(stage: Stage) -> CommandLine:
    target = stage.engine.client.service_client.config.target_host
    settings = {"TEMPORAL_ADDRESS": target, "PHONE_MFA_KEYS": RING.text(), "AUTH0_DOMAIN": "tenant.example.com"}
    return CommandLine(settings | {"PHONE_MFA_TASK_QUEUE": stage.task_queue})


@asynccontextmanager
async def other_worker(stage: Stage) -> AsyncIterator[None]:
    worker = Worker(
        stage.engine.client,
        task_queue=stage.task_queue,
        workflows=[OtherEnrollment],
        activities=stage.auth0.all,
        interceptors=[AnswerTimes()],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with worker:
        yield


async def rescue(command: CommandLine, flow: str, *options: str) -> Ran:
    return await asyncio.to_thread(command, "rescue", flow, *options)


async def given_a_token(stage: Stage, flow: str, text: str = "Fe26.2*another*token") -> None:
    await stage.flows.provide_token(flow, ProvideMfaToken(mfa_token=SecretStr(text)))


async def stuck(stage: Stage, flow: str) -> None:
    await given_a_token(stage, flow, "Fe26.2*one*more*token")
    await stage.until(flow, lambda view: view.trouble is Trouble.STEP_FAILS)


async def test_a_flow_that_other_code_ran_is_told_from_one_without_worker_and_rescued_without_another_message(
    stage: Stage, auth0: ScriptedAuth0, command: CommandLine
) -> None:
    async with stage.worker():
        flow = await stage.enroll()
        await stage.message(flow, 1)
    async with other_worker(stage):
        await given_a_token(stage, flow)
        await stage.eventually(lambda: has(stage, flow, "timer_fired"))
    async with stage.worker():
        await stuck(stage, flow)
        told = Flows(stage.engine.client, tenant="tenant", keys=KEYS, answer_timeout=timedelta(seconds=2))
        with pytest.raises(FailingStepError):
            await told.resend(flow)
        planned = await rescue(command, flow, "--json")
        done = await rescue(command, flow, "--yes", "--json")
        view = await stage.flows.view(flow)
        verdict = await stage.check(flow, RIGHT_CODE)
        result = await stage.flows.result(flow)

    assert (planned.code, planned.json["done"]) == (0, False)
    assert (done.code, done.json["done"], done.json["reset_to"]) == (0, True, planned.json["reset_to"]), done.err
    assert (view.trouble, view.message) == (None, 1)
    assert (verdict.verdict, result.outcome) == (Verdict.ACCEPTED, Outcome.ENROLLED)
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (1, 1)


async def has(stage: Stage, flow: str, event: str) -> bool:
    history = await stage.handle(flow).fetch_history()
    return any(each.HasField(f"{event}_event_attributes") for each in history.events)  # type: ignore[arg-type]


async def test_a_flow_that_goes_on_is_not_rescued(stage: Stage, command: CommandLine) -> None:
    async with stage.worker():
        flow = await stage.enroll()
        await stage.message(flow, 1)
        refused = await rescue(command, flow, "--yes")
    assert refused.code == 1
    assert "nothing to rescue" in refused.err


async def test_where_other_code_sent_a_message_there_is_no_way_back(
    stage: Stage, auth0: ScriptedAuth0, command: CommandLine
) -> None:
    async with stage.worker():
        flow = await stage.enroll(policy=patient(resend_after_seconds=(0,)))
        await stage.message(flow, 1)
    async with other_worker(stage):
        await given_a_token(stage, flow)
        assert (await stage.flows.resend(flow)).sent
    async with stage.worker():
        await stuck(stage, flow)
        refused = await rescue(command, flow, "--yes")
    assert refused.code == 1
    assert NO_USE in refused.err.replace("\n", " ")
    assert auth0.calls(Associate) == 2
