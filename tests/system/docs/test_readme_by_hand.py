"""The README's steps by hand: what is printed, pressed and read has the words that are written there."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from emulator.tests.chromium import chromium
from tests.command_line import ROOT, environment

STEPS = re.findall(r"^\d\. (.+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
PATIENCE_SECONDS = 60
A_MINUTE = 60
PRINTED = re.compile(
    r"as (?P<user>\S+) with the password (?P<password>\S+):\n  (?P<link>\S+)\n  the code appears at (?P<phone>\S+)\n"
)


@pytest.fixture
async def printed() -> AsyncIterator[re.Match[str]]:
    """What ``make up`` prints above and below its first link. It runs until the end of the test."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter", "up"), stdin=PIPE, stdout=PIPE, cwd=ROOT, env=environment({})
    )
    assert process.stdout
    try:
        said = ""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := PRINTED.search(said)):
                line = (await process.stdout.readline()).decode()
                assert line, said
                said += line
        assert not re.search(r"/(enroll|verify)#", said[: found.start()])  # it is the first link
        yield found
    finally:
        process.terminate()
        await process.communicate()


async def test_a_phone_is_enrolled_by_hand_in_a_minute(printed: re.Match[str]) -> None:
    sign_in, user, code, save = STEPS[:4]
    pressed = [re.findall(r"\*\*(.+?)\*\*", step) for step in (sign_in, user, code, save)]
    [[to_login], [to_consent, consent], [], [saved, done, set_up]] = pressed
    async with chromium() as browser, asyncio.timeout(A_MINUTE):
        page = await browser.new_page(locale="en-US")
        await page.goto(printed["link"])
        await page.get_by_role("button", name=to_login, exact=True).click()

        await page.get_by_label("Email address").fill(printed["user"])
        await page.get_by_label("Password").fill(printed["password"])
        await page.get_by_role("button", name=to_consent, exact=True).click()
        await page.get_by_role("button", name=consent, exact=True).click()
        await page.locator("#code-lead", has_text="We sent a text message").wait_for()

        phone = await browser.new_page()
        await phone.goto(printed["phone"])
        await page.locator("#code").fill(await phone.get_by_role("article").locator("output").inner_text())

        await page.get_by_label(saved).check()
        await page.get_by_role("button", name=done, exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(set_up)
