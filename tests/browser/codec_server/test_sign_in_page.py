"""The sign-in page in a real browser."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.codec_server.stack import Stack, signs_in
from tests.integration.codec_server.codec_process import TOKEN


async def test_the_token_is_pasted_and_kept_nowhere(stack: Stack, page: Page, context: BrowserContext) -> None:
    await page.goto(stack.page)
    await expect(page.get_by_label("Token")).to_be_focused()
    await page.keyboard.type(f"  {TOKEN} ")
    await page.keyboard.press("Enter")

    await expect(page.locator("#state")).to_have_text("This browser is signed in.")
    await expect(page.get_by_label("Token")).to_be_hidden()
    await expect(page.get_by_role("link", name="Temporal UI")).to_have_attribute("href", stack.ui)
    await expect(page.locator("#endpoint")).to_have_text(stack.page)
    [cookie] = await context.cookies()
    assert (cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("secure")) == (True, "Strict", False)
    assert TOKEN not in str(cookie)
    assert await page.input_value("#token") == ""
    assert await page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


async def test_a_link_signs_in_and_the_token_leaves_the_address_at_once(stack: Stack, page: Page) -> None:
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    await signs_in(page, stack)

    assert page.url == f"{stack.page}/"
    assert TOKEN not in str(addresses)
    await page.reload()
    await expect(page.get_by_role("heading", name="Next steps")).to_be_visible()
    await page.goto(f"{stack.page}/#token=wrong")
    await expect(page.locator("#state")).to_have_text("Wrong token.")
    assert page.url == f"{stack.page}/"


async def test_a_wrong_token_is_said_and_another_can_be_tried(stack: Stack, page: Page) -> None:
    await page.goto(stack.page)
    await page.get_by_label("Token").fill("something else")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_have_text("Wrong token.")
    await expect(page.get_by_label("Token")).to_be_focused()
    await page.keyboard.type(TOKEN)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("This browser is signed in.")


async def test_signing_out_is_for_good(stack: Stack, page: Page, context: BrowserContext) -> None:
    await signs_in(page, stack)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("#state")).to_have_text("This browser is signed out.")
    assert await context.cookies() == []
    await page.reload()
    await expect(page.get_by_label("Token")).to_be_visible()


async def test_a_page_on_another_host_than_the_ui_says_where_to_go(stack: Stack, page: Page) -> None:
    await page.goto(f"{stack.codec.address}/#token={TOKEN}")
    await expect(page.locator("#hosts")).to_be_visible()
    await page.locator("#same-host").click()
    await expect(page.get_by_label("Token")).to_be_visible()
    assert page.url == f"{stack.page}/"
    await signs_in(page, stack)
    await expect(page.locator("#hosts")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_a_small_screen_in_both_schemes(stack: Stack, page: Page, scheme: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": 320, "height": 640})
    await signs_in(page, stack)

    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dark = await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 16, 24)"
    assert dark is (scheme == "dark")
    assert complaints == []
