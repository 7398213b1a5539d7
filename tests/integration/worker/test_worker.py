"""The worker as a process: how it starts, refuses to start, ends, and is replaced after a sudden death."""

import ast
import asyncio
import json
import os
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
from structlog.testing import capture_logs
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment

import worker as worker_program
from emulator.tests.visitor import Visitor
from phone_mfa.client import Flows
from phone_mfa.contracts import Outcome, StartEnrollment, Verdict, attributes, names
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.encryption.rotation import new_ring, rotated
from phone_mfa.process import CannotStartError
from phone_mfa.temporal import data_converter
from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage
from tests.keys import KEYS, RING

ROOT = Path(__file__).parents[3]
STEP_FAILED = "temporal_workflow_task_execution_failed_total{"
"""What docs/running.md has alerts on. It counts a flow that tries the same step again and again."""


def settings(temporal: str, auth0: str, **more: str) -> dict[str, str]:
    ours = ("AUTH0_", "TEMPORAL_", "PHONE_MFA_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    credentials = {"AUTH0_CLIENT_ID": "emulator-client", "AUTH0_CLIENT_SECRET": "emulator-secret"}
    keys = {"PHONE_MFA_KEYS": RING.text()}
    return kept | {"TEMPORAL_ADDRESS": temporal, "AUTH0_DOMAIN": auth0} | credentials | keys | more


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


def use(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """Give this process the environment of a worker."""
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


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


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"AUTH0_DOMAIN": ""}, "AUTH0_DOMAIN is not set."),
        ({"AUTH0_CLIENT_SECRET": ""}, "exactly one of AUTH0_CLIENT_SECRET and AUTH0_PRIVATE_KEY_FILE must be set."),
        ({"AUTH0_DOMAIN": "http://tenant.example"}, "plain http is for loopback hosts only"),
        ({"AUTH0_DOMAIN": "tenant.example/path?q=hush"}, "must be a bare domain"),
        (
            {"AUTH0_PRIVATE_KEY_FILE": "/nowhere", "AUTH0_CLIENT_SECRET": ""},
            "AUTH0_PRIVATE_KEY_FILE must be a readable",
        ),
        ({"HTTPS_PROXY": "nonsense://hush"}, "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE"),
        ({"SSL_CERT_FILE": "/nowhere"}, "SSL_CERT_FILE or SSL_CERT_DIR has an invalid value."),
        ({"PHONE_MFA_TASK_QUEUE": "q" * 201}, "PHONE_MFA_TASK_QUEUE"),
        ({"PHONE_MFA_KEYS": ""}, "PHONE_MFA_KEYS is not set: create a key file with `phone-mfa keys new FILE`"),
        ({"PHONE_MFA_KEYS": "/nowhere/hush"}, "PHONE_MFA_KEYS: The key ring: the file cannot be read"),
        ({"PHONE_MFA_KEYS": '{"hush": 1}'}, "PHONE_MFA_KEYS: The key ring"),
    ],
)
async def test_a_wrong_setting_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, temporal: str, address: str, changed: dict[str, str], sentence: str
) -> None:
    use(monkeypatch, settings(temporal, address, **changed))
    with pytest.raises(CannotStartError) as refused:
        await worker_program.run(None, None)
    assert sentence in str(refused.value)
    assert refused.value.exit_code == 2
    assert "hush" not in str(refused.value)


async def test_a_worker_that_cannot_start_says_why_in_one_line_and_exits_with_2(temporal: str, address: str) -> None:
    async with worker(settings(temporal, address, AUTH0_DOMAIN="")) as process:
        assert await process.ended() == 2
    [line] = process.lines
    assert (line["event"], line["reason"]) == ("worker.not_started", "AUTH0_DOMAIN is not set.")


@pytest.mark.parametrize("metrics", ["nonsense", "127.0.0.1:99999"])
async def test_metrics_on_an_address_that_is_none_are_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, temporal: str, address: str, metrics: str
) -> None:
    use(monkeypatch, settings(temporal, address))
    with pytest.raises(CannotStartError, match=r"Give HOST:PORT with a free port\.$"):
        await worker_program.run(None, metrics)


async def test_a_namespace_that_is_not_there_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, temporal: str, address: str
) -> None:
    use(monkeypatch, settings(temporal, address, TEMPORAL_NAMESPACE="nowhere"))
    with pytest.raises(CannotStartError, match=r"^Temporal has no namespace nowhere: check TEMPORAL_NAMESPACE\.$"):
        await worker_program.run(None, None)


async def test_a_temporal_that_is_down_ends_the_worker_with_3(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    use(monkeypatch, settings("127.0.0.1:9", address))
    with pytest.raises(CannotStartError, match=r"^Temporal cannot be reached at 127\.0\.0\.1:9") as refused:
        await worker_program.run(None, None)
    assert refused.value.exit_code == 3


async def test_missing_search_attributes_are_named_with_the_command_that_adds_them() -> None:
    temporal = str(Path(sys.executable).with_name("temporal"))
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=temporal) as bare:
        with pytest.raises(CannotStartError) as refused:
            await worker_program.check_search_attributes(bare.client)
    reason = str(refused.value)
    assert "lacks search attributes: MfaFlow, MfaPhase, MfaChannel, MfaOutcome, MfaSends, MfaWrongCodes" in reason
    assert "`phone-mfa namespace prepare`" in reason


async def test_keys_of_another_deployment_are_refused_while_flows_run_under_ours(address: str) -> None:
    temporal = str(Path(sys.executable).with_name("temporal"))
    arguments = [f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal,
        dev_server_extra_args=arguments,
        data_converter=data_converter(KEYS, "default"),
    ) as engine:
        target = engine.client.service_client.config.target_host
        flows = Flows(engine.client, tenant="tenant", naming_key=RING.naming_key)
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


NOTHING_TOLD = TypedSearchAttributes.empty
A_MESSAGE_TOLD = TypedSearchAttributes([SearchAttributePair(attributes.SENDS, 1)])


@pytest.mark.parametrize(
    ("task_queue", "told"),
    [("another-queue", NOTHING_TOLD), ("phone-mfa", NOTHING_TOLD), ("phone-mfa", A_MESSAGE_TOLD)],
)
async def test_situation_11_flows_that_strangers_started_without_keys_keep_no_worker_from_starting(
    task_queue: str, told: TypedSearchAttributes
) -> None:
    temporal = str(Path(sys.executable).with_name("temporal"))
    arguments = [f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal, dev_server_extra_args=arguments
    ) as engine:
        client = engine.client
        for number in range(10):
            await client.start_workflow(
                "EnrollmentWorkflow", {}, id=f"enroll-{number}", task_queue=task_queue, search_attributes=told
            )
        while (await client.count_workflows()).count < 10:
            pass  # each look is a round trip to the server
        with capture_logs() as lines:
            await worker_program.require_keys_of_flows(client, KEYS, "phone-mfa")
    assert [(line["event"], line["task_queue"]) for line in lines] == [("flows.sealed_with_unknown_keys", task_queue)]


def test_the_worker_knows_nothing_of_the_emulator() -> None:
    tree = ast.parse((ROOT / "worker.py").read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [
        name for name in imported if name and name.startswith(("auth0_mfa_emulator", "emulator", "starter", "tests"))
    ]
