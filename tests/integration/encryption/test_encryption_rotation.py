"""Keys come and go while flows run: what was begun under one is finished under the next, and nothing else breaks."""

import itertools
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.client import Client, WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from phone_mfa.client import Flows, UnreadableFlowError
from phone_mfa.contracts import BindingCode, Outcome, StartEnrollment, Verdict
from phone_mfa.encryption.codec import KEY_ID
from phone_mfa.encryption.keyring_file import change_ring
from phone_mfa.encryption.keyring_source import WatchedRing
from phone_mfa.encryption.payload_search import payloads_in
from phone_mfa.encryption.rotation import new_ring, rotated, without
from phone_mfa.temporal import data_converter
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import LOGIN_TOKEN, NUMBER
from tests.unit.encryption.rings import write
from worker import build_workers
from workflows import ArgumentGuard, EnrollmentWorkflow

CODE = BindingCode(code=SecretStr(RIGHT_CODE))
GONE = "sealed with a key that the ring does not have: {}"


class Keyed:
    """Flows and a worker that remembers nothing between steps; both read one key file, at every step."""

    def __init__(self, engine: WorkflowEnvironment, path: Path) -> None:
        self.path, self.queue, self.auth0 = path, f"keys-{uuid.uuid4()}", ScriptedAuth0()
        path.write_text(new_ring().text())
        self.source = WatchedRing(path, clock=itertools.count().__next__)
        self.converter = data_converter(self.source, "default")
        self.client = Client(**(engine.client.config() | {"data_converter": self.converter}))
        self.flows = Flows(self.client, tenant="tenant", keys=self.source, task_queue=self.queue)

    async def enroll(self) -> str:
        request = StartEnrollment(phone_number=SecretStr(NUMBER), mfa_token=SecretStr(LOGIN_TOKEN))
        flow = (await self.flows.enroll(str(uuid.uuid4()), request)).flow_id
        while not (await self.flows.view(flow)).message:
            pass  # each look is a round trip to the worker
        return flow

    async def finish(self, flow: str) -> Outcome:
        assert (await self.flows.check_binding_code(flow, CODE)).verdict is Verdict.ACCEPTED
        return (await self.flows.result(flow)).outcome

    async def history(self, flow: str) -> WorkflowHistory:
        return await self.client.get_workflow_handle(flow).fetch_history()

    async def keys_of(self, flow: str) -> set[str]:
        """The ids of the keys under which a flow's history is sealed."""
        events = (await self.history(flow)).events
        sealed = [payload for event in events for payload in payloads_in(event) if KEY_ID in payload.metadata]
        return {payload.metadata[KEY_ID].decode() for payload in sealed}

    async def replay(self, flow: str) -> None:
        replayer = Replayer(
            workflows=[EnrollmentWorkflow], interceptors=[ArgumentGuard()], data_converter=self.converter
        )
        await replayer.replay_workflow(await self.history(flow))

    @property
    def current(self) -> str:
        return self.source.ring().current


@pytest.fixture
async def keyed(engine: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Keyed]:
    keyed = Keyed(engine, tmp_path / "keys.json")
    flows, calls = build_workers(keyed.client, keyed.auth0.all, task_queue=keyed.queue, cached=0)
    with engine.with_time_skipping_disabled():
        async with flows, calls:
            yield keyed


async def test_a_flow_begun_under_one_key_is_finished_read_and_replayed_under_the_next(keyed: Keyed) -> None:
    flow, first = await keyed.enroll(), keyed.current
    change_ring(keyed.path, rotated)
    assert await keyed.finish(flow) is Outcome.ENROLLED
    assert await keyed.keys_of(flow) == {first, keyed.current}
    await keyed.replay(flow)
    assert await keyed.keys_of(await keyed.enroll()) == {keyed.current}


async def test_what_was_sealed_with_a_dropped_key_is_refused_in_a_sentence_and_all_else_goes_on(keyed: Keyed) -> None:
    old, first = await keyed.enroll(), keyed.current
    await keyed.finish(old)
    change_ring(keyed.path, rotated)
    running = await keyed.enroll()
    change_ring(keyed.path, lambda ring: without(ring, [first]))
    with pytest.raises(UnreadableFlowError, match=GONE.format(first)):
        await keyed.flows.result(old)
    with pytest.raises(RuntimeError, match="UnknownKeyError"):
        await keyed.replay(old)
    assert await keyed.finish(running) is Outcome.ENROLLED
    assert await keyed.finish(await keyed.enroll()) is Outcome.ENROLLED


async def test_a_flow_whose_key_was_dropped_too_early_goes_on_when_it_is_put_back(keyed: Keyed) -> None:
    flow, first = await keyed.enroll(), keyed.current
    change_ring(keyed.path, rotated)
    with_both = keyed.path.read_text()
    change_ring(keyed.path, lambda ring: without(ring, [first]))
    await keyed.flows.submit_binding_code(flow, CODE)
    assert await keyed.finish(await keyed.enroll()) is Outcome.ENROLLED
    assert keyed.auth0.calls(type(keyed.auth0.heard[-1])) == 1  # the flow that lacks its key asked for no check
    write(keyed.path, with_both)
    assert (await keyed.flows.result(flow)).outcome is Outcome.ENROLLED
