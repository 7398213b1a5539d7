"""Nobody is left alone: wherever the page cannot go on by itself, there is something to do next."""

import pytest
from playwright.async_api import Route, expect

from phone_mfa.contracts import Outcome
from phone_mfa.encryption import new_recipient, public_of
from tests.browser.gateway.desk import QUICKLY, Desk
from tests.browser.gateway.states import STATES
from tests.browser.gateway.test_page_texts import texts
from tests.system.gateway.installation import HELP_URL, RETURN_URL

LINKS = {
    "login": "Sign in again",
    "refused": "Sign in again",
    "not-allowed": "Sign in again",
    "waiting-long": "Go back",
    "already-enrolled": "Sign in again",
    "not-enrolled": "Go back and start again",
    "expired": "Go back and start again",
    "cancelled": "Go back and start again",
    "locked-out": "Go back and start again",
    "undeliverable": "Go back and start again",
    "superseded": "Go back",
    "failed": "Go back",
    "missing": "Go back",
    "unauthorized": "Go back",
    "nowhere": "Go back",
    "invited-unusable": "Go back",
    "invited-over": "Go back",
}
"""Each dead end, and the link that leads out of it, to the app."""

BUTTONS = {
    "retrying": "Try again now",
    "lost": "Try again now",
    "ended": "Send a new code",
    "sends-lost": "Send a new code",
    "invited": "Sign in",
    "invited-other-user": "Sign in as someone else",
    "invited-declined": "Sign in again",
    "invited-again": "Sign in again",
}
"""Each state that goes on by itself or by a button."""


def test_every_end_but_a_good_one_is_among_the_dead_ends() -> None:
    stops = {key.split(".")[1] for key in texts("en") if key.startswith("stop.")}
    ends = stops | {outcome for outcome in Outcome if not outcome.reached}

    assert {name.replace("_", "-") for name in ends} <= set(LINKS)


@pytest.mark.parametrize(("name", "label"), LINKS.items())
async def test_every_dead_end_leads_back_to_the_app_and_to_help(desk: Desk, name: str, label: str) -> None:
    await STATES[name](desk)

    await expect(desk.page.get_by_role("link", name=label, exact=True)).to_have_attribute("href", RETURN_URL)
    await expect(desk.page.get_by_role("link", name="Get help")).to_have_attribute("href", HELP_URL)


@pytest.mark.parametrize(("name", "label"), BUTTONS.items())
async def test_every_interruption_has_a_button_that_goes_on(desk: Desk, name: str, label: str) -> None:
    await STATES[name](desk)

    await expect(desk.button(label)).to_be_visible()
    await expect(desk.page.get_by_role("link", name="Get help")).to_be_visible()


async def test_a_connection_that_was_lost_can_be_tried_again_by_hand(desk: Desk) -> None:
    await STATES["lost"](desk)
    await desk.page.evaluate("addEventListener('click', () => { window.clicked = true; }, true)")

    async def after_the_click(route: Route) -> None:
        """The page tries again by itself, too: it must not succeed while the button is being clicked."""
        await (route.continue_() if await desk.page.evaluate("window.clicked") else route.abort())

    await desk.page.route("**/events", after_the_click)
    async with desk.page.expect_response("**/events") as answered:
        await desk.button("Try again now").click()
    assert (await answered.value).ok
    await expect(desk.page.locator("#net")).to_contain_text("You are connected again")
    await expect(desk.field).to_be_focused()


async def test_a_page_that_could_not_be_loaded_can_be_reloaded(desk: Desk) -> None:
    await desk.starts()
    await desk.page.route("**/client/index.js", lambda route: route.abort())
    await desk.open("enroll")
    reload = desk.page.get_by_role("button", name="Reload")
    await expect(reload).to_be_visible()
    await desk.page.unroute("**/client/index.js")
    await reload.click()
    await desk.is_asked()


async def test_without_settings_there_is_no_link_that_leads_nowhere(desk: Desk) -> None:
    nothing: dict[str, object] = {"return_url": None, "help_url": None, "languages": ["en"], "countries": {}}
    await desk.page.route("**/config.json", lambda route: route.fulfill(json=nothing))
    await STATES["missing"](desk)
    await expect(desk.page.locator("#end-text")).to_contain_text("Go back to the app")
    await expect(desk.page.get_by_role("link")).to_have_count(0)


async def test_a_user_who_is_already_enrolled_sees_which_phone_it_is(desk: Desk) -> None:
    await STATES["already-enrolled"](desk)
    text = desk.page.locator("#end-text")
    await expect(text).to_contain_text(f"This account already has a phone, •••• {desk.person.number[-4:]}")
    await desk.page.reload()
    await expect(text).to_contain_text("This account already has a phone. Nothing was changed.")


async def test_a_recovery_code_that_was_used_is_said_to_be_spent_though_the_next_one_is_not_for_this_page(
    desk: Desk,
) -> None:
    code = await desk.enrolled()
    await desk.challenge(policy=QUICKLY, recipient=public_of(new_recipient()))
    await desk.is_asked()
    await desk.button("Use a recovery code").click()
    await desk.page.get_by_label("Recovery code", exact=True).fill(code)
    await desk.page.keyboard.press("Enter")
    await desk.sees("Thank you, you are verified")
    for _ in range(2):
        await expect(desk.page.locator("#end-text")).to_contain_text("The recovery code you used no longer works")
        await desk.page.reload()
