"""What was typed goes when it is of no use any more, and stays for as long as it is."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Route, expect

from emulator.tests.visitor import other_than
from tests.browser.gateway.desk import QUICKLY, Desk, spoilt

NUMBER = "+15555557789"
ACTIONS = ["Send a new code", "Call me instead"]


async def wrong_code_typed(desk: Desk) -> None:
    await desk.enroll(policy=QUICKLY)
    await desk.is_asked()
    await desk.types_a_wrong_code()


@pytest.mark.parametrize("action", ACTIONS)
async def test_situation_19_a_wrong_code_is_gone_once_another_one_is_on_its_way(desk: Desk, action: str) -> None:
    await wrong_code_typed(desk)
    await desk.button(action).click()
    await expect(desk.notice).to_be_visible()
    await expect(desk.field).to_have_value("")
    await expect(desk.field).to_be_focused()
    await expect(desk.error).to_be_empty()
    await desk.codes(at_least=2)
    await desk.page.keyboard.type(await desk.code())
    await desk.sees("Save your recovery code")


async def test_situation_19_a_wrong_code_is_gone_once_the_number_was_changed(desk: Desk) -> None:
    await wrong_code_typed(desk)
    await desk.button("Use a different number").click()
    await desk.page.locator("#number").fill(NUMBER)
    await desk.page.keyboard.press("Enter")
    await expect(desk.lead).to_contain_text(NUMBER[-4:])
    await expect(desk.field).to_have_value("")
    await expect(desk.field).to_be_focused()


@pytest.mark.parametrize(
    ("verdict", "told"),
    [("superseded", "A newer code was sent."), ("expired", "That code has expired. Ask for a new one below.")],
)
async def test_situation_19_a_code_that_can_never_become_right_is_gone_after_its_verdict(
    desk: Desk, verdict: str, told: str
) -> None:
    await desk.enroll()
    await desk.is_asked()
    judged = {"verdict": verdict, "tries_left": 5, "run_id": ""}
    await desk.page.route("**/binding-code", lambda route: route.fulfill(json=judged))
    await desk.types_the_code()
    await expect(desk.error).to_contain_text(told)
    await expect(desk.field).to_have_value("")
    await expect(desk.field).to_be_focused()


async def test_situation_19_an_expired_code_makes_way_for_the_button_that_sends_the_next(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    code = await desk.code()
    await desk.field.fill(code[:5])
    await desk.installation.later(desk.flow, seconds=301)
    await expect(desk.lead).to_contain_text("The last code no longer works")
    await desk.field.press_sequentially(code[5:])
    await expect(desk.notice).to_contain_text("That code has expired.")
    await expect(desk.field).to_be_hidden()
    await expect(desk.button("Send a new code")).to_be_focused()


async def test_a_code_that_is_typed_while_it_was_asked_for_stays(desk: Desk) -> None:
    asked, told = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await told.wait()
        await route.fulfill(response=answer)

    await wrong_code_typed(desk)
    await desk.page.route("**/resend", late)
    await desk.button("Send a new code").click()
    await asked.wait()
    await desk.field.fill("12")
    told.set()
    await expect(desk.page.locator("#resend")).to_have_attribute("aria-busy", "false")
    await expect(desk.field).to_have_value("12")


async def test_a_message_that_was_not_sent_leaves_what_was_typed(desk: Desk) -> None:
    problem = {"type": "urn:phone-mfa:problem:too-early", "status": 429}
    await desk.enroll(policy=QUICKLY)
    await desk.is_asked()
    await desk.field.fill("123")
    await desk.page.route("**/resend", lambda route: route.fulfill(status=429, json=problem))
    await desk.button("Send a new code").click()
    await expect(desk.notice).to_contain_text("It is too early")
    await expect(desk.field).to_have_value("123")


async def test_what_is_being_typed_stays_when_the_phone_is_called_by_itself(desk: Desk) -> None:
    await desk.enroll(policy={"voice_after_seconds": 15})
    await desk.is_asked()
    await desk.field.fill("123")
    await desk.installation.later(desk.flow, seconds=31)
    await expect(desk.lead).to_contain_text("We are calling")
    await expect(desk.field).to_have_value("123")


async def kept(desk: Desk) -> str:
    """What the browser has of this page."""
    return str(await desk.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])"))


async def goes_back(desk: Desk) -> None:
    await desk.page.go_back()
    await desk.sees("Confirm your phone")


async def presses_back(desk: Desk) -> None:
    await desk.button("Back").click()
    await desk.sees("Confirm your phone")


async def is_cancelled(desk: Desk) -> None:
    await desk.cancel()
    await desk.sees("This was cancelled")


async def is_shut_out(desk: Desk) -> None:
    desk.token = spoilt(desk.token)
    await desk.page.evaluate("localStorage.clear()")
    await desk.open("enroll")
    await desk.sees("This page was open too long")


async def is_enrolled_elsewhere(desk: Desk) -> None:
    other = await desk.another_tab()
    await other.open("enroll")
    await other.is_asked()
    await other.types_the_code()
    await other.saves_the_recovery_code()
    await desk.sees("Your phone is set up")


@pytest.mark.parametrize("end", [goes_back, presses_back, is_cancelled, is_shut_out, is_enrolled_elsewhere])
async def test_no_number_stays_in_the_browser_when_its_form_or_the_flow_is_over(
    desk: Desk, end: Callable[[Desk], Awaitable[None]]
) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.button("Use a different number").click()
    await desk.page.locator("#number").fill(NUMBER)
    assert NUMBER in await kept(desk)

    await end(desk)

    left = await kept(desk)
    assert [part for part in (NUMBER, NUMBER[-4:], desk.person.number[-4:]) if part in left] == []


async def test_no_number_stays_in_the_browser_after_an_enrollment(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.button("Use a different number").click()
    await desk.page.locator("#number").fill(NUMBER)
    await desk.page.keyboard.press("Enter")
    await expect(desk.lead).to_contain_text(NUMBER[-4:])
    [code] = await desk.codes(NUMBER)
    await desk.field.fill(other_than(code))
    await expect(desk.error).to_contain_text("incorrect")
    assert NUMBER[-4:] not in await kept(desk)
    await desk.field.fill(code)
    await desk.saves_the_recovery_code()
    await desk.sees("Your phone is set up")
    assert NUMBER[-4:] not in await kept(desk)
