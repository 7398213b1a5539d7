"""What the gateway's documentation says: tables against the code, the walk and the script against real processes."""

import asyncio
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway.problems import KINDS
from gateway.status_codes import OUTCOMES, VERDICTS
from tests.system.gateway.installation import API_KEY, Installation

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "gateway.md").read_text()
FRONT_ENDS = (DOCS / "front-ends.md").read_text()
CLIENT = DOCS.parent / "gateway" / "client"
SCRIPT = DOCS / "examples" / "follow.mjs"
PATIENCE = 60

CURL = shutil.which("curl")
NODE = shutil.which("node")


def section(heading: str) -> str:
    return PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def node_is_new() -> bool:
    if NODE is None:
        return False
    said = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").split(".")[0]) >= 20


def environment(installation: Installation, **more: str) -> dict[str, str]:
    phones = str(installation.visitor.http.base_url).rstrip("/")
    ours = {"GATEWAY": installation.address, "PHONES": phones, "API_KEY": API_KEY, "NO_PROXY": "127.0.0.1"}
    return {"PATH": os.environ["PATH"], "no_proxy": "127.0.0.1"} | ours | more


def test_the_problems_listed_are_exactly_those_there_are() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| .+ \| (yes)? ?\|$", section("Problems"), re.MULTILINE)

    assert {name: int(status) for name, status, _ in rows} == {name: kind.status for name, kind in KINDS.items()}
    assert {name for name, _, later in rows if later} == {
        name for name, kind in KINDS.items() if kind.retry_after or kind.status == 429
    }


def test_the_statuses_of_outcomes_and_verdicts_are_those_listed() -> None:
    rows = re.findall(r"^\| (outcome|verdict) (.+) \| (\d+) \|$", section("Calls"), re.MULTILINE)
    listed = {(what, word): int(status) for what, words, status in rows for word in re.findall("`([a-z_]+)`", words)}

    assert listed == {("outcome", outcome.value): status for outcome, status in OUTCOMES.items()} | {
        ("verdict", verdict.value): status for verdict, status in VERDICTS.items()
    }


async def test_the_calls_listed_are_exactly_those_of_the_document(installation: Installation) -> None:
    document: dict[str, Any] = await installation.ask("GET", "/openapi.json")
    rows = dict(re.findall(r"^\| `([A-Z]+ /[^`]+)` \| (\w+) \|", section("Calls"), re.MULTILINE))
    who = {0: "anybody", 1: "service", 2: "both"}
    served = {
        f"{method.upper()} {path}": who[len(operation["security"])]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }

    assert rows == served


def test_the_calls_of_the_javascript_client_listed_are_exactly_those_there_are() -> None:
    listed = re.findall(r"^\| `(\w+)\(.*\)` \|", FRONT_ENDS, re.MULTILINE)
    declaration = (CLIENT / "flow_client.d.ts").read_text().split("export class FlowClient {", 1)[1].split("\n}", 1)[0]

    assert set(listed) == set(re.findall(r"^ {4}(\w+)\(", declaration, re.MULTILINE)) - {"constructor"}
    exported = set(
        re.findall(r"\w+", " ".join(re.findall(r"^export \{(.*)\}", (CLIENT / "index.js").read_text(), re.M)))
    )
    assert {name for name in exported if f"`{name}" not in FRONT_ENDS} == set()


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
async def test_the_javascript_client_is_downloaded_whole_by_the_documented_command(
    installation: Installation, tmp_path: Path
) -> None:
    [download] = [block for block in re.findall(r"^```sh\n(.*?)^```", FRONT_ENDS, re.M | re.S) if "/client/" in block]
    process = await asyncio.create_subprocess_exec(
        *("sh", "-eu", "-c", download), cwd=tmp_path, env=environment(installation)
    )

    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    ours = {file.name: file.read_bytes() for file in CLIENT.iterdir() if file.suffix in (".js", ".ts")}
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == ours


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
async def test_the_walk_with_curl_leads_to_an_enrollment(installation: Installation, tmp_path: Path) -> None:
    walk = "\n".join(re.findall(r"^```sh\n(.*?)^```", section("With curl"), re.MULTILINE | re.DOTALL))
    process = await asyncio.create_subprocess_exec(
        *("sh", "-eu", "-c", walk),
        cwd=tmp_path,
        env=environment(installation),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(process.communicate(), PATIENCE)
    answers = said.decode()

    assert process.returncode == 0, (answers, complained)
    assert re.findall(r'"verdict":"(\w+)"', re.sub(r'"last_verdict":\{.*?\}', "", answers)) == ["wrong", "accepted"]
    assert 'event: end\ndata: {"outcome": "enrolled"}' in answers
    assert re.search(r'"outcome":"enrolled".*"recovery_code":"[A-Z0-9]{24}"', answers.splitlines()[-1])


@pytest.mark.skipif(not node_is_new(), reason="node 20 is not installed")
async def test_the_script_enrolls_with_fetch_alone(installation: Installation) -> None:
    visitor = installation.visitor
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    process = await asyncio.create_subprocess_exec(
        *(str(NODE), str(SCRIPT), person.email, person.number),
        env=environment(installation, MFA_TOKEN=token),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin and process.stdout
    said = list[str]()
    async with asyncio.timeout(PATIENCE):
        while line := (await process.stdout.readline()).decode().strip():
            said.append(line)
            if line.endswith("?"):
                process.stdin.write(f"{await visitor.code(person.number)}\n".encode())
        complained = (await process.communicate())[1].decode()

    assert (process.returncode, complained) == (0, "")
    assert said[-1] == "outcome enrolled"
    assert "accepted: " in "\n".join(said)
