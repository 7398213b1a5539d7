"""The container image, without Docker: what its file says, and that its command and health check work as they stand."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

from emulator.tests.listening import free_port

FOLDER = Path(__file__).parents[2]
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
PROJECT = tomllib.loads((FOLDER / "pyproject.toml").read_text())


def instructions(word: str) -> list[str]:
    """What the file says after each such word."""
    lines = DOCKERFILE.replace("\\\n", " ").splitlines()
    return [line.removeprefix(word).strip() for line in lines if line.startswith(f"{word} ")]


def copied() -> set[str]:
    lines = [line.split() for line in instructions("COPY") if not line.startswith("--from=")]
    return {source for line in lines for source in line[:-1]}


def command() -> list[str]:
    (entry,) = instructions("ENTRYPOINT")
    return [str(word) for word in json.loads(entry)]


def health_check() -> list[str]:
    (check,) = instructions("HEALTHCHECK")
    return [str(word) for word in json.loads(check.partition(" CMD ")[2])]


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    ignored = (FOLDER / ".dockerignore").read_text().splitlines()
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied()
    assert [source for source in copied() if not (FOLDER / source).exists()] == []


def test_the_image_installs_by_hash_from_no_index_of_ours_and_runs_as_nobody_special() -> None:
    assert "://" not in DOCKERFILE and "index" not in DOCKERFILE
    installs = re.findall(r"pip install (.+?)(?: \\)?$", DOCKERFILE, re.MULTILINE)
    assert [line for line in installs if not line.startswith(("--require-hashes -r ", "--no-deps "))] == []
    assert instructions("USER") == ["10001:10001"]
    minimum = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert {line.split()[0] for line in instructions("FROM")} == {f"python:{minimum}-slim"}


@pytest.mark.parametrize(
    ("lock", "declared"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-build.lock", PROJECT["dependency-groups"]["build"]),
    ],
)
def test_the_locks_hold_what_is_declared_in_the_versions_of_the_whole_project(lock: str, declared: list[str]) -> None:
    pinned = re.findall(r"^([a-z0-9-]+==\S+)", (FOLDER / lock).read_text(), re.MULTILINE)
    names = {re.split(r"[\[<>=]", one)[0] for one in declared}
    assert names <= {one.partition("==")[0] for one in pinned}
    whole = (FOLDER.parent / "requirements-dev.lock").read_text()
    assert [one for one in pinned if not re.search(rf"^{re.escape(one)}(?=[ ;])", whole, re.MULTILINE)] == []


def test_its_command_keeps_state_serves_both_ports_and_passes_the_health_check(tmp_path: Path) -> None:
    http_port, smtp_port = free_port(), free_port()
    here = {"0.0.0.0": "127.0.0.1", "3000": str(http_port), "2525": str(smtp_port)}  # noqa: S104  # the image's
    here |= {"/state/tenant.db": str(tmp_path / "tenant.db")}
    program, *options = command()
    assert program in PROJECT["project"]["scripts"]
    assert instructions("EXPOSE") == ["3000 2525"] and instructions("VOLUME") == ["/state"]
    words = [sys.executable, "-m", "auth0_mfa_emulator", *(here.get(word, word) for word in options)]
    seed = ["--seed", str(FOLDER / "examples" / "seeds" / "sms.json")]
    with subprocess.Popen([*words, *seed], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        while not process.stdout.readline().startswith("emulator listening"):
            assert process.poll() is None
        assert httpx.get(f"http://127.0.0.1:{http_port}/_control/users").json()["total"] == 2
        assert checked(smtp_port) == 0
        process.terminate()
        assert process.wait(10) == 0
    assert (tmp_path / "tenant.db").exists()
    assert checked(smtp_port) != 0


def checked(smtp_port: int) -> int:
    """The exit status of the health check."""
    python, flag, code = health_check()
    assert (python, flag) == ("python", "-c")
    words = [sys.executable, "-c", code.replace("2525", str(smtp_port))]
    return subprocess.run(words, capture_output=True, timeout=20, check=False).returncode
