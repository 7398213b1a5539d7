"""The worker as a process: how it starts, serves metrics, ends, and is replaced after a sudden death."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from emulator.tests.visitor import Visitor
from phone_mfa.client import Flows
from phone_mfa.contracts import Outcome, StartEnrollment, Verdict, names
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.encryption.rotation import new_ring, rotated
from phone_mfa.temporal import data_converter
from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage
from tests.integration.worker.settings import settings
from tests.keys import KEYS, RING

ROOT = Path(__file__).parents[3]
STEP_FAILED = "temporal_workflow_task_execution_failed_total{"
"""What docs/running.md has alerts on. It counts a flow that tries the same step again and again."""


class Process:
    """A worker and the lines it logs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[dict[str, object]] = []

    async def until(self, event: str) -> dict[str, object]:
        assert self.process.stderr
        async for line in self.process.stderr:
            self.lines.append(json.loads(line))
            if self.lines[-1]["event"] == event:
                return self.lines[-1]
        raise AssertionError(f"the worker ended without {event}: {self.lines}")

    async def ended(self) -> int:
        assert self.process.stderr
        self.lines += [json.loads(line) async for line in self.process.stderr]
        return await self.process.wait()


@asynccontextmanager
async def worker(environment: dict[str, str], *options: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "worker",
        "--log-json",
        *options,
        env=environment,
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
def temporal(engine: WorkflowEnvironment) -> str:
    return engine.client.service_client.config.target_host


async def test_a_worker_killed_between_send_and_code_is_replaced_and_nothing_is_sent_again(
    engine: WorkflowEnvironment, temporal: str, address: str, visitor: Visitor
) -> None:
    stage = Stage(engine, ScriptedAuth0(), cached=100)
    environment = settings(temporal, address, PHONE_MFA_TASK_QUEUE=stage.task_queue)
    person = await visitor.person()
    async with worker(environment) as first:
        await first.until("worker.started")
        flow = await stage.enroll(token=await visitor.mfa_token(person), phone_number=person.number)
        await stage.message(flow, 1)
        first.process.send_signal(signal.SIGKILL)
        await first.process.wait()
    async with worker(environment) as second:
        await second.until("worker.started")
        verdict = await stage.check(flow, await visitor.code(person.number))
        result = await stage.flows.result(flow)
    assert (verdict.verdict, result.outcome, result.sends) == (Verdict.ACCEPTED, Outcome.ENROLLED, 1)
    assert len(await visitor.messages(person.number)) == 1


async def test_sigterm_ends_a_worker_gracefully_with_the_call_it_is_in(
    engine: WorkflowEnvironment, temporal: str, address: str, visitor: Visitor
) -> None:
    stage = Stage(engine, ScriptedAuth0(), cached=100)
    environment = settings(temporal, address, PHONE_MFA_TASK_QUEUE=stage.task_queue)
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.fault("POST", "/mfa/associate", "delay", seconds=1.5)
    async with worker(environment, "--log-level", "DEBUG") as first:
        await first.until("worker.started")
        flow = await stage.enroll(token=token, phone_number=person.number)
        await first.until("auth0.asking")
        first.process.terminate()
        assert await first.ended() == 0
    events = [line["event"] for line in first.lines]
    assert {"auth0.answered", "worker.stopped"} <= set(events)
    async with worker(environment) as second:
        await second.until("worker.started")
        await stage.message(flow, 1)
    assert len(await visitor.messages(person.number)) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_worker_that_is_stopped_while_it_connects_ends_at_once(address: str, number: signal.Signals) -> None:
    connected = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        with contextlib.suppress(ConnectionError):
            while await reader.read(1024):
                pass
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        host, port = silent.sockets[0].getsockname()
        async with worker(settings(f"{host}:{port}", address)) as process:
            await connected.wait()
            process.process.send_signal(number)
            assert await process.ended() == 0
    assert process.lines == []


async def test_every_line_about_a_call_names_its_flow_and_no_secret(
    engine: WorkflowEnvironment, temporal: str, address: str, visitor: Visitor
) -> None:
    stage = Stage(engine, ScriptedAuth0(), cached=100)
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    environment = settings(temporal, address, PHONE_MFA_TASK_QUEUE=stage.task_queue)
    async with worker(environment, "--log-level", "DEBUG") as process:
        await process.until("worker.started")
        flow = await stage.enroll(token=token, phone_number=person.number)
        await stage.message(flow, 1)
        code = await visitor.code(person.number)
        await stage.check(flow, code)
        process.process.terminate()
        assert await process.ended() == 0
    answered = [line for line in process.lines if line["event"] == "auth0.answered"]
    assert [line["activity"] for line in answered] == ["associate_phone", "check_code"]
    assert {line["flow"] for line in answered} == {flow}
    log = json.dumps(process.lines)
    for secret in (token, code, person.number, "emulator-secret"):
        assert secret not in log


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


async def test_metrics_are_named_as_prometheus_wants_them(temporal: str, address: str) -> None:
    metrics = free_address()
    environment = settings(temporal, address, PHONE_MFA_TASK_QUEUE=str(uuid.uuid4()))
    async with worker(environment, "--metrics", metrics) as process, httpx.AsyncClient(trust_env=False) as http:
        await process.until("worker.started")
        shown = (await http.get(f"http://{metrics}/metrics")).text
    assert "temporal_request_total" in shown
    assert "temporal_request_latency_seconds_bucket" in shown


@pytest.mark.parametrize(("workflow", "arguments"), [("EnrollmentWorkflow", []), ("NoSuchWorkflow", [{}])])
async def test_situation_10_a_start_without_sense_fails_and_does_not_count_for_the_alerts(
    engine: WorkflowEnvironment, temporal: str, address: str, workflow: str, arguments: list[object]
) -> None:
    task_queue, metrics = str(uuid.uuid4()), free_address()
    environment = settings(temporal, address, PHONE_MFA_TASK_QUEUE=task_queue)
    async with worker(environment, "--metrics", metrics) as process, httpx.AsyncClient(trust_env=False) as http:
        await process.until("worker.started")
        handle = await engine.client.start_workflow(
            workflow, args=arguments, id=f"enroll-{uuid.uuid4()}", task_queue=task_queue
        )
        counted = ""
        while "temporal_workflow_failed_total{" not in counted and STEP_FAILED not in counted:
            await asyncio.sleep(0.05)
            counted = (await http.get(f"http://{metrics}/metrics")).text
        assert STEP_FAILED not in counted
        assert (await handle.describe()).status is WorkflowExecutionStatus.FAILED


async def test_calls_can_be_held_to_a_rate(temporal: str, address: str) -> None:
    environment = settings(temporal, address, PHONE_MFA_TASK_QUEUE=str(uuid.uuid4()))
    async with worker(environment, "--max-activities-per-second", "2.5") as process:
        assert (await process.until("worker.started"))["per_second"] == 2.5


async def test_a_worker_that_cannot_start_says_why_in_one_line_and_exits_with_2(temporal: str, address: str) -> None:
    async with worker(settings(temporal, address, AUTH0_DOMAIN="")) as process:
        assert await process.ended() == 2
    [line] = process.lines
    assert (line["event"], line["reason"]) == ("worker.not_started", "AUTH0_DOMAIN is not set.")


async def test_keys_of_another_deployment_are_refused_while_flows_run_under_ours(address: str) -> None:
    temporal = str(Path(sys.executable).with_name("temporal"))
    arguments = [f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal,
        dev_server_extra_args=arguments,
        data_converter=data_converter(KEYS, "default"),
    ) as engine:
        target = engine.client.service_client.config.target_host
        flows = Flows(engine.client, tenant="tenant", keys=KEYS)
        started = await flows.enroll("ada", StartEnrollment(phone_number=SecretStr("+15555550123")))
        flow = engine.client.get_workflow_handle(started.flow_id)
        async with worker(settings(target, address)) as process:
            await process.until("worker.started")
            while names.VIEW not in await (await flow.describe()).memo():
                pass  # each look is a round trip to the server
        async with worker(settings(target, address, PHONE_MFA_KEYS=new_ring().text())) as process:
            assert await process.ended() == 2
        assert "are sealed with other keys: set PHONE_MFA_KEYS" in str(process.lines[-1]["reason"])
        async with worker(settings(target, address, PHONE_MFA_KEYS=rotated(RING).text())) as process:
            await process.until("worker.started")
