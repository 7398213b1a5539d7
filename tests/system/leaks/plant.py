"""Plants a plaintext in every place that is searched, by the ways on which a secret would get there.

It stands there as it is, in base64 out of step, and in hex. Where Temporal keeps values, a number and a code stand too.
"""

import base64
import logging
import secrets
import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from phone_mfa.contracts.names import ENROLLMENT_WORKFLOW
from tests.system.leaks.places import Temporal
from tests.system.leaks.secrets import Secrets
from tests.system.leaks.stack import Stack, eventually


@dataclass(frozen=True)
class Plant:
    """What is planted."""

    marker: str
    code: str
    number: str = "+12025550147"

    @classmethod
    def new(cls, taken: set[str]) -> "Plant":
        """Something that is nowhere yet. ``taken``: codes that are somebody's."""
        code = next(code for code in (f"{number:06}" for number in range(271_828, 10**6)) if code not in taken)
        letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(11))
        return cls(f"planted{letters}", code)

    @property
    def spelled(self) -> str:
        """The marker in all ways. Short enough, and of the letters, for an id."""
        marker = self.marker.encode()
        out_of_step = base64.urlsafe_b64encode(b"x" + marker).decode().rstrip("=")
        return f"{self.marker}-{out_of_step}-{marker.hex()}"

    @property
    def task_queue(self) -> str:
        """Where a careless flow runs; the name of its worker too."""
        return f"planted-{self.spelled}"

    @property
    def told(self) -> str:
        """What a careless sentence would tell."""
        national = f"({self.number[2:5]}) {self.number[5:8]}-{self.number[8:]}"
        return f"{self.spelled} has sent {self.code} to {national}."

    @property
    def secrets(self) -> Secrets:
        """What is to be found."""
        planted = Secrets()
        planted.whole("planted", self.marker)
        planted.code(self.code)
        planted.number(self.number)
        return planted


@workflow.defn(name=ENROLLMENT_WORKFLOW)
class Careless:
    """A flow that seals nothing."""

    @workflow.init
    def __init__(self, said: str) -> None:
        self.said = said

    @workflow.run
    async def run(self, said: str) -> str:
        """Say it again."""
        return said

    @workflow.query
    def view(self) -> str:
        """Say it again."""
        return self.said


@asynccontextmanager
async def planted(stack: Stack, plant: Plant, metrics: str) -> AsyncIterator[None]:
    """Until the end of the block. ``metrics``: where a worker of ours serves some that tell."""
    queue = plant.task_queue
    logging.getLogger("starter").debug(plant.told)
    runtime = Runtime(telemetry=TelemetryConfig(), worker_heartbeat_interval=timedelta(seconds=1))
    client = await Client.connect(stack.temporal, identity=queue, runtime=runtime)
    worker = Worker(client, task_queue=queue, workflows=[Careless], workflow_runner=UnsandboxedWorkflowRunner())
    ours = stack.worker("careless", "--metrics", metrics, PHONE_MFA_TASK_QUEUE=f"ours-{plant.spelled}")
    async with worker, ours:
        await client.execute_workflow(
            Careless.run,
            plant.told,
            id=f"enroll-{plant.spelled}",
            task_queue=queue,
            memo={"said": plant.told},
            execution_timeout=timedelta(seconds=60),
        )
        await stack.processes.run("status", f"enroll-{plant.spelled}", settings=stack.settings)
        await stack.processes.run("flows", "--json", settings=stack.settings)
        await eventually(lambda: _is_listed(client, plant))
        yield


async def _is_listed(client: Client, plant: Plant) -> bool:
    """The flow and its worker, both of which Temporal lists a little later."""
    temporal = Temporal(client)
    flows = {execution.workflow_id for execution in await temporal.executions()}
    return f"enroll-{plant.spelled}" in flows and bool(await temporal.workers())
