"""The page says why a flow waits, and what ends the wait."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.browser.gateway.desk import Desk
from tests.browser.gateway.states import not_allowed, refused, sends_lost, unreachable, waits


async def test_situation_9_a_rate_limit_is_told_with_the_time_that_ends_it(desk: Desk) -> None:
    await waits(desk, 900)

    await expect(desk.lead).to_contain_text("Our sign-in service is very busy.")
    view = await desk.installation.ask("GET", f"/v1/flows/{desk.flow}")
    at = await desk.page.evaluate(
        "(at) => new Intl.DateTimeFormat('en-US', { timeStyle: 'short' }).format(new Date(at))", view["wait"]["until"]
    )
    await expect(desk.lead).to_contain_text(f"We will continue automatically at {at}")


async def test_situation_9_a_sign_in_that_was_refused_is_not_said_to_have_run_out(desk: Desk) -> None:
    await refused(desk)

    said = desk.page.locator("#end-text")
    await expect(said).to_contain_text("Your sign-in was not accepted. Sign in again")
    await expect(said).not_to_contain_text("expired")
    await expect(desk.page.get_by_role("link", name="Sign in again")).to_be_visible()


async def test_situation_9_a_sign_in_that_does_not_allow_it_says_whom_to_turn_to(desk: Desk) -> None:
    await not_allowed(desk)

    await expect(desk.page.locator("#end-text")).to_contain_text("Ask support")
    await expect(desk.page.locator("main")).not_to_contain_text("scope")


async def test_situation_9_a_service_that_cannot_be_reached_is_named_until_the_page_goes_on_by_itself(
    desk: Desk,
) -> None:
    await unreachable(desk)
    await expect(desk.lead).to_contain_text("We will continue automatically at")

    await desk.installation.later(desk.flow, seconds=31)

    await desk.is_asked()
    await expect(desk.lead).not_to_contain_text("cannot reach")


async def test_situation_9_answers_that_were_lost_are_told_with_what_helps(desk: Desk) -> None:
    await sends_lost(desk)

    await expect(desk.button("Send a new code")).to_be_visible()


async def test_a_sign_in_that_was_never_given_is_not_said_to_have_run_out(desk: Desk) -> None:
    await desk.enroll(mfa_token=None)

    await expect(desk.page.locator("#end-text")).to_contain_text("Please sign in again so that")


async def test_a_sign_in_that_ran_out_says_so(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.installation.later(desk.flow, seconds=601)

    await expect(desk.page.locator("#end-text")).to_contain_text("Your sign-in has expired.")


async def test_why_it_waits_is_announced(desk: Desk) -> None:
    await desk.enroll(mfa_token=None)
    await desk.sees("Please sign in again")

    await desk.installation.ask("POST", f"/v1/flows/{desk.flow}/mfa-token?run_id={desk.run}", mfa_token="garbage")

    await expect(desk.page.locator("#spoken")).to_contain_text("Your sign-in was not accepted.")


@pytest.mark.parametrize(
    ("phase", "place", "said"),
    [
        ("cooling_down", "#code-lead", "We have to wait a moment. We will continue automatically at"),
        ("waiting_for_token", "#end-text", "Your sign-in has expired."),
    ],
)
async def test_a_reason_of_a_newer_server_leaves_what_was_said_before(
    desk: Desk, phase: str, place: str, said: str
) -> None:
    async def newer(route: Route) -> None:
        view: dict[str, Any] = await desk.installation.ask("GET", f"/v1/flows/{desk.flow}")
        view |= {"phase": phase, "retry_at": soon.isoformat(), "code_expires_at": None, "wait": {"reason": "dreaming"}}
        await route.fulfill(content_type="text/event-stream", body=f"event: view\ndata: {json.dumps(view)}\n\n")

    soon = datetime.now(UTC) + timedelta(minutes=5)
    await desk.starts()
    await desk.page.route("**/events", newer)
    await desk.open("enroll")

    await expect(desk.page.locator(place)).to_contain_text(re.compile(f"^{re.escape(said)}"))
