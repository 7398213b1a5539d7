"""Worker for the baseline workflow: `python -m benchmarks.flow_cost.bare_worker TEMPORAL AUTH0`.

Runs flows like Temporal's samples; with `--unsandboxed`, without the SDK's sandbox and on uvloop, like our worker.
"""

import asyncio
import os
import sys

import httpx
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from phone_mfa.process import run_to_end

from .bare import Activities, BareEnrollment


async def _work(temporal: str, auth0: str, *, sandboxed: bool) -> None:
    client = await Client.connect(temporal)
    async with httpx.AsyncClient(base_url=auth0) as http:
        activities = Activities(http)
        worker = Worker(
            client,
            task_queue=os.environ["PHONE_MFA_TASK_QUEUE"],
            workflows=[BareEnrollment],
            activities=[activities.associate, activities.check],
            workflow_runner=SandboxedWorkflowRunner() if sandboxed else UnsandboxedWorkflowRunner(),
        )
        async with worker:
            sys.stdout.write("bare worker started\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


if __name__ == "__main__":
    as_samples_do = sys.argv[3:] != ["--unsandboxed"]
    (asyncio.run if as_samples_do else run_to_end)(_work(*sys.argv[1:3], sandboxed=as_samples_do))
