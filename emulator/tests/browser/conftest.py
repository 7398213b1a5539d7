from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from emulator.tests.chromium import browser
from emulator.tests.listening import OwnEmulator, own_emulator

AXE = Path(__file__).parents[1] / "sdk/node/node_modules/axe-core/axe.min.js"

__all__ = ["browser"]


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context()
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page without console errors."""
    page, complaints = await context.new_page(), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    yield page
    assert complaints == []


@pytest.fixture
async def own() -> AsyncIterator[OwnEmulator]:
    async with own_emulator() as own:
        yield own


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    if not AXE.exists():
        pytest.skip("no axe-core: `make setup` installs it where there is npm")
    return AXE.read_text()
