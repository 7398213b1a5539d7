"""Addresses that mail programs, people and typing errors make of a link."""

import pytest
from playwright.async_api import expect

from tests.browser.gateway.desk import Desk, spoilt
from tests.system.gateway.installation import HELP_URL, RETURN_URL

LINKS = ["enroll%23token={}", "enroll%23token%3D{}", "enroll/%23token={}", "enroll/#token={}", "enrol#token={}"]


@pytest.mark.parametrize("link", LINKS)
async def test_situation_18_a_link_that_was_changed_on_its_way_works_and_loses_its_token(desk: Desk, link: str) -> None:
    await desk.starts()
    await desk.page.goto(f"{desk.installation.address}/{link.format(desk.token)}")
    await desk.is_asked()
    await expect(desk.page).to_have_url(f"{desk.installation.address}/enroll#flow={desk.flow}")
    seen = await desk.page.evaluate("JSON.stringify([location.href, document.title, history.state])")
    log = desk.installation.processes.log("gateway").read_text()
    assert [place for place in (seen, log) if desk.token in place] == []
    assert "#{encoded:path}" in log or "%23" not in link
    await desk.page.reload()
    await desk.is_asked()


async def test_an_encoded_link_to_a_challenge_leads_to_its_page(desk: Desk) -> None:
    await desk.enrolled()
    await desk.challenge()
    await desk.page.goto(f"{desk.installation.address}/challenge#token={desk.token}")
    await desk.is_asked()
    await expect(desk.page).to_have_url(f"{desk.installation.address}/verify#flow={desk.flow}")


@pytest.mark.parametrize("token", ["garbage", "%E0%A4%A", ""])
async def test_an_encoded_token_that_is_broken_is_taken_off_the_address_too(desk: Desk, token: str) -> None:
    await desk.page.goto(f"{desk.installation.address}/enroll%23token={token}")
    await desk.sees("Open this page from the app")
    await expect(desk.page).to_have_url(f"{desk.installation.address}/enroll")


async def test_an_encoded_token_that_nobody_signed_is_told_as_such(desk: Desk) -> None:
    await desk.starts()
    await desk.page.goto(f"{desk.installation.address}/enroll%23token={spoilt(desk.token)}")
    await desk.sees("This page was open too long")


async def test_a_slash_at_the_end_is_the_page_too(desk: Desk) -> None:
    await desk.page.goto(f"{desk.installation.address}/enroll/")
    await desk.sees("Open this page from the app")


@pytest.mark.parametrize("path", ["", "challenge/", "enrol", "%C3%A4/enroll", "index.html?lang=en"])
async def test_situation_18_an_address_without_a_page_helps_a_person(desk: Desk, path: str) -> None:
    answer = await desk.page.goto(f"{desk.installation.address}/{path}")
    assert answer and answer.status == 404
    await desk.sees("There is no page at this address")
    await expect(desk.page.get_by_role("link", name="Go back")).to_have_attribute("href", RETURN_URL)
    await expect(desk.page.get_by_role("link", name="Get help")).to_have_attribute("href", HELP_URL)


async def test_it_helps_in_the_language_and_the_theme_of_the_page(desk: Desk) -> None:
    await desk.page.goto(f"{desk.installation.address}/challenge/?lang=de")
    await desk.sees("Unter dieser Adresse gibt es keine Seite")
    await desk.page.goto(f"{desk.installation.address}/challenge/?lang=ar")
    await expect(desk.page.locator("html")).to_have_attribute("dir", "rtl")
    corner = "getComputedStyle(document.documentElement).getPropertyValue('--corner').trim()"
    assert await desk.page.evaluate(corner) == "2rem"
