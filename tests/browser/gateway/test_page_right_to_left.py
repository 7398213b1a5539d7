"""The page in a language that an operator adds and that is written from right to left: Arabic, of the tests' theme."""

import pytest
from playwright.async_api import expect

from tests.browser.gateway.desk import Desk
from tests.browser.gateway.states import STATES
from tests.browser.gateway.test_page_access import IMAGES, axe, sideways, small_targets, violations

__all__ = ["axe"]

MIRRORED = ("invited", "sent", "wrong", "waiting", "number-wrong", "recovery", "saved-first", "enrolled", "expired")
WITH_PICTURE = {"sent", "enrolled"}

PLACES = """(ends) => {
  const text = document.createTreeWalker(document.querySelector(ends.within), NodeFilter.SHOW_TEXT);
  while (text.nextNode() && !text.currentNode.data.includes(ends.from));
  const at = (index) => {
    const one = document.createRange();
    one.setStart(text.currentNode, index);
    one.setEnd(text.currentNode, index + 1);
    return one.getBoundingClientRect().left;
  };
  const start = text.currentNode.data.indexOf(ends.from);
  return [at(start), at(start + ends.from.length - 1)];
}"""
"""Where the first and the last character of a text are on the screen."""


async def in_arabic(desk: Desk, name: str) -> None:
    """The state is reached in English, by its words, and then shown in the other language."""
    await STATES[name](desk)
    await desk.page.locator("#language").select_option("ar")
    await expect(desk.page.locator("html")).to_have_attribute("dir", "rtl")


@pytest.mark.parametrize("name", MIRRORED)
async def test_a_state_is_accessible_from_right_to_left_on_a_small_screen_light_and_dark(
    name: str, desk: Desk, axe: str, pytestconfig: pytest.Config
) -> None:
    page = desk.page
    await in_arabic(desk, name)
    if pytestconfig.getoption("--page-images") and name in WITH_PICTURE:
        await page.screenshot(path=IMAGES / f"page-{name}-rtl.png", animations="disabled")
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.emulate_media(color_scheme="light")
    assert await violations(page, axe) == []
    await page.emulate_media(color_scheme="dark")
    assert await violations(page, axe) == []
    assert (await sideways(page), await small_targets(page)) == (0, [])


@pytest.mark.parametrize(
    ("name", "within", "number"),
    [
        ("sent", "#code-lead", "••••"),
        ("enrolled", "#end-text", "••••"),
        ("number", "#number-hint", "+966\u00a050\u00a0123\u00a04567"),
    ],
)
async def test_numbers_in_texts_are_read_from_left_to_right(desk: Desk, name: str, within: str, number: str) -> None:
    await in_arabic(desk, name)
    whole = number if number[0] == "+" else f"{number} {desk.person.number[-4:]}"

    first, last = await desk.page.evaluate(PLACES, {"within": within, "from": whole})

    assert first < last


@pytest.mark.parametrize(
    ("name", "field"), [("sent", "#code"), ("number", "#number"), ("recovery", "#recovery"), ("saved", "#saved-code")]
)
async def test_codes_and_numbers_are_typed_and_shown_from_left_to_right(desk: Desk, name: str, field: str) -> None:
    await in_arabic(desk, name)

    assert await desk.page.locator(field).evaluate("(one) => getComputedStyle(one).direction") == "ltr"


async def test_a_person_is_enrolled_in_a_language_that_the_operator_added(desk: Desk) -> None:
    await desk.enroll(query="?lang=ar")
    await desk.sees("أكِّد هاتفك")
    await expect(desk.page.locator("#code-clock")).to_contain_text("صالح لمدة")

    await desk.types_the_code()
    await desk.sees("احفظ رمز الاسترداد")
    await desk.page.get_by_label("حفظت رمز الاسترداد").check()
    await desk.button("متابعة").click()

    await desk.sees("تم إعداد هاتفك")
    link = desk.page.get_by_role("link", name="المتابعة إلى app.example.com", exact=True)
    await expect(link).to_be_visible()
