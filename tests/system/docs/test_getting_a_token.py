"""The page on tokens, line by line in one shell, against the local stack; people open what the lines print."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, Route

from emulator.tests.chromium import chromium
from tests.command_line import ROOT, environment
from tests.system.starter.test_cli_up import Up, code_on, running

DOCUMENT = (ROOT / "docs" / "getting-a-token.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
PATIENCE_SECONDS = 60
END = "--- end of the block"


class Shell:
    """A shell that somebody pastes blocks into."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def paste(self, block: str) -> str:
        """What the block prints."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{{\n{block}\n}} </dev/null\necho; echo '{END}'\n".encode())
        printed = list[str]()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (line := (await self._process.stdout.readline()).decode()) != f"{END}\n":
                assert line, f"it ended: {printed}"
                printed.append(line)
        return "".join(printed)


@asynccontextmanager
async def shell(folder: Path) -> AsyncIterator[Shell]:
    """``folder``: has the pipe ``opened``, into which a browser that is opened writes the address."""
    os.mkfifo(folder / "opened")
    (folder / "browser").write_text(f"""#!/bin/sh\nprintf '%s' "$1" > '{folder}/opened'\n""")
    (folder / "browser").chmod(0o700)
    process = await asyncio.create_subprocess_exec(
        *("sh", "-eu"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=STDOUT,
        cwd=ROOT,
        env=environment(
            {
                "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
                "BROWSER": f"{folder}/browser %s",
            }
        ),
    )
    try:
        yield Shell(process)
    finally:
        assert process.stdin
        process.stdin.close()
        await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser in which the app of the page is there, so that the test needs no network."""

    async def app(route: Route) -> None:
        await route.fulfill(body="<title>The app</title>", content_type="text/html")

    async with chromium() as browser:
        page = await browser.new_page(locale="en-US")
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        await page.route("https://example.com/**", app)
        yield page


class Person:
    """Who opens what is printed, and holds the phone."""

    def __init__(self, page: Page, up: Up, http: httpx.AsyncClient) -> None:
        self._page, self._up, self._http = page, up, http

    async def opens(self, link: str, number: str) -> str:
        """Do what the pages ask for; returns where the browser is taken in the end."""
        await self._page.goto(link)
        if "#invitation=" in link:
            await self._signs_in()
        await self._page.locator("#code-lead", has_text="We sent a text message").wait_for()
        await self._page.locator("#code").fill(await code_on({"phone_number": number}, self._up.told, self._http))
        if "#invitation=" in link:  # a first phone brings a recovery code
            await self._page.get_by_label("I have saved my recovery code").check()
            await self._page.get_by_role("button", name="Continue").click()
        await self._page.wait_for_url("https://example.com/**")
        return self._page.url

    async def logs_in(self, opened: Path) -> None:
        """Do what the command asks for, whose browser is opened."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._page.goto(await asyncio.to_thread(opened.read_text))
        await self._gives_password("log in")
        await self._page.get_by_role("heading", name="You can close this window").wait_for()

    async def _signs_in(self) -> None:
        await self._page.get_by_role("button", name="Sign in", exact=True).click()
        await self._gives_password("sign in")

    async def _gives_password(self, told: str) -> None:
        written = re.search(rf"{told} as `(\S+)` with the password `(\S+)`", DOCUMENT)
        assert written
        await self._page.get_by_label("Email address").fill(written[1])
        await self._page.get_by_label("Password").fill(written[2])
        await self._page.get_by_role("button", name="Continue").click()
        await self._page.get_by_role("button", name="Accept").click()


async def test_every_way_to_a_token_works_as_it_is_written(page: Page, tmp_path: Path) -> None:
    first, link, password, login, refresh, own, browser, transaction, result = BLOCKS
    async with running() as up, shell(tmp_path) as terminal, httpx.AsyncClient(trust_env=False, timeout=30) as http:
        ada, bea, eve = (Person(page, up, http) for _ in range(3))
        settings, venv, functions = first.split("\n", 2)
        assert re.fullmatch(r"\. /\S+/settings\.sh", settings) and venv == ". .venv/bin/activate"
        await terminal.paste(f". {up.told['settings']}\n{functions}")

        landed = await ada.opens((await terminal.paste(link)).strip(), "+15555550171")
        assert landed == "https://example.com/done?outcome=enrolled&state=a1b2"

        for block, number in ((password, "0172"), (login + refresh, "0173"), (own, "0174")):
            said = await terminal.paste(block)
            assert re.search(rf"outcome +enrolled\s+phone +X+{number}\s", said), said

        said, _ = await asyncio.gather(terminal.paste(browser), eve.logs_in(tmp_path / "opened"))
        assert re.search(r"outcome +enrolled\s+phone +X+0175\s", said), said

        printed = (await terminal.paste(transaction)).strip()
        assert json.loads(await terminal.paste(result))["status"] == 409
        landed = await bea.opens(printed, "+15555550172")
        assert f"`{landed}`" in DOCUMENT
        assert json.loads(await terminal.paste(result))["outcome"] == "verified"
