"""The end says which phone it was and how codes reach it, and where the user goes on."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.gateway.desk import QUICKLY, Desk
from tests.browser.gateway.invited import app, lands
from tests.browser.gateway.states import STATES
from tests.system.gateway.installation import APP, RETURN_URL

ORDER = f"{APP}/orders/7?step=pay"


def seen(text: str, number: str) -> re.Pattern[str]:
    """A text with a number, as it is seen; screen readers get words in place of the dots."""
    before, after = text.split("{number}")
    return re.compile(f"{re.escape(before)}•••• {number[-4:]}.*{re.escape(after)}")


async def test_the_end_tells_the_phone_while_this_page_knows_it(desk: Desk) -> None:
    await STATES["enrolled"](desk)
    told = desk.page.locator("#end-text")
    text = "From now on, we will send a code by text message to {number} to confirm that it is you."
    await expect(told).to_have_text(seen(text, desk.person.number))

    await desk.page.reload()

    await expect(told).to_have_text("From now on, we will use this phone to confirm that it is you.")
    kept = await desk.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert desk.person.number[-4:] not in kept


async def test_the_end_tells_the_phone_that_was_enrolled_last_asked_for(desk: Desk) -> None:
    other = (await desk.visitor.person()).number
    await desk.enroll(policy=QUICKLY)
    await desk.is_asked()
    await desk.button("Use a different number").click()
    await desk.page.locator("#number").fill(other)
    await desk.page.keyboard.press("Enter")
    await expect(desk.lead).to_contain_text(other[-4:])
    await desk.button("Call me instead").click()
    await expect(desk.lead).to_contain_text("We are calling")

    await desk.field.fill((await desk.codes(other, at_least=2))[-1])
    await desk.saves_the_recovery_code()

    text = "From now on, we will call {number} with a code to confirm that it is you."
    await expect(desk.page.locator("#end-text")).to_have_text(seen(text, other))


async def test_a_challenge_tells_the_phone_that_was_used(desk: Desk) -> None:
    await STATES["verified"](desk)

    text = "You used the code from our text message to {number}."
    await expect(desk.page.locator("#end-text")).to_have_text(seen(text, desk.person.number))
    link = desk.page.get_by_role("link", name="Continue to app.example.com", exact=True)
    await expect(link).to_have_attribute("href", RETURN_URL)


@pytest.mark.parametrize(
    ("language", "told", "link"),
    [
        ("es", "enviaremos un SMS con un código al número {number} para", "Continuar en app.example.com"),
        ("de", "senden wir eine SMS mit einem Code an die Nummer {number}, um", "Weiter zu app.example.com"),
        ("fr", "nous enverrons un SMS avec un code au numéro {number} pour", "Continuer vers app.example.com"),
    ],
)
async def test_the_end_tells_it_in_each_language(desk: Desk, language: str, told: str, link: str) -> None:
    await STATES["enrolled"](desk)

    await desk.page.locator("#language").select_option(language)

    await expect(desk.page.locator("#end-text")).to_have_text(seen(told, desk.person.number))
    await expect(desk.page.get_by_role("link", name=link, exact=True)).to_be_visible()


async def test_a_step_up_returns_to_the_transaction_with_its_outcome_and_state(desk: Desk) -> None:
    await desk.page.route(f"{APP}/**", app)
    await desk.enrolled()
    await desk.challenge(return_to=ORDER, return_state="order 7")
    await desk.is_asked()

    await desk.codes(at_least=2)
    await desk.types_the_code()

    await desk.sees("Thank you, you are verified")
    await expect(desk.page.locator("#end-return")).to_have_text(
        "You will be taken back to app.example.com in a moment."
    )
    assert await lands(desk.page) == {"step": "pay", "outcome": "verified", "state": "order 7"}
    assert desk.page.url.startswith(f"{APP}/orders/7?")


async def test_a_step_up_that_fails_leads_back_with_its_outcome_and_only_by_the_link(desk: Desk) -> None:
    await desk.page.route(f"{APP}/**", app)
    await desk.enrolled()
    await desk.challenge(return_to=ORDER, return_state="order 7")
    await desk.is_asked()
    await desk.cancel()
    await desk.sees("This was cancelled")
    await expect(desk.page.locator("#end-return")).to_be_hidden()

    await desk.page.get_by_role("link", name="Go back and start again").click()

    assert await lands(desk.page) == {"step": "pay", "outcome": "cancelled", "state": "order 7"}
