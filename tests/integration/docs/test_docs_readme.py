"""The README's Python sample, as it stands, enrolls a phone of the emulator on the real server."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from activities import MfaActivities
from emulator.tests.visitor import Visitor, other_than
from phone_mfa.auth0 import Auth0, ClientSecret
from phone_mfa.contracts import names
from tests.command_line import ROOT, environment
from tests.keys import RING
from worker import build_workers

README = (ROOT / "README.md").read_text()
EMAIL, PASSWORD, NUMBER = "ada@example.com", "pw", "+15555550100"
PATIENCE_SECONDS = 60


def block(language: str, within: str) -> str:
    """The one block of code in this language that holds this text."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    [found] = [each for each in blocks if within in each]
    return str(found)


@pytest.fixture
async def settings(engine: WorkflowEnvironment, address: str, http: httpx.AsyncClient) -> AsyncIterator[dict[str, str]]:
    """What the sample reads from its environment, while a worker runs."""
    auth0 = Auth0(http, base_url=address, credentials=ClientSecret("emulator-client", SecretStr("emulator-secret")))
    flows, calls = build_workers(engine.client, MfaActivities(auth0).all, task_queue=names.TASK_QUEUE)
    async with flows, calls:
        yield environment(
            {
                "AUTH0_DOMAIN": address,
                "AUTH0_CLIENT_ID": "emulator-client",
                "AUTH0_CLIENT_SECRET": "emulator-secret",
                "PHONE_MFA_KEYS": RING.text(),
                "TEMPORAL_ADDRESS": engine.client.service_client.config.target_host,
                "NO_PROXY": "127.0.0.1",
                "no_proxy": "127.0.0.1",
            }
        )


async def code_on_the_phone(visitor: Visitor) -> str:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (received := await visitor.messages(NUMBER)):
            pass  # each look is a round trip to the emulator
    return str(received[-1]["code"])


async def test_the_sample_enrolls_a_phone(settings: dict[str, str], visitor: Visitor, tmp_path: Path) -> None:
    (tmp_path / "enroll.py").write_text(block("python", "async def main"))
    made = re.search(r"_control/users\" -d '(.*?)'", block("sh", "enroll.py"))
    assert made
    assert (await visitor.http.post("/_control/users", content=made[1])).status_code == 200

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "enroll.py"),
        cwd=tmp_path,
        env=settings | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,  # without a terminal, the password is read from standard input
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdin
    process.stdin.write(f"{EMAIL}\n{NUMBER}\n{PASSWORD}\n".encode())
    code = await code_on_the_phone(visitor)
    said, complained = await asyncio.wait_for(
        process.communicate(f"{other_than(code)}\n{code}\n".encode()), PATIENCE_SECONDS
    )

    assert process.returncode == 0, complained.decode()
    assert re.findall(r"(Verdict|Outcome): (\w+)", said.decode()) == [
        ("Verdict", "wrong"),
        ("Verdict", "accepted"),
        ("Outcome", "enrolled"),
    ]


def test_the_first_code_is_within_one_screen() -> None:
    lines = README.splitlines()

    assert next(number for number, line in enumerate(lines) if line.startswith("make up ")) < 25
