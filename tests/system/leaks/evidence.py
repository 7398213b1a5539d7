"""Plays everything once, and keeps what it left behind: the places to look in, and the secrets to look for."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from phone_mfa.contracts import Outcome
from phone_mfa.encryption import keyring_source_of
from phone_mfa.encryption.payload_search import payloads_in
from phone_mfa.temporal import connect
from tests.integration.codec_server.codec_process import plain
from tests.ports import free_port
from tests.system.leaks import collecting, commands, hostile, hostile_http, logins
from tests.system.leaks.careless_gateway import told_by_metrics, told_by_settings
from tests.system.leaks.gateway import Gateway, opened
from tests.system.leaks.journeys import JOURNEYS, Journey, played
from tests.system.leaks.people import People
from tests.system.leaks.places import Place, Temporal, database, decoded, metrics_of_gateway, metrics_of_worker, written
from tests.system.leaks.plant import Plant, planted
from tests.system.leaks.play import Play, Recipient
from tests.system.leaks.secrets import Secrets
from tests.system.leaks.stack import DISTRUSTED, TASK_QUEUE, Stack, installed

PATIENCE_SECONDS = 200
"""For what is played, all of it at the same time: 50 s, or twice that with four other processes on two cores."""


@dataclass
class Evidence:
    """What is known of a run. ``statuses``: how flows ended, in Temporal's words. ``workers``: those that it lists."""

    secrets: Secrets = field(default_factory=Secrets)
    places: list[Place] = field(default_factory=list)
    ended: dict[Journey, Outcome | str] = field(default_factory=dict)
    statuses: set[str] = field(default_factory=set)
    workers: set[str] = field(default_factory=set)
    plant: Plant | None = None


async def evidence_of(folder: Path) -> Evidence:
    """Play everything in a folder. The secrets are collected last: then the tenant has ended, and lets us read."""
    found = Evidence()
    with _overheard() as heard:
        async with installed(folder) as stack, opened(stack, found.secrets) as gateway:
            people, recipient = await _play(stack, gateway, found)
        found.places += [Place("log of the starter", "log", "\n".join(heard).encode())]
    found.places += [*database(stack.database, "after its end"), *written(stack.processes)]
    found.places += [Place("gateway answers", asked, answer) for asked, answer in gateway.answers]
    stack.relay.tell(found.secrets)
    collecting.of_tenant(folder / "tenant.state", found.secrets)
    collecting.of_installation(stack.own, found.secrets)
    private = json.loads((folder / "recipient.jwk").read_text())
    collecting.of_people(people, (recipient.private, private), found.secrets)
    return found


async def _play(stack: Stack, gateway: Gateway, found: Evidence) -> tuple[People, Recipient]:
    recipient = Recipient()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TEMPORAL_ADDRESS", stack.temporal)
        client = await connect(keyring_source_of(stack.settings["PHONE_MFA_KEYS"]))
    async with httpx.AsyncClient(base_url=stack.tenant, trust_env=False, timeout=30) as http:
        people = People(http, stack.own.client_secret)
        play = Play(stack, client, people, recipient, gateway)
        await _play_all(play, found)
        sent = await people.control("GET", "messages")
    found.plant = Plant.new({message["code"] for message in sent})
    careless = f"127.0.0.1:{free_port()}"
    async with planted(stack, found.plant, careless), told_by_settings(stack, found.plant) as told:
        await _look(stack, found, found.plant)
        found.places += [await metrics_of_worker(stack.metrics), await metrics_of_worker(careless), told]
    found.places += [await metrics_of_gateway("gateway", str(gateway.http.base_url))]
    found.places += [await told_by_metrics(play.flows, found.plant)]
    return people, recipient


async def _play_all(play: Play, found: Evidence) -> None:
    async def keep(journey: Journey) -> None:
        async with _bounded(alone := play.alone(), journey.__name__):
            found.ended[journey] = await played(alone, journey)

    async def show(scene: Callable[[Play], Awaitable[None]]) -> None:
        async with _bounded(alone := play.alone(), scene.__name__):
            await scene(alone)

    async with asyncio.TaskGroup() as playing:
        for journey in JOURNEYS:
            playing.create_task(keep(journey))
        for scene in (
            hostile.flows_that_start_with_nonsense,
            hostile.a_flow_that_is_terminated_at_a_message_under_another_key,
            commands.somebody_enrolls,
            commands.somebody_is_a_recipient,
            commands.somebody_loses_an_api_key,
            logins.somebody_logs_in_on_another_device,
            logins.somebody_logs_in_with_a_browser,
            hostile_http.starts_that_do_not_fit,
            hostile_http.something_that_is_no_http,
        ):
            playing.create_task(show(scene))
    await play.gateway.meet_strangers()


@asynccontextmanager
async def _bounded(play: Play, name: str) -> AsyncIterator[None]:
    """What does not end is named, with its flows as they are: most of it waits for Temporal, which sets no limit."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield
    except TimeoutError:
        views = [await play.flows.view(flow) for flow in play.played]
        raise AssertionError(f"{name} has not ended after {PATIENCE_SECONDS} s: {views}") from None


async def _look(stack: Stack, found: Evidence, plant: Plant) -> None:
    """Look while everything runs."""
    temporal = Temporal(await stack.uncoded())
    found.places += database(stack.database, "while it runs")
    queues = (TASK_QUEUE, DISTRUSTED, plant.task_queue)
    found.places += [place async for place in temporal.places(queues)]
    for execution in await temporal.executions():
        found.places += [place async for place in temporal.queried(execution)]
        payloads = list(payloads_in(await temporal.history(execution)))
        found.places += decoded(stack.codec, stack.own.codec_token, execution.workflow_id, payloads)
    found.places += decoded(stack.codec, stack.own.codec_token, plant.spelled, [plain({"reason": plant.marker})])
    found.statuses, found.workers = await temporal.statuses(), await temporal.workers()


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """All that is logged in this process, whose only part of ours is the starter. Our visits to Auth0 are no part."""
    heard: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith(("httpx", "httpcore")):
                heard.append(self.format(record))

    listening, root = Listening(logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(listening)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.setLevel(level)
        root.removeHandler(listening)
