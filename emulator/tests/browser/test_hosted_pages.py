"""The hosted pages in a real browser: sign-in, MFA, enrollment, and a silent login in a frame."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from emulator.tests.secured import secured
from emulator.tests.visitor import PASSWORD, Person, Visitor

AXE = Path(__file__).parents[1] / "sdk/node/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LISTENER = """<!doctype html><title>App</title><h1>App</h1><script>
  addEventListener("message", (said) => { document.title = JSON.stringify([said.origin, said.data]) })
</script>"""


@asynccontextmanager
async def application(visitor: Visitor) -> AsyncIterator[str]:
    """A single-page application on its own port of localhost; yields its origin."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = LISTENER.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    origin = f"http://localhost:{server.sockets[0].getsockname()[1]}"
    async with server:
        urls = {"callbacks": [f"{origin}/"], "web_origins": [origin], "allowed_logout_urls": [origin]}
        await visitor.control("POST", "clients", {"client_id": "spa-client", **urls})
        yield origin


@pytest.fixture
async def app(visitor: Visitor) -> AsyncIterator[str]:
    async with application(visitor) as origin:
        yield origin


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page without scripts that fail or are blocked."""
    context = await browser.new_context(viewport={"width": 390, "height": 740})
    page, complaints = await context.new_page(), list[str]()
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield page
    await context.close()
    assert complaints == []


def url(address: str, app: str, **parameters: str) -> str:
    asked = {
        "client_id": "spa-client",
        "redirect_uri": f"{app}/",
        "response_type": "code",
        "scope": "openid",
    } | parameters
    return f"{address.replace('127.0.0.1', 'localhost')}/authorize?" + "&".join(f"{k}={v}" for k, v in asked.items())


async def log_in(page: Page, person: Person) -> None:
    await page.get_by_label("Email address").fill(person.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()


async def check(page: Page, pytestconfig: pytest.Config, name: str) -> None:
    """The page is accessible and fits a small screen; its picture is taken if asked for."""
    if AXE.exists():
        # The page allows no script of its own; the tool's runs beside it.
        await page.evaluate(AXE.read_text())
        found: dict[str, Any] = await page.evaluate(
            "(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", RULES
        )
        assert [json.dumps([one["id"], [node["html"] for node in one["nodes"]]]) for one in found["violations"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    folder = pytestconfig.getoption("--hosted-page-images", default=None)
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


async def test_a_person_enrolls_a_phone_at_the_first_sign_in_and_uses_it_at_the_next(
    visitor: Visitor, address: str, app: str, page: Page, pytestconfig: pytest.Config
) -> None:
    person = await visitor.person()
    await page.goto(url(address, app))
    await check(page, pytestconfig, "login")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_label("Email address").fill(person.email)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("Wrong email or password.")
    await check(page, pytestconfig, "login-wrong")
    await log_in(page, person)
    await check(page, pytestconfig, "enroll-options")
    await page.get_by_role("button", name="Phone").click()
    await page.get_by_label("Phone number").fill(person.number)
    await page.get_by_label("Text message").check()
    await check(page, pytestconfig, "enroll-phone")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Code", exact=True).fill(await visitor.code(person.number))
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("#recovery-code")).to_have_text(re.compile("[A-Z0-9]{24}"))
    await check(page, pytestconfig, "enroll-recovery-code")
    await page.get_by_label("I have safely recorded this code").check()
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url(re.compile(rf"{app}/\?code=.+"))

    await page.goto(url(address, app, prompt="login"))
    await log_in(page, person)
    await expect(page.get_by_text("Text message to XXXXXXX")).to_be_visible()
    await check(page, pytestconfig, "mfa")
    await page.get_by_label("Code", exact=True).fill(await visitor.code(person.number))
    await page.get_by_label("Remember this device for 30 days").check()
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url(re.compile(rf"{app}/\?code=.+"))


async def test_a_frame_of_the_application_gets_a_code_silently_while_the_session_lives(
    visitor: Visitor, address: str, app: str, page: Page
) -> None:
    await visitor.switch(mfa_required=False)
    silent = url(address, app, prompt="none", response_mode="web_message", state="s")
    assert await framed(page, app, silent) == {
        "error": "login_required",
        "error_description": "Login required",
        "state": "s",
    }
    await page.goto(url(address, app))
    await log_in(page, await visitor.person())
    await page.wait_for_url(re.compile(rf"{app}/\?code=.+"))
    told = await framed(page, app, silent)
    assert (told["state"], len(told["code"])) == ("s", 64)
    await page.goto(f"{address.replace('127.0.0.1', 'localhost')}/v2/logout?client_id=spa-client&returnTo={app}")
    assert (await framed(page, app, silent))["error"] == "login_required"


async def test_a_popup_of_the_application_posts_the_code_to_it(
    visitor: Visitor, address: str, app: str, page: Page
) -> None:
    await visitor.switch(mfa_required=False)
    await page.goto(f"{app}/")
    async with page.expect_popup() as opened:
        await page.evaluate("(url) => { window.open(url) }", url(address, app, response_mode="web_message"))
    await log_in(await opened.value, await visitor.person())
    await page.wait_for_function("document.title !== 'App'")
    _, said = json.loads(await page.title())
    assert list(said["response"]) == ["code"]


async def test_over_https_chromium_keeps_both_cookies(browser: Browser) -> None:
    with secured() as emulator:
        context = await browser.new_context(ignore_https_errors=True)
        page = await context.new_page()
        await page.goto(f"https://localhost:{emulator.port}/authorize?client_id=spa-client&response_type=code")
        kept = {cookie["name"]: cookie["sameSite"] for cookie in await context.cookies()}
        assert kept == {"did": "None", "did_compat": "Lax"}
        await context.close()


async def framed(page: Page, app: str, silent: str) -> dict[str, str]:
    """Open the address in a frame of the application, as auth0-spa-js does, and return what it posts."""
    await page.goto(f"{app}/")
    await page.evaluate(
        "(url) => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame) }",
        silent,
    )
    await page.wait_for_function("document.title !== 'App'")
    origin, said = json.loads(await page.title())
    assert (origin, said["type"]) == (silent.partition("/authorize")[0], "authorization_response")
    return dict(said["response"])


async def test_a_form_is_posted_to_the_application(visitor: Visitor, address: str, app: str, page: Page) -> None:
    async with page.expect_request(lambda request: request.method == "POST") as posted:
        await page.goto(url(address, app, prompt="none", response_mode="form_post"))
    request = await posted.value
    assert (request.url, request.post_data) == (f"{app}/", "error=login_required&error_description=Login+required")


async def test_consent_the_error_and_the_end_are_accessible(
    visitor: Visitor, address: str, app: str, page: Page, pytestconfig: pytest.Config
) -> None:
    await visitor.switch(mfa_required=False)
    await page.goto(url(address, app, prompt="consent"))
    await log_in(page, await visitor.person())
    await check(page, pytestconfig, "consent")
    await page.get_by_role("button", name="Decline").click()
    await page.wait_for_url(re.compile(rf"{app}/\?error=access_denied.*"))
    await page.goto(url(address, "http://localhost:1"))
    await check(page, pytestconfig, "callback-mismatch")
    await page.goto(f"{address}/v2/logout")
    await check(page, pytestconfig, "logged-out")
