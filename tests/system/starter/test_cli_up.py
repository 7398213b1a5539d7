"""Everything at once as a process: a person enrolls by the link it prints, and nothing is left of it afterwards."""

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from playwright.async_api import expect

from emulator.tests.chromium import chromium
from tests.command_line import ROOT, environment

PATIENCE_SECONDS = 60
PROCESSES = 5


@dataclass(frozen=True)
class Up:
    """It runs. ``told``: where everything is."""

    process: asyncio.subprocess.Process
    told: dict[str, Any]
    invite: dict[str, Any]
    enroll: dict[str, Any]
    verify: dict[str, Any]
    processes: list[int]

    async def typed(self, line: str) -> dict[str, Any]:
        """What it says when a line is typed."""
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())
        return await line_of(self.process)

    async def stopped(self, number: signal.Signals) -> tuple[int | None, bytes]:
        """Its exit status, and what it complained of."""
        self.process.send_signal(number)
        _, errors = await asyncio.wait_for(self.process.communicate(), PATIENCE_SECONDS)
        return self.process.returncode, errors

    def left(self) -> list[str]:
        """What is left of it."""
        folder = Path(self.told["output"])
        return [f"process {pid}" for pid in self.processes if runs(pid)] + ([str(folder)] if folder.exists() else [])


async def line_of(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout
    line = await asyncio.wait_for(process.stdout.readline(), PATIENCE_SECONDS)
    assert line, "it ended"
    return dict(json.loads(line))


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def running() -> AsyncIterator[Up]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter", "up", "--json"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
        env=environment({}),
    )
    try:
        told, invite, enroll, verify = [await line_of(process) for _ in range(4)]
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield Up(process, told, invite, enroll, verify, [int(child) for child in children])
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


@pytest.fixture
async def up() -> AsyncIterator[Up]:
    async with running() as up:
        yield up


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        yield http


async def code_on(link: dict[str, Any], told: dict[str, Any], http: httpx.AsyncClient) -> str:
    """What the phone of a link received, once it has."""
    address = told["phones"].replace("/_phone", "/_control/messages")
    for _ in range(10 * PATIENCE_SECONDS):
        messages = (await http.get(address, params={"to": link["phone_number"]})).json()
        if messages:
            host = told["gateway"].removeprefix("http://")
            assert messages[-1]["text"].endswith(f"\n@{host} #{messages[-1]['code']}")
            return str(messages[-1]["code"])
        await asyncio.sleep(0.1)
    raise AssertionError("the phone stayed silent")


async def finish(link: dict[str, Any], told: dict[str, Any], http: httpx.AsyncClient) -> str:
    """Do what the page of a link does; tells the outcome."""
    token = link["url"].partition("#token=")[2]
    flow_id = jwt.decode(token, options={"verify_signature": False})["sub"]
    flow, headers = f"{told['gateway']}/v1/flows/{flow_id}", {"Authorization": f"Bearer {token}"}
    code = {"code": await code_on(link, told, http), "submission_id": "form-1"}
    verdict = await http.post(f"{flow}/binding-code", json=code, headers=headers)
    assert verdict.json()["verdict"] == "accepted", verdict.text
    return str((await http.get(flow, headers=headers)).json()["outcome"])


async def test_a_person_enrolls_and_logs_in_by_the_links_and_nothing_is_left(up: Up, http: httpx.AsyncClient) -> None:
    assert len(up.processes) == PROCESSES
    for page in (up.told["phones"], up.told["temporal_ui"], up.told["codec_server"], up.enroll["url"]):
        assert (await http.get(page)).status_code == 200
    assert await finish(up.enroll, up.told, http) == "enrolled"
    assert await finish(up.verify, up.told, http) == "verified"
    assert await finish(await up.typed(""), up.told, http) == "enrolled"
    assert await finish(await up.typed("v"), up.told, http) == "verified"

    assert await up.stopped(signal.SIGINT) == (0, b"")
    assert up.left() == []


async def test_a_worker_that_is_killed_on_request_loses_no_flow(up: Up, http: httpx.AsyncClient) -> None:
    worker = (await up.typed("k"))["worker"]

    assert runs(worker) and sum(map(runs, up.processes)) == PROCESSES - 1
    assert await finish(up.enroll, up.told, http) == "enrolled"

    assert await up.stopped(signal.SIGINT) == (0, b"")
    assert up.left() == [] and not runs(worker)


async def test_a_person_signs_in_by_the_first_link_and_is_enrolled(up: Up, http: httpx.AsyncClient) -> None:
    async with chromium() as browser:
        page = await browser.new_page(locale="en-US")
        await page.goto(up.invite["url"])
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.get_by_label("Email address").fill(up.invite["user"])
        await page.get_by_label("Password").fill(up.invite["password"])
        await page.get_by_role("button", name="Continue").click()
        await page.get_by_role("button", name="Accept").click()
        await page.locator("#code").fill(await code_on(up.invite, up.told, http))
        await expect(page.get_by_role("heading", level=1)).to_have_text("Save your recovery code")
    assert (await up.typed("i"))["page"] == "invite"


async def test_its_examples_for_a_shell_work_as_they_stand(up: Up) -> None:
    curl = up.told["curl"].replace("\ncurl ", "\ncurl -sf ")
    commands = f"{curl}\n. {up.told['settings']}\nphone-mfa flows --json"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    shell = await asyncio.create_subprocess_exec(
        *("sh", "-e", "-c", commands), stdout=PIPE, stderr=PIPE, cwd=ROOT, env=environment({"PATH": path})
    )
    said, complaints = await asyncio.wait_for(shell.communicate(), PATIENCE_SECONDS)

    assert (shell.returncode, complaints) == (0, b"")
    flow_id = re.search(rb'"flow_id": ?"(enroll-\w+)"', said)
    assert flow_id and said.count(flow_id[1]) >= 2

    assert await up.stopped(signal.SIGTERM) == (0, b"")
    assert up.left() == []


async def test_a_process_that_ends_by_itself_ends_everything_in_a_sentence(up: Up) -> None:
    os.kill(up.processes[-1], signal.SIGKILL)
    _, errors = await asyncio.wait_for(up.process.communicate(), PATIENCE_SECONDS)

    assert up.process.returncode == 1
    assert re.fullmatch(r'\{"error": .*"The [\w ]+ exited by itself\. Its last line.*\n', errors.decode())
    assert up.left() == []


async def test_a_person_enrolls_in_a_browser_within_a_minute(up: Up) -> None:
    async with chromium() as browser, asyncio.timeout(60):
        page = await browser.new_page()
        await page.goto(up.enroll["url"])
        field = page.locator("input[autocomplete=one-time-code]")
        await field.wait_for()
        phone = await browser.new_page()
        await phone.goto(up.enroll["phone"])
        code = phone.get_by_role("article", name=up.enroll["phone_number"]).locator("output")
        await field.fill(await code.inner_text())
        await page.locator("#saved-check").check()  # the first phone of a user brings a recovery code
        await page.locator("#saved-form button.primary").click()
        await expect(page.locator("#end-title")).to_have_text("Your phone is set up")
    assert await up.stopped(signal.SIGINT) == (0, b"")
    assert up.left() == []
