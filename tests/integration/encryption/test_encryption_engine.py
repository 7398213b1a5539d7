"""In a real worker: what does not open is refused, and neither its flow nor any other stands still for it."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError
from temporalio.client import WorkflowUpdateFailedError as UpdateFailedError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from phone_mfa.encryption import SealError, keyring_source_of
    from phone_mfa.encryption.keyring_source import FixedRing, KeyringSource
    from phone_mfa.encryption.rotation import new_ring, rotated
    from phone_mfa.temporal import data_converter
    from tests.unit.encryption.rings import write

FIRST = new_ring()
SECOND = rotated(FIRST)


@workflow.defn
class Collecting:
    """Collects words until it hears the last."""

    def __init__(self) -> None:
        self.words: list[str] = []

    @workflow.run
    async def run(self, first: str) -> list[str]:
        self.words.insert(0, first)
        await workflow.wait_condition(lambda: "last" in self.words)
        return self.words

    @workflow.signal
    def say(self, word: str) -> None:
        self.words.append(word)

    @workflow.update
    async def ask(self, word: str) -> str:
        self.words.append(word)
        return word

    @workflow.query
    def heard(self, word: str) -> bool:
        return word in self.words


def client_of(engine: WorkflowEnvironment, source: KeyringSource, namespace: str = "default") -> Client:
    config = engine.client.config()
    config["data_converter"] = data_converter(source, namespace)
    return Client(**config)


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(FIRST.text())
    return path


@pytest.fixture
async def ours(engine: WorkflowEnvironment, file: Path) -> AsyncIterator[Client]:
    """A client, and a worker that remembers nothing between steps: every step opens the whole history."""
    client = client_of(engine, keyring_source_of(str(file)))
    async with Worker(client, task_queue=str(file), workflows=[Collecting], max_cached_workflows=0):
        yield client


@pytest.fixture
def elsewhere(engine: WorkflowEnvironment, ours: Client) -> Client:
    """Seals with our key for another namespace: none of it opens."""
    return client_of(engine, FixedRing(FIRST), "another")


async def start(client: Client, file: Path, engine: WorkflowEnvironment) -> WorkflowHandle[Collecting, list[str]]:
    with engine.with_time_skipping_disabled():  # else it skips to the timeout while the flow waits for us
        return await client.start_workflow(
            Collecting.run, "first", id=str(uuid.uuid4()), task_queue=str(file), execution_timeout=timedelta(seconds=60)
        )


async def test_a_flow_whose_start_does_not_open_fails_and_others_run(
    ours: Client, elsewhere: Client, engine: WorkflowEnvironment, file: Path
) -> None:
    bad = await start(elsewhere, file, engine)
    good = await start(ours, file, engine)
    await good.signal(Collecting.say, "last")

    with pytest.raises(WorkflowFailureError):
        await ours.get_workflow_handle(bad.id).result()
    assert await good.result() == ["first", "last"]


async def test_messages_that_do_not_open_are_refused_and_their_flow_goes_on(
    ours: Client, elsewhere: Client, engine: WorkflowEnvironment, file: Path
) -> None:
    flow = await start(ours, file, engine)
    bad = elsewhere.get_workflow_handle(flow.id)

    await bad.signal(Collecting.say, "bad signal")
    with pytest.raises(UpdateFailedError):
        await bad.execute_update(Collecting.ask, "bad update")
    with pytest.raises(WorkflowQueryFailedError):
        await bad.query(Collecting.heard, "bad query")

    assert await flow.execute_update(Collecting.ask, "good") == "good"
    assert await flow.query(Collecting.heard, "good")
    await flow.signal(Collecting.say, "last")
    assert await flow.result() == ["first", "good", "last"]
    with pytest.raises(SealError):
        await bad.result()


async def test_messages_of_a_stranger_with_keys_of_their_own_are_refused_and_the_flow_goes_on(
    ours: Client, engine: WorkflowEnvironment, file: Path
) -> None:
    flow = await start(ours, file, engine)
    stranger = client_of(engine, FixedRing(new_ring())).get_workflow_handle(flow.id)

    await stranger.signal(Collecting.say, "bad signal")
    with pytest.raises(UpdateFailedError):
        await stranger.execute_update(Collecting.ask, "bad update")

    assert await flow.execute_update(Collecting.ask, "last") == "last"
    assert await flow.result() == ["first", "last"]


async def test_a_flow_under_an_old_key_goes_on_after_a_rotation(
    ours: Client, engine: WorkflowEnvironment, file: Path
) -> None:
    flow = await start(ours, file, engine)
    await flow.execute_update(Collecting.ask, "before")

    write(file, SECOND.text())
    later = client_of(engine, FixedRing(SECOND)).get_workflow_handle(flow.id)
    await later.execute_update(Collecting.ask, "last")

    assert await later.result() == ["first", "before", "last"]


async def test_a_flow_under_a_key_that_is_on_its_way_waits_for_it(
    ours: Client, engine: WorkflowEnvironment, file: Path
) -> None:
    flow = await start(client_of(engine, FixedRing(SECOND)), file, engine)
    async for event in flow.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_task_failed_event_attributes"):
            break

    write(file, SECOND.text())
    await flow.execute_update(Collecting.ask, "last")

    assert await flow.result() == ["first", "last"]
