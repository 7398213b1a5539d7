"""What a worker requires before it starts."""

import ast
import os
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment

import worker as worker_program
from phone_mfa.contracts import attributes
from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.errors import CannotStartError
from tests.integration.worker.settings import settings
from tests.keys import KEYS

ROOT = Path(__file__).parents[3]


def use(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """Give this process the environment of a worker."""
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def temporal(engine: WorkflowEnvironment) -> str:
    return engine.client.service_client.config.target_host


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"AUTH0_DOMAIN": ""}, "AUTH0_DOMAIN is not set."),
        (
            {"AUTH0_CLIENT_SECRET": ""},
            "exactly one of AUTH0_CLIENT_SECRET, AUTH0_PRIVATE_KEY_FILE and AUTH0_PUBLIC_CLIENT must be set.",
        ),
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
    assert (
        "lacks search attributes: MfaFlow, MfaPhase, MfaChannel, MfaOutcome, MfaBudget, MfaSends, MfaWrongCodes"
        in reason
    )
    assert "`phone-mfa namespace prepare`" in reason


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
