"""An application in a browser, made with an SDK for pages, and the person who uses it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, expect

from emulator.tests.visitor import PASSWORD, Person, Visitor

SECONDS = 30
"""Deadline of one step, with a machine in mind that has much else to do."""

Report = dict[str, Any]


@dataclass
class PageApplication:
    """A page of another origin than the tenant's. `domain` is the tenant, as the SDK has it."""

    context: BrowserContext
    page: Page
    origin: str
    domain: str
    visitor: Visitor

    async def open(self) -> None:
        await self.page.goto(self.origin)
        await expect(self.page).to_have_title("ready")

    async def evaluate(self, script: str, argument: object = None) -> Any:
        """Returns the value of a script; a promise that is never kept ends the test."""
        async with asyncio.timeout(SECONDS):
            return await self.page.evaluate(script, argument)

    async def sdk(self, path: str, *given: object) -> Report:
        """Call a method of the SDK. Returns its `value`, or what it `raised`."""
        told: Report = await self.evaluate("([path, given]) => sdk(path, ...given)", [path, list(given)])
        return told

    async def value(self, path: str, *given: object) -> Any:
        """Call a method of the SDK that must succeed."""
        told = await self.sdk(path, *given)
        assert "value" in told, (path, told)
        return told["value"]

    async def refused(self, path: str, *given: object) -> tuple[str, str]:
        """Call a method of the SDK that must fail. Returns error and description."""
        told = await self.sdk(path, *given)
        assert "raised" in told, (path, told)
        return told["code"], told["message"]

    async def api(self, path: str, method: str = "GET", token: str = "", **more: object) -> Report:
        """Call the tenant without the SDK."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        told: Report = await self.evaluate(
            "([path, options]) => api(path, options)", [path, {"method": method, "headers": headers} | more]
        )
        return told

    async def log_in(self, person: Person) -> None:
        """Log in on the tenant's page, and return to the application."""
        await self.page.get_by_role("button", name="Log in").click()
        await fill_in(self.page, person)
        await self.page.wait_for_url(f"{self.origin}/")
        await expect(self.page).to_have_title("ready")


async def fill_in(page: Page, person: Person) -> None:
    """Fill in the tenant's login page."""
    await page.get_by_label("Email address").fill(person.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()


@asynccontextmanager
async def page_application(
    browser: Browser, visitor: Visitor, origin: str, **settings: object
) -> AsyncIterator[PageApplication]:
    """Register the page as `spa-client`, and open it in a browser that trusts any certificate.

    The page finds `settings` of the SDK, besides where the tenant is, in a variable of this name. It must not raise
    anything.
    """
    urls = {"callbacks": [f"{origin}/"], "web_origins": [origin], "allowed_logout_urls": [origin]}
    await visitor.control("POST", "clients", {"client_id": "spa-client", "allowed_origins": [], **urls})
    tenant = visitor.http.base_url
    domain = f"localhost:{tenant.port}" if tenant.scheme == "https" else f"http://localhost:{tenant.port}"
    authorization = {"redirect_uri": f"{origin}/", "scope": "openid profile email"}
    given = {"domain": domain, "clientId": "spa-client", "authorizationParams": authorization, **settings}
    context = await browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(SECONDS * 1000)
    await context.add_init_script(f"window.settings = {json.dumps(given)}")
    page, complaints = await context.new_page(), list[str]()
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    yield PageApplication(context, page, origin, domain, visitor)
    await context.close()
    assert complaints == []
