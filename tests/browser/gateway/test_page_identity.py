"""Who asks for the phone: company, logo, app and privacy notice of the operator, on our page."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.gateway.desk import Desk
from tests.browser.gateway.test_page_access import IMAGES, axe, sideways, small_targets, violations
from tests.integration.gateway.door import bearer
from tests.system.gateway.installation import API_KEY, RETURN_URL, Installation

__all__ = ["axe"]

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0f766e"/>'
    '<path d="M9 23 16 9l7 14" fill="none" stroke="#fff" stroke-width="3"/></svg>'
)
PRIVACY = "https://example.com/privacy"


@pytest.fixture
async def branded(installation: Installation, tmp_path: Path) -> AsyncIterator[str]:
    (tmp_path / "logo.svg").write_text(LOGO)
    settings = {
        "PHONE_MFA_GATEWAY_COMPANY": "Example Bank",
        "PHONE_MFA_GATEWAY_APP": "Example Online",
        "PHONE_MFA_GATEWAY_LOGO": str(tmp_path / "logo.svg"),
        "PHONE_MFA_GATEWAY_PRIVACY_URL": PRIVACY,
    }
    async with installation.another_gateway(**settings) as address:
        yield address


async def link_at(gateway: str, installation: Installation) -> str:
    """The link of a person who is invited at a gateway."""
    person = await installation.visitor.person()
    request = {"user": person.user_id, "phone_number": person.number, "invite": True}
    async with httpx.AsyncClient(base_url=gateway, headers=bearer(API_KEY), trust_env=False) as service:
        started = (await service.post("/v1/enrollments", json=request)).raise_for_status().json()
    return str(started["link"]["url"])


async def configured(page: Page, **settings: object) -> None:
    """Let the page have other settings than its gateway has."""

    async def changed(route: Route) -> None:
        config = await (await route.fetch()).json()
        await route.fulfill(json=config | settings)

    await page.route("**/config.json", changed)


async def test_the_page_says_who_asks_for_what_and_what_becomes_of_the_number(
    branded: str, installation: Installation, page: Page, axe: str, pytestconfig: pytest.Config
) -> None:
    await page.goto(await link_at(branded, installation))

    why = "Example Bank asks for your phone so that nobody else can sign in to Example Online as you."
    await expect(page.locator("#login-why")).to_have_text(why)
    await expect(page.get_by_role("link", name="Privacy")).to_have_attribute("href", PRIVACY)
    await expect(page).to_have_title("Set up your phone · Example Bank")
    assert await page.locator("#logo").evaluate("(image) => image.decode().then(() => image.naturalWidth > 0)")
    assert await violations(page, axe) == []
    if pytestconfig.getoption("--page-images"):
        await page.screenshot(path=IMAGES / "page-identity.png", animations="disabled")
    await page.set_viewport_size({"width": 320, "height": 640})
    assert (await sideways(page), await small_targets(page)) == (0, [])


async def test_markup_in_a_name_is_text(branded: str, installation: Installation, page: Page) -> None:
    await configured(page, company="<b>Bank</b> & Co", app="<img src=x>")

    await page.goto(await link_at(branded, installation))

    why = "<b>Bank</b> & Co asks for your phone so that nobody else can sign in to <img src=x> as you."
    await expect(page.locator("#login-why")).to_have_text(why)
    await expect(page.locator("#login-why :is(b, img)")).to_have_count(0)
    await expect(page).to_have_title("Set up your phone · <b>Bank</b> & Co")


async def test_the_end_names_the_app_and_leads_there(branded: str, installation: Installation, page: Page) -> None:
    desk = Desk(replace(installation, address=branded), page)
    await desk.enroll()
    await desk.is_asked()
    await desk.types_the_code()
    await desk.saves_the_recovery_code()

    link = page.get_by_role("link", name="Continue to Example Online", exact=True)
    await expect(link).to_have_attribute("href", RETURN_URL)


async def test_an_end_without_an_address_names_the_app_all_the_same(
    branded: str, installation: Installation, page: Page
) -> None:
    await configured(page, return_url=None)
    desk = Desk(replace(installation, address=branded), page)
    await desk.enrolled()
    await desk.challenge()
    await desk.is_asked()
    await desk.codes(at_least=2)
    await desk.types_the_code()

    await expect(page.locator("#end-close")).to_have_text("You can close this page and continue in Example Online.")
    await expect(page.locator("#end-link")).to_be_hidden()


async def test_without_settings_there_is_no_logo(installation: Installation) -> None:
    async with httpx.AsyncClient(base_url=installation.address, trust_env=False) as anybody:
        answer = await anybody.get("/assets/logo")

    assert answer.status_code == 404
