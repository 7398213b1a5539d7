"""The test setup: a real server, workers as deployed, and a fake Auth0 with one right code."""

import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from temporalio import activity
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from benchmarks.flood.kinds import FIRST_TOKEN, Target
from benchmarks.instant_auth0 import CODE, InstantAuth0
from phone_mfa.client import Flows
from phone_mfa.contracts import FlowPolicy, FlowView, Phase, StartEnrollment, reveal
from phone_mfa.contracts.calls import CheckAnswer, CheckCode, Refusal
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.encryption import KeyringSource, keyring_source_of
from phone_mfa.encryption.rotation import new_ring
from phone_mfa.temporal import data_converter
from worker import build_workers

QUEUE: Final = "flows"
POLICY: Final = FlowPolicy(sends=10, resend_after_seconds=(0, 3600))
"""The second message is sent at once, so that there are codes of a superseded message, and then none for an hour. A
fresh token after the code's five minutes triggers another message, and ten are enough for most of an hour.
"""


class OneRightCode(InstantAuth0):
    """Accepts a single code."""

    @activity.defn(name="check_code")
    async def check_binding_code(self, request: CheckCode) -> CheckAnswer:
        """Accept or reject the code."""
        return CheckAnswer() if reveal(request.code) == CODE else CheckAnswer(refusal=Refusal.CODE_WRONG)


@dataclass(frozen=True)
class Run:
    """One run of a flow. ``before``: the run before it. ``carried``: how many bytes it was started with."""

    events: int
    stored: int
    carried: int
    before: str


@dataclass(frozen=True)
class Stage:
    """A server."""

    client: Client
    flows: Flows

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """Run a worker inside the context."""
        for_flows, for_calls = build_workers(self.client, OneRightCode().all, task_queue=QUEUE)
        async with for_flows, for_calls:
            yield

    async def enroll(self) -> Target:
        """Start a long-running enrollment."""
        token, number = SecretStr(FIRST_TOKEN), SecretStr("+15555550123")
        request = StartEnrollment(phone_number=number, mfa_token=token, policy=POLICY)
        flow = (await self.flows.enroll(str(uuid.uuid4()), request)).flow_id
        return Target(self.flows, flow, self.client.get_workflow_handle(flow))

    async def waiting_for_code(self, flow: str, message: int = 0) -> FlowView:
        """Return the first view in which the flow waits for the code of this message or a later one."""
        async for view in self.flows.watch(flow):
            if view.phase is Phase.WAITING_FOR_CODE and view.message >= message:
                return view
        raise RuntimeError("the flow is over")

    async def runs(self, flow: str) -> Sequence[Run]:
        """Return all runs of a flow, newest first."""
        newest = (await self.flows.described(flow)).run_id
        found = [await self._run(flow, newest)]
        while before := found[-1].before:
            found.append(await self._run(flow, before))
        return found

    async def _run(self, flow: str, run_id: str) -> Run:
        handle = self.client.get_workflow_handle(flow, run_id=run_id)
        told = (await handle.describe()).raw_description.workflow_execution_info
        async for event in handle.fetch_history_events(page_size=1):
            begun = event.workflow_execution_started_event_attributes
            carried, before = begun.input.ByteSize(), begun.continued_execution_run_id
            return Run(told.history_length, told.history_size_bytes, carried, before)
        raise RuntimeError("a run without events")


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Start a server that stops with this program."""
    source: KeyringSource = keyring_source_of(new_ring().text())
    attributes = [f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).with_name("temporal")),
        dev_server_extra_args=attributes,
        data_converter=data_converter(source, "default"),
    ) as engine:
        flows = Flows(engine.client, tenant="t", keys=source, task_queue=QUEUE)
        yield Stage(engine.client, flows)
