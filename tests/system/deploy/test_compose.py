"""The deployment files, without Docker: what they say, and that each command of ours in them starts and works."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
import yaml
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from phone_mfa.contracts.names import SEARCH_ATTRIBUTES
from phone_mfa.settings import BudgetSettings, NumberSettings
from tests.command_line import environment
from worker import SHUTDOWN_GRACE

LOOK_EVERY_SECONDS = 0.1
ROOT: Final = Path(__file__).parents[3]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Final[dict[str, Any]] = COMPOSE["services"]
OURS: Final = sorted(name for name, service in SERVICES.items() if "build" in service)
JOBS: Final = sorted(name for name, service in SERVICES.items() if service["restart"].startswith("on-failure"))
SERVING: Final = [name for name in OURS if name not in JOBS]
SCRIPTS: Final = sorted((ROOT / "deploy").glob("*.sh"))
BIN: Final = Path(sys.executable).parent
SHELL: Final = "/bin/sh"

KEY_FILE: Final = "/keys/keys.json"
API_KEY_FILE: Final = "/api-keys/api-keys.json"
"""Paths, and so no secrets, though the settings may hold keys elsewhere."""
SECRET_NAME: Final = re.compile(r"PASSWORD|PWD|SECRET|KEY|TOKEN")
VARIABLE: Final = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<rest>[^}]*))?\}")


def settings_of(file: Path) -> dict[str, str]:
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def filled_in(text: str, settings: Mapping[str, str]) -> str:
    """Compose's interpolation, as far as the file uses it."""

    def value(found: re.Match[str]) -> str:
        given = settings.get(found["name"])
        if given:
            return given
        assert found["how"] == "-", f"{found['name']} has neither a value nor a default"
        return found["rest"]

    return VARIABLE.sub(value, text)


def instructions(word: str) -> list[str]:
    """What the Dockerfile says after each such word."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.removeprefix(word).strip() for line in text.splitlines() if line.startswith(f"{word} ")]


def copied_from_here() -> list[str]:
    lines = [line.split() for line in instructions("COPY") if not line.startswith("--from=")]
    return [source for line in lines for source in line[:-1]]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Spoken:
    """What a process has written so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.text = ""

    async def until(self, words: str) -> None:
        assert self.process.stdout
        while words not in self.text:
            line = await asyncio.wait_for(self.process.stdout.readline(), 20)
            assert line, f"it ended without {words!r}: {self.text}"
            self.text += line.decode()

    async def end(self) -> int:
        """Stop it as Docker does, and tell its exit status."""
        self.process.terminate()
        rest, _ = await asyncio.wait_for(self.process.communicate(), 20)
        self.text += rest.decode()
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def started(command: Sequence[str], settings: Mapping[str, str], folder: Path) -> AsyncIterator[Spoken]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(dict(settings)),
        cwd=folder,
    )
    try:
        yield Spoken(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def ended(command: Sequence[str], settings: Mapping[str, str], folder: Path) -> tuple[int, str]:
    async with started(command, settings, folder) as running:
        out, _ = await asyncio.wait_for(running.process.communicate(), 60)
        return running.process.returncode or 0, out.decode()


async def patiently(look: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(200):
        if await look():
            return
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    pytest.fail("waited 20 seconds for nothing")


async def was_sent_to(phone: str, http: httpx.AsyncClient) -> bool:
    return bool((await http.get("/_control/messages", params={"to": phone})).json())


async def answers(http: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await http.get(address)).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our packages as the image has them: built from what the Dockerfile copies and nothing else."""
    context, wheels, unpacked = (tmp_path_factory.mktemp(name) for name in ("context", "wheels", "image"))
    for source in copied_from_here():
        (context / source).symlink_to(ROOT / source)
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    packages = [context, context / "emulator"]
    subprocess.run([sys.executable, "-m", "pip", *build, "--wheel-dir", wheels, *packages], check=True, timeout=60)
    for wheel in wheels.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(unpacked)
    return unpacked


class Here:
    """A stack's services as processes on this host: free ports of loopback, where the file has names and fixed ports.

    The code comes from ``image``, not from the working tree.
    """

    def __init__(self, image: Path, folder: Path, temporal: str, task_queue: str) -> None:
        self.image, self.folder = image, folder
        self.settings = settings_of(ROOT / "deploy" / "emulator.env") | {"PHONE_MFA_TASK_QUEUE": task_queue}
        self.settings |= {"PHONE_MFA_CODEC_TOKEN": "a-token-of-more-than-20-characters"}
        self.ports = {port: str(free_port()) for port in ("9464", "8025", "8081", "8088")}
        self.names = {
            "temporal:7233": temporal,
            "emulator:": "127.0.0.1:",
            "/keys/": f"{folder}/",
            "/api-keys/": f"{folder}/",
        }
        self.names["0.0.0.0"] = "127.0.0.1"  # noqa: S104
        self.emulator = f"http://127.0.0.1:{self.ports['8025']}"

    def moved(self, text: str) -> str:
        for there, here in {**self.names, **self.ports}.items():
            text = text.replace(there, here)
        return text

    def environment(self, service: str) -> dict[str, str]:
        declared = SERVICES[service].get("environment", {})
        told = {name: self.moved(filled_in(value, self.settings)) for name, value in declared.items()}
        return {**told, "PYTHONPATH": str(self.image)}

    def command(self, service: str) -> list[str]:
        python, *entry = json.loads(instructions("ENTRYPOINT")[0])
        assert python == "python"
        return [sys.executable, *entry, *(self.moved(part) for part in SERVICES[service]["command"])]

    def health_check(self, service: str) -> list[str]:
        kind, python, *rest = SERVICES[service]["healthcheck"]["test"]
        assert (kind, python) == ("CMD", "python")
        return [sys.executable, *(self.moved(part) for part in rest)]


@pytest.fixture
def here(engine: WorkflowEnvironment, image: Path, tmp_path: Path) -> Here:
    return Here(image, tmp_path, engine.client.service_client.config.target_host, f"compose-{uuid4().hex}")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_a_health_check_or_is_a_job(name: str) -> None:
    assert ("healthcheck" in SERVICES[name]) != (name in JOBS)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_image_is_pinned_or_built_here(name: str) -> None:
    image = SERVICES[name]["image"]
    if name in OURS:
        assert image.startswith("phone-mfa:") and SERVICES[name]["build"] == "."
    else:
        assert re.fullmatch(r"[a-z/-]+:\d+(\.\d+\.\d+)?", image)


def test_no_secret_is_written_in_the_file_or_has_a_default() -> None:
    secrets = {
        value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if SECRET_NAME.search(name)
    }
    secrets -= {KEY_FILE, API_KEY_FILE}
    assert secrets
    assert [value for value in secrets if not re.fullmatch(r"\$\{\w+:\?[^}]+\}", value)] == []


def test_settings_of_budgets_reach_the_worker_and_those_of_numbers_the_gateway() -> None:
    for service, settings in (("worker", BudgetSettings), ("next-worker", BudgetSettings), ("gateway", NumberSettings)):
        names = {f"PHONE_MFA_{field.upper()}" for field in settings.model_fields}
        assert names <= SERVICES[service]["environment"].keys()


def test_what_is_published_is_published_on_loopback_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert published
    assert [port for port in published if not re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port)] == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_for_jobs_to_end_and_for_the_others_to_be_healthy(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in JOBS else "service_healthy"
        assert wait == {"condition": expected}
        assert "profiles" not in SERVICES[other]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_write_nothing_and_gain_no_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] and service["init"]
    assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]


def test_docker_waits_longer_for_the_worker_to_end_than_the_worker_takes() -> None:
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) > SHUTDOWN_GRACE.total_seconds()


def test_every_file_that_is_mounted_is_there() -> None:
    mounted = [volume for service in SERVICES.values() for volume in service.get("volumes", ())]
    files = [volume.split(":")[0] for volume in mounted if volume.startswith("./")]
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_every_job_runs_a_script_of_ours_or_our_image() -> None:
    for name in set(JOBS) - set(OURS):
        assert SERVICES[name]["entrypoint"] == [SHELL]
        (script,) = SERVICES[name]["command"]
        assert ROOT / script.removeprefix("/") in SCRIPTS


def test_who_needs_the_keys_has_the_folder_they_are_in_and_may_not_write_there() -> None:
    users = {name for name, service in SERVICES.items() if "PHONE_MFA_KEYS" in service.get("environment", {})}
    assert users == {"codec", "gateway", "next-worker", "worker"}
    for name in users:
        assert SERVICES[name]["environment"]["PHONE_MFA_KEYS"] == KEY_FILE
        assert SERVICES[name]["volumes"][0] == "keys:/keys:ro"
        assert SERVICES[name]["volumes"][1:] == (["api-keys:/api-keys:ro"] if name == "gateway" else [])
    assert (SERVICES["keys"]["volumes"], KEY_FILE in SERVICES["keys"]["command"]) == (["keys:/keys"], True)
    assert "--mode 0700 /keys /api-keys" in (ROOT / "Dockerfile").read_text()


def test_the_gateway_reads_the_api_keys_where_its_job_prepares_them() -> None:
    job = SERVICES["api-keys"]
    assert (job["volumes"], API_KEY_FILE in job["command"]) == (["api-keys:/api-keys"], True)
    assert SERVICES["gateway"]["environment"]["PHONE_MFA_GATEWAY_API_KEYS"] == API_KEY_FILE


def test_texts_are_for_the_site_that_the_gateway_is() -> None:
    assert SERVICES["emulator"]["command"][-1].rpartition(":")[2] in str(SERVICES["gateway"]["ports"])


def test_the_ui_asks_the_codec_server_which_answers_it() -> None:
    ui, codec = SERVICES["ui"], SERVICES["codec"]
    assert ui["environment"]["TEMPORAL_CODEC_ENDPOINT"].rpartition(":")[2] in str(codec["ports"])
    assert ui["environment"]["TEMPORAL_CODEC_INCLUDE_CREDENTIALS"] == "true"
    assert codec["environment"]["PHONE_MFA_CODEC_ORIGIN"].rpartition(":")[2] in str(ui["ports"])


def test_the_dynamic_config_is_what_the_server_is_told_to_read() -> None:
    path = SERVICES["temporal"]["environment"]["DYNAMIC_CONFIG_FILE_PATH"]
    assert f"./deploy/dynamic-config.yaml:{path}:ro" in SERVICES["temporal"]["volumes"]
    for settings in yaml.safe_load((ROOT / "deploy" / "dynamic-config.yaml").read_text()).values():
        assert all("value" in setting for setting in settings)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_shell_can_read_the_script(script: Path) -> None:
    subprocess.run([SHELL, "-n", script], check=True, timeout=10)


def test_the_namespace_job_makes_every_search_attribute_with_its_type() -> None:
    script = (ROOT / "deploy" / "namespace.sh").read_text()
    assert dict(re.findall(r"^attribute (\w+) (\w+)$", script, re.MULTILINE)) == SEARCH_ATTRIBUTES


async def test_the_namespace_job_makes_them_on_a_new_server_and_again_changes_nothing(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    host, port = address.split(":")
    server = [str(BIN / "temporal"), "server", "start-dev", "--headless", "--ip", host, "--port", port]
    declared = {"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": "made-by-the-job"}
    assert set(SERVICES["namespace"]["environment"]) == set(declared)
    settings = {**declared, "PATH": f"{BIN}:{os.environ['PATH']}"}
    job = [SHELL, str(ROOT / "deploy" / "namespace.sh")]
    async with started([*server, "--log-level", "never"], {}, tmp_path):
        for _ in range(2):
            code, said = await ended(job, settings, tmp_path)
            assert code == 0, said
        client = await Client.connect(address, namespace="made-by-the-job")
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        assert set(listed.custom_attributes) == set(SEARCH_ATTRIBUTES)


async def test_the_schema_job_makes_both_databases_and_its_commands_show_no_password(tmp_path: Path) -> None:
    recorder = tmp_path / "temporal-sql-tool"
    recorder.write_text('#!/bin/sh\necho "$@"\n')
    recorder.chmod(0o755)
    declared = SERVICES["schema"]["environment"]
    settings = {name: filled_in(value, {"POSTGRES_PASSWORD": "open sesame"}) for name, value in declared.items()}
    settings["PATH"] = f"{tmp_path}:{os.environ['PATH']}"
    code, said = await ended([SHELL, str(ROOT / "deploy" / "schema.sh")], settings, tmp_path)
    assert (code, "sesame" in said) == (0, False)
    start = "--plugin postgres12 --ep postgres -p 5432 -u temporal --db"
    folder = "/etc/temporal/schema/postgresql/v12"
    assert said.splitlines() == [
        f"{start} {database} {step}"
        for database, versions in (("temporal", "temporal"), ("temporal_visibility", "visibility"))
        for step in ("create", "setup-schema -v 0.0", f"update-schema -d {folder}/{versions}/versioned")
    ]


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    allowed = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    sources = set(copied_from_here())
    assert sources == allowed
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_installs_by_hash_from_no_index_of_ours_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert "://" not in text and "index" not in text
    installs = re.findall(r"pip install (.+?)(?: \\)?$", text, re.MULTILINE)
    assert [line for line in installs if not line.startswith(("--require-hashes -r ", "--no-deps "))] == []
    assert instructions("USER") == ["10001:10001"]
    minimum = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert {line.split()[0] for line in instructions("FROM")} == {f"python:{minimum}-slim"}


def test_the_image_alone_runs_the_worker() -> None:
    assert json.loads(instructions("CMD")[0]) == SERVICES["worker"]["command"][:1]


def test_the_next_worker_is_the_worker_of_another_version() -> None:
    worker, following = SERVICES["worker"], SERVICES["next-worker"]
    version = {"PHONE_MFA_BUILD_ID": filled_in(following["image"], {}).partition(":")[2]}
    assert {
        name: filled_in(value, {}) for name, value in following["environment"].items() if "BUILD" in name
    } == version
    differs = {name for name in worker | following if worker.get(name) != following.get(name)}
    assert differs == {"image", "environment", "profiles"}
    environments = worker["environment"], following["environment"]
    assert {
        name for name in environments[0] | environments[1] if environments[0].get(name) != environments[1].get(name)
    } == {"PHONE_MFA_BUILD_ID"}


async def test_the_emulator_s_settings_a_database_password_and_a_token_are_all_the_file_needs(here: Here) -> None:
    given = {"POSTGRES_PASSWORD": "open sesame", "PHONE_MFA_CODEC_TOKEN": "a-token-of-more-than-20-characters"}
    filled_in((ROOT / "docker-compose.yml").read_text(), {**settings_of(ROOT / "deploy" / "emulator.env"), **given})
    told = {name: filled_in(value, here.settings) for name, value in SERVICES["worker"]["environment"].items()}
    read = [sys.executable, "-c", "from phone_mfa.settings import Auth0Settings; print(Auth0Settings.read().base_url)"]
    code, said = await ended(read, {**here.environment("worker"), **told}, here.folder)
    assert (code, said.strip()) == (0, "http://emulator:8025")


async def test_what_runs_in_these_tests_is_the_code_of_the_image(here: Here) -> None:
    rooms = "activities, auth0_mfa_emulator, gateway, phone_mfa, starter, worker, workflows as w"
    show = f"import {rooms}; print(worker.__file__, w.__file__)"
    code, said = await ended([sys.executable, "-c", show], here.environment("worker"), here.folder)
    assert (code, said.split()) == (0, [str(here.image / "worker.py"), str(here.image / "workflows" / "__init__.py")])


def test_this_file_starts_every_command_of_ours() -> None:
    assert OURS == ["api-keys", "codec", "emulator", "gateway", "keys", "next-worker", "worker"]


async def test_the_stack_of_our_containers_starts_is_healthy_sends_a_code_and_ends_in_order(here: Here) -> None:
    phone = "+15555550142"
    worker, emulator = here.environment("worker"), here.environment("emulator")
    for said in ("The key file was created", "The key file already exists"):
        code, words = await ended(here.command("keys"), here.environment("keys"), here.folder)
        assert (code, words.startswith(said)) == (0, True)
    for _ in range(2):
        assert await ended(here.command("api-keys"), here.environment("api-keys"), here.folder) == (0, "")
    async with (
        started(here.command("emulator"), emulator, here.folder) as tenant,
        started(here.command("worker"), worker, here.folder) as working,
        started(here.command("codec"), here.environment("codec"), here.folder) as decoding,
        started(here.command("gateway"), here.environment("gateway"), here.folder) as gateway,
        httpx.AsyncClient(base_url=here.emulator) as http,
    ):
        await tenant.until("emulator listening on ")
        await working.until("worker.started")
        await decoding.until("codec server listening on ")
        await gateway.until("gateway listening on ")
        for service in SERVING:
            code, said = await ended(here.health_check(service), {}, here.folder)
            assert code == 0, said

        user = {"email": "ada@example.com", "password": "correct horse", "email_verified": True}
        (await http.post("/_control/users", json=user)).raise_for_status()
        enroll = ["enroll", "--user", "ada@example.com", "--phone", phone, "--login"]
        settings = {**worker, "PHONE_MFA_PASSWORD": "correct horse"}
        code, said = await ended([sys.executable, "-m", "starter", *enroll], settings, here.folder)
        assert code == 0, said
        await patiently(lambda: was_sent_to(phone, http))

        assert await working.end() == 0
        assert "worker.stopped" in working.text
        assert await tenant.end() == 0
        assert await decoding.end() == 0
        assert await gateway.end() == 0


@pytest.mark.parametrize("service", SERVING)
async def test_a_container_that_does_not_work_is_not_healthy(here: Here, service: str) -> None:
    code, _ = await ended(here.health_check(service), {}, here.folder)
    assert code != 0


async def test_a_worker_that_has_not_reached_temporal_is_not_healthy(here: Here) -> None:
    """It may serve metrics by then, which alone would say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert (await ended(here.command("keys"), here.environment("keys"), here.folder))[0] == 0
        settings = here.environment("worker") | {"TEMPORAL_ADDRESS": f"127.0.0.1:{silent.getsockname()[1]}"}
        metrics = f"http://127.0.0.1:{here.ports['9464']}/metrics"
        async with started(here.command("worker"), settings, here.folder), httpx.AsyncClient() as http:
            await patiently(lambda: answers(http, metrics))
            code, _ = await ended(here.health_check("worker"), {}, here.folder)
            assert code != 0
