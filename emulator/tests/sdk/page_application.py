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
    token_method: str = "getTokenSilently"
    """The SDK's method that returns an access token."""

    @property
    def tenant(self) -> str:
        """The tenant's address."""
        return self.domain if self.domain.startswith("http://") else f"https://{self.domain}"

    async def open(self) -> None:
        await self.page.goto(self.origin)
        await self.ready()

    async def ready(self) -> None:
        """Wait until the page's script is done with its start, which it marks."""
        await self.page.wait_for_selector("html[data-ready]", state="attached")

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

    async def renew(self) -> Report:
        """Renew the access token. Returns its `value`, or what the SDK `raised`."""
        return await self.sdk(self.token_method, {"cacheMode": "off"})

    async def forget(self) -> None:
        """Log out of application and tenant, as if in another browser."""
        await self.value("logout", {"openUrl": False})
        await self.context.clear_cookies()
        await self.open()

    async def mfa_access_token(self, person: Person, scope: str) -> str:
        """Returns a token for the MFA API, by a redirect with MFA and consent on the tenant's pages."""
        wanted = {"authorizationParams": {"audience": f"{self.tenant}/mfa/", "scope": scope}}
        await self.page.evaluate("(wanted) => void sdk('loginWithRedirect', wanted)", wanted)
        await self.pass_mfa(person)
        return str(await self.value(self.token_method, wanted))

    async def pass_mfa(self, person: Person) -> None:
        """Log in with a phone, consent, and return to the application."""
        await fill_in(self.page, person)
        await self.page.get_by_label("Code", exact=True).fill(await self.visitor.code(person.number))
        await self.page.get_by_role("button", name="Continue").click()
        await self.page.get_by_role("button", name="Accept").click()
        await self.page.wait_for_url(f"{self.origin}/")
        await self.ready()

    async def log_in(self, person: Person) -> None:
        """Log in on the tenant's page, and return to the application."""
        await self.page.get_by_role("button", name="Log in").click()
        await fill_in(self.page, person)
        await self.page.wait_for_url(f"{self.origin}/")
        await self.ready()


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

    The page finds `settings` of the SDK, besides where the tenant is, in a variable of this name.
    """
    urls = {"callbacks": [f"{origin}/"], "web_origins": [origin], "allowed_logout_urls": [origin]}
    await visitor.control("POST", "clients", {"client_id": "spa-client", "allowed_origins": [], **urls})
    tenant = visitor.http.base_url
    domain = f"localhost:{tenant.port}" if tenant.scheme == "https" else f"http://localhost:{tenant.port}"
    authorization = {"redirect_uri": f"{origin}/", "scope": "openid profile email"}
    given = {"domain": domain, "clientId": "spa-client", "authorizationParams": authorization, **settings}
    async with page_of(browser) as page:
        await page.context.add_init_script(f"window.settings = {json.dumps(given)}")
        yield PageApplication(page.context, page, origin, domain, visitor)


@asynccontextmanager
async def page_of(browser: Browser) -> AsyncIterator[Page]:
    """A page, none of whose scripts may fail, of a browser that trusts any certificate."""
    context = await browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(SECONDS * 1000)
    expect.set_options(timeout=SECONDS * 1000)  # of every expectation from here on: none fails sooner for it
    page, complaints = await context.new_page(), list[str]()
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    yield page
    await context.close()
    assert complaints == []
