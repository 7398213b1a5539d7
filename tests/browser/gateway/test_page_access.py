"""Everybody can use the page: with a keyboard, a screen reader, a small screen, a dark one, in their language."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.gateway.desk import Desk
from tests.browser.gateway.states import STATES
from tests.system.gateway.installation import Installation

ROOT = Path(__file__).parents[3]
AXE = ROOT / "emulator/tests/sdk/node/node_modules/axe-core/axe.min.js"
IMAGES = ROOT / "docs/images"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
IN_THE_DARK = {"sent", "wrong", "saved", "enrolled"}
"""The states of which there is a picture in the dark too."""


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.exists():
        pytest.skip("no axe-core: `make setup` installs it where there is npm")
    return AXE.read_text()


async def violations(page: Page, axe: str) -> list[str]:
    await page.evaluate(axe)
    found: dict[str, Any] = await page.evaluate(
        "(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", RULES
    )
    return [json.dumps([one["id"], [node["html"] for node in one["nodes"]]]) for one in found["violations"]]


async def sideways(page: Page) -> int:
    """How far the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


async def small_targets(page: Page) -> list[str]:
    """Controls that are too small for a thumb. A check box counts with its label."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("button, a, select, input:not([type=checkbox]), label.check")]
             .filter((one) => one.checkVisibility())
             .filter((one) => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < 43.5)
             .map((one) => one.id || one.textContent)"""
    )
    return found


@pytest.mark.parametrize("name", STATES)
async def test_each_state_is_accessible_light_and_dark_and_fits_a_small_screen(
    name: str, desk: Desk, axe: str, pytestconfig: pytest.Config
) -> None:
    page = desk.page
    await STATES[name](desk)
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        if pytestconfig.getoption("--page-images") and (scheme == "light" or name in IN_THE_DARK):
            await page.screenshot(path=IMAGES / f"page-{name}{'-dark' * (scheme == 'dark')}.png", animations="disabled")
        assert await violations(page, axe) == []
    await page.set_viewport_size({"width": 320, "height": 640})
    assert (await sideways(page), await small_targets(page)) == (0, [])


@pytest.mark.parametrize(
    ("locale", "query", "heading", "wait"),
    [
        ("es-MX", "", "Confirma tu teléfono", "Podrás pedir un código nuevo en 0:"),
        ("de-AT", "", "Telefon bestätigen", "Neuer Code möglich in 0:"),
        ("pt-BR", "", "Confirm your phone", "You can ask for a new code in 0:"),
        ("en-US", "?lang=fr", "Confirmez votre téléphone", "Nouveau code possible dans 0:"),
    ],
)
async def test_the_page_speaks_the_language_of_the_browser_or_the_one_asked_for(
    browser: Browser, installation: Installation, locale: str, query: str, heading: str, wait: str
) -> None:
    context = await browser.new_context(locale=locale, viewport={"width": 320, "height": 640})
    desk = Desk(installation, await context.new_page())
    await desk.enroll(query=query)
    await desk.sees(heading)
    await expect(desk.page.locator("#more-wait")).to_contain_text(wait)
    assert await sideways(desk.page) == 0
    await context.close()


async def test_the_language_can_be_chosen_on_the_page_and_nothing_is_lost(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.field.fill("123")
    await desk.page.get_by_label("Language").select_option("Deutsch")
    await desk.sees("Telefon bestätigen")
    await expect(desk.field).to_have_value("123")
    await expect(desk.page).to_have_url(f"{desk.installation.address}/enroll?lang=de#flow={desk.flow}")


async def test_a_host_brings_its_language_its_writing_direction_and_its_shapes(desk: Desk, axe: str) -> None:
    await desk.enroll(query="?lang=ar")
    await desk.sees("أكِّد هاتفك")
    page = desk.page
    await expect(page.locator("#resend")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    icon = await page.locator("#resend svg").bounding_box()
    words = await page.locator("#resend span").bounding_box()
    assert icon and words and icon["x"] > words["x"]
    assert await page.locator("#code-submit").evaluate("(one) => getComputedStyle(one).borderRadius") == "32px"
    await page.set_viewport_size({"width": 320, "height": 640})
    assert (await violations(page, axe), await sideways(page)) == ([], 0)


async def test_everything_is_done_with_a_keyboard_alone(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await expect(desk.field).to_be_focused()
    keyboard = desk.page.keyboard
    await keyboard.type(await desk.code())
    await desk.sees("Save your recovery code")
    await expect(desk.page.get_by_role("heading", level=1)).to_be_focused()
    for _ in range(3):
        await keyboard.press("Tab")
    await expect(desk.page.get_by_label("I have saved my recovery code")).to_be_focused()
    await keyboard.press("Space")
    await keyboard.press("Enter")
    await desk.sees("Your phone is set up")
    await expect(desk.page.get_by_role("heading", level=1)).to_be_focused()


async def test_changes_are_announced_and_the_ticking_clocks_are_not(desk: Desk) -> None:
    # Long enough that the page is there before a message may be asked for again: only the change is announced.
    await desk.enroll(policy={"resend_after_seconds": [8]})
    await desk.is_asked()
    spoken = desk.page.locator("#spoken")
    await expect(spoken).to_have_text("You can ask for a new code now.")
    await desk.visitor.fault("POST", "/mfa/*", "delay", seconds=2)
    await desk.button("Send a new code").click()
    ending = desk.person.number[-4:]
    await expect(spoken).to_have_text(f"We are sending a text message to the number ending in {ending}…")
    await expect(desk.page.get_by_role("status").filter(has_text="A new code is on its way")).to_be_visible()
    for clock in ("#code-clock", "#more-wait"):
        inside = await desk.page.locator(clock).evaluate(
            "(one) => one.closest('[aria-live], [role=status], [role=alert]')"
        )
        assert inside is None


async def test_little_motion_and_forced_colours_are_respected(desk: Desk) -> None:
    await desk.page.emulate_media(reduced_motion="reduce", forced_colors="active")
    await desk.visitor.fault("POST", "/mfa/associate", "delay", seconds=2)
    await desk.enroll()
    await expect(desk.lead).to_contain_text("We are sending")
    name = await desk.lead.evaluate("(one) => getComputedStyle(one, '::before').animationName")
    border = await desk.page.locator("#code-submit").evaluate("(one) => getComputedStyle(one).borderTopStyle")
    assert (name, border) == ("none", "solid")
