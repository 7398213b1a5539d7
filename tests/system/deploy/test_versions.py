"""A deploy and a roll-back while flows are parked: with workers of both versions at a time, and with one.

The other version of the code gives other commands from a flow's first step on: no replay of one fits the other.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from structlog.testing import capture_logs
from temporalio import workflow
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.contracts import Outcome, Phase, Trouble, Verdict, names
from phone_mfa.contracts.calls import Associate, CheckCode
from phone_mfa.settings import Versioning, VersionSettings
from phone_mfa.worker_version import current_build_id, version_of
from tests.integration.flows.other_code import OtherDriver
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import Stage
from worker import WORKFLOWS, build_flow_worker, warn_unless_current
from workflows import ChallengeWorkflow, EnrollmentWorkflow, UnknownWorkflow
from workflows.enrollment import EnrollmentRun

FLOWS = 5


@workflow.defn(name=names.ENROLLMENT_WORKFLOW)
class OtherEnrollment(EnrollmentWorkflow):
    """Another version of the code."""

    @workflow.init
    def __init__(self, request: EnrollmentRun) -> None:
        super().__init__(request)
        self.driver.__class__ = OtherDriver

    @workflow.run
    async def run(self, request: EnrollmentRun) -> object:  # type: ignore[override]
        """Run as the flow does."""
        return await super().run(request)


CODE = {"1": WORKFLOWS, "2": (OtherEnrollment, ChallengeWorkflow, UnknownWorkflow)}


class Deployment:
    """Workers of two versions, which come and go."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.name = stage, stage.task_queue

    @asynccontextmanager
    async def worker(
        self, build_id: str | None, code: str | None = None, versioning: Versioning = Versioning.PINNED
    ) -> AsyncIterator[None]:
        """A worker of one version, while inside. Without a ``build_id`` it is one of those that have no versions."""
        settings = VersionSettings(build_id=build_id, deployment=self.name, versioning=versioning)
        working = build_flow_worker(
            self.stage.engine.client,
            self.stage.auth0.all,
            task_queue=self.stage.task_queue,
            version=version_of(settings),
            workflows=CODE[code or str(build_id)],
        )
        async with working:
            yield

    async def version_of(self, flow: str) -> str:
        """The version under which a flow took its last step."""
        described = await self.stage.handle(flow).describe()
        versioning = described.raw_description.workflow_execution_info.versioning_info
        return versioning.deployment_version.build_id

    async def make_current(self, build_id: str) -> None:
        """New flows go to this version."""
        client = self.stage.engine.client
        request = SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace, deployment_name=self.name, build_id=build_id, identity="tests"
        )

        async def is_current() -> bool:
            try:
                await client.workflow_service.set_worker_deployment_current_version(request)
            except RPCError as error:  # until its worker has asked for work
                return error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)
            return True

        async def is_known() -> bool:
            return await current_build_id(client, self.name) == build_id

        await self.stage.eventually(is_current)
        await self.stage.eventually(is_known)


@pytest.fixture
def deployment(vacant_stage: Stage) -> Deployment:
    return Deployment(vacant_stage)


async def parked(stage: Stage) -> list[str]:
    """Flows that wait for their code."""
    flows = [await stage.enroll() for _ in range(FLOWS)]
    for flow in flows:
        await stage.message(flow, 1)
    return flows


async def end_well(stage: Stage, flows: list[str]) -> None:
    """People type a wrong code and the right one, and each gets an answer."""
    await asyncio.gather(*(ends_well(stage, flow) for flow in flows))


async def ends_well(stage: Stage, flow: str) -> None:
    assert (await stage.check(flow, "000000")).verdict is Verdict.WRONG
    assert (await stage.check(flow, RIGHT_CODE)).verdict is Verdict.ACCEPTED
    assert (await stage.flows.result(flow)).outcome is Outcome.ENROLLED


async def test_flows_end_under_the_version_they_began_under_through_a_deploy_and_a_roll_back(
    deployment: Deployment, auth0: ScriptedAuth0
) -> None:
    stage = deployment.stage
    async with AsyncExitStack() as workers:
        await workers.enter_async_context(deployment.worker("1"))
        await deployment.make_current("1")
        first = await parked(stage)
        await workers.enter_async_context(deployment.worker("2"))
        await deployment.make_current("2")
        await end_well(stage, first[:2])
        second = await parked(stage)
        await deployment.make_current("1")
        third = await parked(stage)
        await end_well(stage, [*first[2:], *second, *third])
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (3 * FLOWS, 6 * FLOWS)


async def test_flows_whose_version_has_no_worker_say_so_and_go_on_when_it_has_one_again(
    deployment: Deployment, auth0: ScriptedAuth0
) -> None:
    stage = deployment.stage
    async with deployment.worker("1"):
        await deployment.make_current("1")
        first = await parked(stage)
    async with deployment.worker("2"):
        await deployment.make_current("2")
        second = await parked(stage)
        await stage.submit(first[0], RIGHT_CODE)
        view = await stage.until(first[0], lambda view: view.trouble is not None)
        assert (view.phase, view.trouble) == (Phase.WAITING_FOR_CODE, Trouble.NO_WORKER)
        statuses = [await stage.flows.status(flow) for flow in (first[1], second[0])]
        assert [status.trouble for status in statuses] == [Trouble.NO_WORKER, None]
    async with deployment.worker("1"):
        await deployment.make_current("1")
        assert (await stage.flows.result(first[0])).outcome is Outcome.ENROLLED
        await end_well(stage, first[1:])
        async with deployment.worker("2"):
            await end_well(stage, second)
    assert (auth0.calls(Associate), auth0.calls(CheckCode)) == (2 * FLOWS, 4 * FLOWS - 1)


async def test_without_versions_flows_begun_under_the_new_code_stand_still_under_the_old_one_until_it_is_back(
    deployment: Deployment,
) -> None:
    stage = deployment.stage
    async with deployment.worker(None, "2"):
        flows = await parked(stage)
    async with deployment.worker(None, "1"):
        await stage.submit(flows[0], RIGHT_CODE)
        view = await stage.until(flows[0], lambda view: view.trouble is not None)
        assert view.trouble is Trouble.STEP_FAILS
    async with deployment.worker(None, "2"):
        assert (await stage.flows.result(flows[0])).outcome is Outcome.ENROLLED
        await end_well(stage, flows[1:])


async def test_flows_that_began_before_there_were_versions_go_on_under_the_first_that_is_made_current(
    deployment: Deployment,
) -> None:
    stage = deployment.stage
    async with AsyncExitStack() as later:
        async with deployment.worker(None, "1"):
            flows = await parked(stage)
            await later.enter_async_context(deployment.worker("1"))
            await deployment.make_current("1")
        await end_well(stage, flows)
    assert {await deployment.version_of(flow) for flow in flows} == {"1"}


async def test_flows_that_are_upgraded_go_on_under_the_version_that_is_current_and_after_a_roll_back_under_that_one(
    deployment: Deployment,
) -> None:
    stage, upgraded = deployment.stage, Versioning.AUTO_UPGRADE
    async with deployment.worker("1", versioning=upgraded):
        await deployment.make_current("1")
        flows = await parked(stage)
    async with deployment.worker("2", code="1", versioning=upgraded):
        await deployment.make_current("2")
        await end_well(stage, flows[:2])
    async with deployment.worker("1", versioning=upgraded):
        await deployment.make_current("1")
        await end_well(stage, flows[2:])
    assert [await deployment.version_of(flow) for flow in flows] == ["2", "2", *["1"] * (FLOWS - 2)]


async def test_flows_that_are_upgraded_to_other_commands_without_a_marker_stand_still_until_the_roll_back(
    deployment: Deployment,
) -> None:
    stage, upgraded = deployment.stage, Versioning.AUTO_UPGRADE
    async with deployment.worker("1", versioning=upgraded):
        await deployment.make_current("1")
        flows = await parked(stage)
    async with deployment.worker("2", versioning=upgraded):
        await deployment.make_current("2")
        await stage.submit(flows[0], RIGHT_CODE)
        view = await stage.until(flows[0], lambda view: view.trouble is not None)
        assert view.trouble is Trouble.STEP_FAILS
    async with deployment.worker("1", versioning=upgraded):
        await deployment.make_current("1")
        assert (await stage.flows.result(flows[0])).outcome is Outcome.ENROLLED
        await end_well(stage, flows[1:])


@pytest.mark.parametrize(("build_id", "told"), [("1", None), ("2", "--build-id 2"), (None, "--unversioned")])
async def test_a_worker_says_so_when_new_flows_go_elsewhere(
    deployment: Deployment, build_id: str | None, told: str | None
) -> None:
    async with deployment.worker("1"):
        await deployment.make_current("1")
        with capture_logs() as logs:
            settings = VersionSettings(build_id=build_id, deployment=deployment.name)
            await warn_unless_current(deployment.stage.engine.client, settings)
    assert [each["make_current"].endswith(told) for each in logs] == ([True] if told else [])


@pytest.mark.parametrize("versioning", Versioning)
def test_a_worker_is_told_its_version_by_the_settings(versioning: Versioning) -> None:
    version = version_of(VersionSettings(build_id="7", deployment="ours", versioning=versioning))
    assert version and version.use_worker_versioning
    assert (version.version.deployment_name, version.version.build_id) == ("ours", "7")
    assert version.default_versioning_behavior.name.lower() == versioning
    assert version_of(VersionSettings()) is None
