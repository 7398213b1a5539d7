"""One browser for the run; for each test a new person at a new page."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.gateway.desk import Desk
from tests.system.gateway.installation import Installation, installation, whole

__all__ = ["context", "desk", "installation", "page", "whole"]

expect.set_options(timeout=15_000)  # machines of tests are slow at times


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="en-US", viewport={"width": 400, "height": 780})
    context.set_default_timeout(20_000)
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page whose script must not break, nor do what its policy forbids."""
    page, complaints = await context.new_page(), list[str]()
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
    yield page
    assert complaints == []


@pytest.fixture
def desk(installation: Installation, page: Page) -> Desk:
    return Desk(installation, page)
