"""What happens in between changes nothing: reloads, second tabs, the back button, lost networks, lost workers."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from playwright.async_api import Page, Route, expect

from emulator.tests.visitor import other_than
from tests.browser.gateway.desk import QUICKLY, Desk, spoilt
from tests.browser.gateway.states import waits

Handler = Callable[[Route], Awaitable[None]]


def answered_late(answered: asyncio.Event, told: asyncio.Event) -> Handler:
    """The gateway answers at once, and the page hears of it later."""

    async def handle(route: Route) -> None:
        answer = await route.fetch()
        answered.set()
        await told.wait()
        await route.fulfill(response=answer)

    return handle


def held_back(asked: asyncio.Event, released: asyncio.Event) -> Handler:
    """The page asks, and the gateway hears of it later."""

    async def handle(route: Route) -> None:
        asked.set()
        await released.wait()
        await route.continue_()

    return handle


async def hears_the_network(page: Page) -> None:
    """The page has dealt with every answer that came so far."""
    await page.evaluate("fetch('/assets/config.json', { cache: 'no-store' }).then((answer) => answer.text())")


async def test_a_reload_in_the_middle_sends_nothing_and_keeps_what_was_typed(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.types_a_wrong_code()
    await desk.field.fill("123")
    await desk.page.reload()
    await desk.is_asked()
    await expect(desk.field).to_have_value("123")
    await expect(desk.page.locator("#code-tries")).to_have_text("4 tries left")
    [code] = await desk.codes()
    await desk.field.fill(code)
    await desk.sees("Save your recovery code")


async def test_a_reload_shows_a_recovery_code_again_that_was_not_saved_yet(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.types_the_code()
    await desk.sees("Save your recovery code")
    shown = await desk.page.locator("#saved-code").inner_text()
    await desk.page.reload()
    await desk.sees("Save your recovery code")
    assert await desk.page.locator("#saved-code").inner_text() == shown


async def test_a_recovery_code_that_was_saved_is_not_shown_again_by_any_link_to_that_flow(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.types_the_code()
    await desk.saves_the_recovery_code()
    await desk.sees("Your phone is set up")
    fresh = await desk.installation.ask("POST", f"/v1/flows/{desk.flow}/token")

    for token in (desk.token, fresh["flow_token"]):
        another = Desk(desk.installation, await desk.page.context.new_page())
        another.token = token
        await another.open("enroll")
        await another.sees("Your phone is set up")
        await expect(another.page.locator("#saved-code")).to_be_empty()


async def test_the_next_flow_of_the_same_person_is_shown_after_one_that_is_over(desk: Desk) -> None:
    user = str(uuid.uuid4())
    await desk.enroll(user=user)
    await desk.is_asked()
    await desk.cancel()
    await desk.sees("This was cancelled")
    await desk.enroll(person=desk.person, user=user)
    await desk.is_asked()


async def test_what_was_typed_is_forgotten_when_it_can_be_of_no_use(desk: Desk) -> None:
    await desk.page.clock.install()
    await desk.enroll()
    await desk.is_asked()
    await desk.field.fill("123")
    kept = "Object.keys(sessionStorage).filter((name) => name.startsWith('phone-mfa.')).length"
    assert await desk.page.evaluate(kept) == 1

    await desk.page.clock.fast_forward("12:00")

    assert await desk.page.evaluate(kept) == 0


async def test_a_view_that_comes_late_does_not_undo_what_the_stream_told(desk: Desk) -> None:
    looked, told = asyncio.Event(), asyncio.Event()
    await desk.enroll(policy=QUICKLY)
    await desk.is_asked()
    await desk.page.route(f"**/v1/flows/{desk.flow}", answered_late(looked, told), times=1)
    await desk.page.route("**/resend", lambda route: route.fulfill(status=500))
    await expect(desk.page.locator("#resend")).to_have_attribute("aria-disabled", "false")
    await desk.page.locator("#resend").click()
    await looked.wait()
    await desk.types_a_wrong_code()
    tries = desk.page.locator("#code-tries")
    await expect(tries).to_have_text("4 tries left")

    async with desk.page.expect_request_finished(lambda asked: asked.url.endswith(desk.flow)):
        told.set()

    await expect(tries).to_have_text("4 tries left")


async def test_an_answer_that_comes_late_does_not_undo_what_the_stream_told(desk: Desk) -> None:
    asked, told = asyncio.Event(), asyncio.Event()
    await desk.enroll(policy={"resend_after_seconds": [1, 60]})  # no further change comes by itself
    await desk.is_asked()
    await desk.page.route("**/resend", answered_late(asked, told))
    resend = desk.page.locator("#resend")
    await expect(resend).to_have_attribute("aria-disabled", "false")
    await resend.click()
    await asked.wait()
    await expect(desk.notice).to_contain_text("A new code is on its way")
    await desk.types_a_wrong_code()
    tries = desk.page.locator("#code-tries")
    await expect(tries).to_have_text("4 tries left")

    told.set()

    await expect(resend).to_have_attribute("aria-busy", "false")
    await expect(tries).to_have_text("4 tries left")


async def test_a_recovery_code_that_cannot_be_fetched_is_not_given_up(desk: Desk) -> None:
    async def refuse(route: Route) -> None:
        problem = {"type": f"urn:phone-mfa:problem:{refusals.pop(0)}", "title": "", "status": 500, "detail": ""}
        await route.fulfill(status=500, json=problem, content_type="application/problem+json")

    refusals = ["defect", "unauthorized"]
    await desk.page.route("**/recovery-code", refuse, times=len(refusals))
    await desk.enroll()
    await desk.is_asked()
    await desk.types_the_code()
    await desk.sees("This page was open too long")
    fresh = await desk.installation.ask("POST", f"/v1/flows/{desk.flow}/token")

    await desk.page.evaluate("(token) => { location.hash = `token=${token}`; }", fresh["flow_token"])

    await desk.sees("Save your recovery code")


async def test_a_second_tab_follows_and_hides_the_recovery_code_once_it_was_saved(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    other = Desk(desk.installation, await desk.page.context.new_page())
    await other.page.goto(desk.page.url)
    await other.is_asked()
    await desk.types_the_code()
    await other.sees("Save your recovery code")
    await desk.saves_the_recovery_code()
    await other.sees("Your phone is set up")
    await expect(other.page.locator("#saved-code")).to_be_empty()


async def test_tabs_tell_each_other_of_the_end_once(desk: Desk) -> None:
    count = "window.heard = 0; window.addEventListener('storage', () => { window.heard += 1; });"
    await desk.page.context.add_init_script(count)
    await desk.enroll()
    await desk.is_asked()
    other = await desk.another_tab()
    await other.page.goto(desk.page.url)
    await other.is_asked()
    await desk.types_the_code()
    await other.sees("Save your recovery code")
    await desk.saves_the_recovery_code()
    await other.sees("Your phone is set up")

    third = await desk.another_tab()  # meanwhile the others had time to go on about it
    await third.page.goto(desk.page.url)
    await third.sees("Your phone is set up")

    assert [await tab.page.evaluate("window.heard") for tab in (desk, other)] == [0, 1]


async def test_an_older_link_in_another_tab_leaves_the_newer_flow_alone(desk: Desk) -> None:
    user = str(uuid.uuid4())
    await desk.enroll(user=user)
    await desk.is_asked()
    older = await desk.another_tab()
    await desk.cancel()
    await desk.sees("This was cancelled")
    await desk.page.evaluate("localStorage.clear()")  # as in a browser that never saw it
    await desk.enroll(person=desk.person, user=user)
    await desk.is_asked()

    await older.open("enroll")
    await older.sees("This was cancelled")

    await desk.field.fill("12")
    await desk.page.reload()
    await desk.is_asked()
    await expect(desk.field).to_have_value("12")


async def test_a_spoilt_link_in_another_tab_harms_nobody_and_goes_on_with_the_good_one(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    other = await desk.another_tab()
    other.token = spoilt(desk.token)

    await other.open("enroll")
    await other.is_asked()

    await desk.is_asked()
    await desk.page.reload()
    await desk.is_asked()
    await other.types_the_code()
    await desk.sees("Save your recovery code")


async def test_a_link_is_not_lost_by_a_reload_before_the_gateway_answered(desk: Desk) -> None:
    await desk.page.route("**/events", lambda route: route.abort())
    await desk.enroll()
    await expect(desk.page.locator("#net")).to_contain_text("The connection was interrupted")
    await desk.page.unroute("**/events")
    await desk.page.reload()
    await desk.is_asked()


async def test_a_fresher_token_is_taken_by_all_tabs_of_the_flow(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    other = await desk.another_tab()
    await other.open("enroll")
    await other.is_asked()
    fresh = await desk.fresh_token()

    async with other.page.expect_request("**/events") as opened:
        await desk.page.evaluate("(token) => { location.hash = `token=${token}`; }", fresh)

    assert (await opened.value).headers["authorization"] == f"Bearer {fresh}"


async def test_a_token_handed_over_in_the_address_of_an_open_page_is_taken(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.field.fill("12")
    fresh = await desk.installation.ask("POST", f"/v1/flows/{desk.flow}/token")
    await desk.page.evaluate("(token) => { location.hash = `token=${token}`; }", fresh["flow_token"])
    await expect(desk.page).to_have_url(f"{desk.installation.address}/enroll#flow={desk.flow}")
    await expect(desk.field).to_have_value("12")
    await desk.field.fill(await desk.code())
    await desk.sees("Save your recovery code")


async def test_the_back_button_leaves_the_form_for_another_number_and_keeps_the_flow(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.button("Use a different number").click()
    await desk.sees("Use a different number")
    await desk.page.go_back()
    await desk.sees("Confirm your phone")
    await desk.page.go_forward()
    await desk.sees("Use a different number")
    await desk.button("Back").click()
    await desk.sees("Confirm your phone")
    await desk.types_the_code()
    await desk.sees("Save your recovery code")


async def test_who_comes_back_to_a_page_they_left_finds_the_flow_where_it_is(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.page.goto("about:blank")
    await desk.page.go_back()
    await desk.is_asked()
    await desk.types_the_code()
    await desk.sees("Save your recovery code")


async def test_a_code_typed_offline_is_kept_and_checked_once_the_network_is_back(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.page.context.set_offline(True)
    await expect(desk.page.locator("#net")).to_contain_text("You are offline")
    await desk.types_the_code()
    await expect(desk.button("Checking…")).to_be_visible()
    await expect(desk.field).to_have_value(await desk.code())
    await desk.page.context.set_offline(False)
    await desk.sees("Save your recovery code")


async def test_an_answer_that_was_lost_is_asked_for_again_and_costs_one_try_only(desk: Desk) -> None:
    submissions: list[str] = []

    async def lose_the_first_answer(route: Route) -> None:
        submissions.append((route.request.post_data_json or {})["submission_id"])
        await route.fetch()
        await (route.abort() if len(submissions) == 1 else route.continue_())

    await desk.enroll()
    await desk.is_asked()
    await desk.page.route("**/binding-code", lose_the_first_answer)
    await desk.field.fill(other_than(await desk.code()))
    await expect(desk.error).to_contain_text("you have 4 tries left")
    assert len(submissions) == 2 and len(set(submissions)) == 1


async def test_no_answer_is_missed_once_the_flow_is_done(desk: Desk) -> None:
    done = asyncio.Event()

    async def lose(route: Route) -> None:
        await route.fetch()
        await done.wait()
        await route.abort()

    await desk.enroll()
    await desk.is_asked()
    await desk.page.route("**/binding-code", lose)
    await desk.types_the_code()
    await desk.sees("Save your recovery code")

    async with desk.page.expect_event("requestfailed"):
        done.set()

    await hears_the_network(desk.page)
    assert await desk.notice.inner_text() == ""


async def test_an_end_that_is_known_is_not_hidden_by_a_refusal_that_comes_late(desk: Desk) -> None:
    over = asyncio.Event()

    async def refuse(route: Route) -> None:
        await over.wait()
        await route.fulfill(status=401)

    await desk.enroll(policy=QUICKLY)
    await desk.is_asked()
    await desk.page.route("**/resend", refuse)
    await desk.button("Send a new code").click()
    await desk.cancel()
    await desk.sees("This was cancelled")

    async with desk.page.expect_request_finished(lambda asked: asked.url.endswith("/resend")):
        over.set()

    await hears_the_network(desk.page)
    await desk.sees("This was cancelled")


async def test_a_number_whose_answer_was_lost_is_taken_all_the_same_and_once(desk: Desk) -> None:
    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await desk.enroll()
    await desk.is_asked()
    await desk.button("Use a different number").click()
    await desk.page.route("**/phone-number", lose_the_answer)
    await desk.page.locator("#number").fill("+15555557799")
    await desk.page.keyboard.press("Enter")
    await desk.sees("Confirm your phone")
    await expect(desk.lead).to_contain_text("•••• 7799")
    [code] = await desk.codes("+15555557799")
    await desk.field.fill(code)
    await desk.sees("Save your recovery code")


async def test_a_reload_while_a_code_is_being_checked_submits_it_again_and_not_twice(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.visitor.fault("POST", "/oauth/token", "delay", seconds=2)
    async with desk.page.expect_request("**/binding-code") as first:
        await desk.field.fill(other_than(await desk.code()))
    await expect(desk.button("Checking…")).to_be_visible()
    async with desk.page.expect_request("**/binding-code") as second:
        await desk.page.reload()
    await expect(desk.error).to_contain_text("you have 4 tries left")
    names = [((await request.value).post_data_json or {})["submission_id"] for request in (first, second)]
    assert names[0] == names[1]


async def test_a_service_that_asks_to_wait_is_waited_for_and_can_be_asked_at_once(desk: Desk) -> None:
    busy = True

    async def busy_at_first(route: Route) -> None:
        if not busy:
            await route.continue_()
            return
        problem = '{"type": "urn:phone-mfa:problem:engine-unreachable", "status": 503}'
        headers = {"Retry-After": "60", "Content-Type": "application/problem+json"}
        await route.fulfill(status=503, headers=headers, body=problem)

    await desk.enroll()
    await desk.is_asked()
    await desk.page.route("**/binding-code", busy_at_first)
    await desk.types_the_code()
    await expect(desk.notice).to_contain_text("We cannot reach the service right now.")
    busy = False
    await desk.button("Try again now").press("Enter")
    await expect(desk.page.locator("body")).not_to_be_focused()
    await desk.sees("Save your recovery code")


async def test_a_wait_is_promised_to_be_sat_out_only_by_a_page_that_lives_so_long(desk: Desk) -> None:
    await waits(desk, 1500)
    await expect(desk.lead).to_contain_text("We will continue automatically at")
    await waits(desk, 2100)  # a flow token lives half an hour
    await expect(desk.lead).to_contain_text("this page expires before then")


async def test_a_worker_that_is_replaced_in_the_middle_is_not_noticed(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.installation.worker.stop()
    try:
        await desk.types_the_code()
        await expect(desk.button("Checking…")).to_be_visible()
    finally:
        await desk.installation.worker.start()
    await expect(desk.page.get_by_role("heading", level=1)).to_have_text("Save your recovery code", timeout=40_000)


async def test_a_page_without_a_token_or_with_a_bad_one_says_where_to_go(desk: Desk) -> None:
    await desk.page.goto(f"{desk.installation.address}/enroll")
    await desk.sees("Open this page from the app")
    await desk.starts()
    desk.token = spoilt(desk.token)
    await desk.open("enroll")
    await desk.sees("This page was open too long")


async def test_a_wait_is_named_before_it_seems_endless_and_until_it_is_over(desk: Desk) -> None:
    held, released = asyncio.Event(), asyncio.Event()
    await desk.enroll()
    await desk.is_asked()
    await desk.page.clock.install()
    await desk.page.route("**/binding-code", held_back(held, released))
    await desk.types_the_code()
    await held.wait()
    await expect(desk.notice).to_be_empty()
    await desk.page.clock.run_for(10_000)
    await expect(desk.notice).to_contain_text("This is taking longer than usual.")
    await expect(desk.button("Try again now")).to_have_count(0)
    released.set()
    await desk.sees("Save your recovery code")
    await desk.page.clock.run_for(2_000)
    await expect(desk.notice).to_be_empty()


async def test_a_page_that_gets_no_view_says_so(desk: Desk) -> None:
    await desk.page.clock.install()
    await desk.page.route("**/events", lambda _: None)
    await desk.enroll()
    await expect(desk.page.get_by_text("One moment…")).to_be_visible()
    await desk.page.clock.run_for(10_000)
    await expect(desk.notice).to_contain_text("This is taking longer than usual.")


async def test_a_slow_answer_does_not_set_the_clock(desk: Desk) -> None:
    """Its header says when it was begun."""

    async def slow(route: Route) -> None:
        answer = await route.fetch()
        headers = answer.headers | {"date": format_datetime(datetime.now(UTC) - timedelta(minutes=1), usegmt=True)}
        await desk.page.clock.run_for(5_000)
        await route.fulfill(response=answer, headers=headers)

    await desk.enroll()
    await desk.is_asked()
    await desk.page.clock.install()
    await desk.page.route("**/binding-code", slow)
    await desk.types_a_wrong_code()
    await desk.page.clock.run_for(1_000)
    await expect(desk.page.locator("#code-clock")).to_contain_text("Valid for 4:")


async def test_a_number_that_was_typed_is_there_after_a_reload(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.button("Use a different number").click()
    await desk.page.locator("#number").fill("+1555555")
    await desk.page.reload()
    await expect(desk.page.locator("#number")).to_have_value("+1555555")


async def test_a_page_of_which_a_file_does_not_come_says_so(desk: Desk) -> None:
    await desk.page.route("**/event_stream.js", lambda route: route.abort())
    await desk.page.goto(f"{desk.installation.address}/enroll#token=x")
    await expect(desk.page.get_by_text("This page could not be loaded.")).to_be_visible()
    await expect(desk.page.locator("#loading")).to_be_hidden()


async def test_a_verdict_that_comes_before_the_first_view_is_told(desk: Desk) -> None:
    asked, judged = asyncio.Event(), asyncio.Event()
    await desk.enroll()
    await desk.is_asked()
    await desk.page.route("**/binding-code", lambda route: route.abort())
    await desk.field.fill(other_than(await desk.code()))
    await expect(desk.button("Try again now")).to_be_visible()
    await desk.page.unroute("**/binding-code")
    await desk.page.route("**/events", held_back(asked, judged))
    async with desk.page.expect_response("**/binding-code") as answered:
        await desk.page.reload()
    await (await answered.value).finished()
    judged.set()
    await expect(desk.error).to_contain_text("you have 4 tries left")
    await expect(desk.notice).to_be_empty()


async def test_no_recovery_code_of_an_earlier_flow_is_shown_for_the_next_one_in_the_same_tab(desk: Desk) -> None:
    shown = desk.page.locator("#saved-code")
    codes = []
    for _ in range(2):
        await desk.enroll()
        await desk.is_asked()
        await desk.types_the_code()
        await desk.sees("Save your recovery code")
        await expect(desk.page.locator("#saved-check")).not_to_be_checked()
        codes.append(await shown.inner_text())
        await desk.page.locator("#saved-check").check()
    assert codes[0] != codes[1]


async def test_a_token_that_is_none_does_not_end_the_flow_that_is_shown(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.page.evaluate("location.hash = 'token=garbage'")
    await expect(desk.page).to_have_url(f"{desk.installation.address}/enroll#flow={desk.flow}")
    await desk.is_asked()
    await desk.page.reload()
    await desk.is_asked()
