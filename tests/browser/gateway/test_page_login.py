"""Invited users: a link, a login at the tenant's hosted pages, a code, and back to the app."""

import re

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.gateway.invited import Invited, app, lands, prepare
from tests.browser.gateway.test_page_access import IMAGES
from tests.system.gateway.installation import APP, Installation

SECRET_IN_ADDRESS = re.compile(r"[?&](code|token|invitation)=")


@pytest.fixture
async def invited(installation: Installation, page: Page) -> Invited:
    await prepare(installation)
    return Invited(installation, page)


async def from_link_to_app(invited: Invited) -> None:
    """All the way, of somebody whom nothing happens to."""
    await invited.page.route(f"{APP}/**", app)
    await invited.is_invited(return_to=f"{APP}/done?from=phone", return_state="s 1")
    await invited.open()
    await invited.desk.sees("Set up your phone")

    await invited.sign_in()
    await invited.types_the_code()
    await invited.desk.sees("Save your recovery code")
    await invited.page.get_by_label("I have saved my recovery code").check()
    await invited.desk.button("Continue").click()
    await invited.desk.sees("Your phone is set up")
    await expect(invited.page.locator("#end-return")).to_be_visible()


async def test_a_person_opens_a_link_signs_in_types_the_code_and_returns_to_the_app(invited: Invited) -> None:
    await from_link_to_app(invited)

    assert await lands(invited.page) == {"from": "phone", "outcome": "enrolled", "state": "s 1"}


async def test_who_signs_in_as_somebody_else_is_told_and_can_sign_in_again(invited: Invited) -> None:
    other = await invited.installation.visitor.person()
    await invited.is_invited()
    await invited.open()

    await invited.sign_in(other)

    await expect(invited.page.locator("#login-error")).to_contain_text("different account")
    await invited.desk.button("Sign in as someone else").click()
    await invited.give_password(invited.person)
    await invited.consent("Accept")
    await invited.desk.is_asked()


async def test_who_declines_is_told_what_that_means(invited: Invited) -> None:
    await invited.is_invited()
    await invited.open()
    await invited.desk.button("Sign in").click()
    await invited.give_password(invited.person)

    await invited.consent("Decline")

    await expect(invited.page.locator("#login-error")).to_contain_text("You did not allow this")
    await invited.desk.button("Sign in again").click()
    await invited.consent("Accept")
    await invited.desk.is_asked()


async def test_a_forwarded_link_is_of_no_use_to_somebody_else(invited: Invited) -> None:
    friend = await invited.installation.visitor.person()
    await invited.is_invited()
    await invited.open()

    await invited.sign_in(friend)

    await expect(invited.page.locator("#login-error")).to_contain_text("different account")
    assert not await invited.installation.visitor.messages(invited.person.number)


async def test_a_link_opened_again_goes_on_where_the_flow_is(invited: Invited) -> None:
    await invited.is_invited()
    await invited.open()
    await invited.sign_in()
    await invited.desk.is_asked()

    await invited.page.goto("about:blank")
    await invited.open()

    await invited.desk.is_asked()  # this browser has a flow token, so there is no second login


async def test_a_link_that_has_been_used_up_says_so_in_another_browser(invited: Invited) -> None:
    await invited.is_invited()
    await invited.open()
    await invited.sign_in()
    await invited.types_the_code()
    await invited.desk.sees("Save your recovery code")
    browser = invited.page.context.browser
    assert browser
    other = await browser.new_page(locale="en-US")

    await other.goto(invited.link)
    await other.get_by_role("button", name="Sign in", exact=True).click()

    await expect(other.get_by_role("heading", level=1)).to_have_text("This link is no longer active")
    await other.close()


async def test_a_revoked_link_says_so(invited: Invited) -> None:
    await invited.is_invited()
    await invited.installation.ask("DELETE", f"/v1/flows/{invited.desk.flow}/invitation")
    await invited.open()

    await invited.desk.button("Sign in").click()

    await invited.desk.sees("This link no longer works")
    await expect(invited.desk.button("Sign in")).to_have_count(0)


async def test_a_person_who_has_a_phone_proves_it_at_the_login_page_and_gets_no_other_one(invited: Invited) -> None:
    person = await invited.installation.visitor.person()
    await invited.installation.visitor.switch(mfa_required=True)
    await invited.installation.visitor.enroll(person)
    await invited.installation.visitor.switch(mfa_required=False)
    await invited.is_invited(person, phone_number="+15555559999")
    await invited.open()

    await invited.desk.button("Sign in").click()
    await invited.give_password(person)
    await invited.page.get_by_label("code").fill((await invited.desk.codes(at_least=2))[-1])
    await invited.page.get_by_role("button", name="Continue").click()
    await invited.consent("Accept")

    await invited.desk.sees("A phone is already set up")
    assert not await invited.installation.visitor.messages("+15555559999")


async def test_a_login_that_ran_out_is_made_again_on_the_same_page(invited: Invited) -> None:
    await invited.is_invited()
    await invited.open()
    await invited.sign_in()
    await invited.desk.is_asked()

    await invited.installation.later(invited.desk.flow, minutes=11)
    await invited.desk.sees("Please sign in again")
    await invited.desk.button("Sign in again").click()
    await invited.consent("Accept")  # without a password: the tenant's session is still good

    await expect(invited.desk.lead).to_contain_text("We sent a text message")
    await invited.desk.codes(at_least=2)


async def test_a_second_login_that_auth0_cannot_finish_says_so_and_the_next_one_goes_on_in_the_same_place(
    invited: Invited,
) -> None:
    await invited.is_invited()
    await invited.open()
    await invited.sign_in()
    await invited.desk.is_asked()
    await invited.installation.later(invited.desk.flow, minutes=11)
    await invited.desk.sees("Please sign in again")
    await invited.installation.visitor.fault("POST", "/oauth/token", "status", status=503)

    await invited.desk.button("Sign in again").click()
    await invited.consent("Accept")

    await expect(invited.page.get_by_text("We cannot reach our sign-in service right now")).to_be_visible()
    await invited.desk.button("Sign in again").click()
    await invited.consent("Accept")
    await expect(invited.desk.lead).to_contain_text("We sent a text message")
    await invited.desk.codes(at_least=2)


async def test_back_from_the_login_page_the_link_still_works(invited: Invited, pytestconfig: pytest.Config) -> None:
    await invited.is_invited()
    await invited.open()
    await invited.desk.button("Sign in").click()
    await invited.page.wait_for_url(re.compile(r"/u/"))
    if pytestconfig.getoption("--page-images"):
        await invited.page.screenshot(path=IMAGES / "login-password.png")

    await invited.page.go_back()

    await invited.desk.sees("Set up your phone")
    await invited.sign_in()
    await invited.desk.is_asked()


async def test_the_link_leaves_the_address_at_once_and_survives_a_reload(invited: Invited) -> None:
    await invited.is_invited()
    await invited.open()
    await invited.desk.sees("Set up your phone")
    assert "invitation=" not in invited.page.url

    await invited.page.reload()

    await invited.desk.sees("Set up your phone")
    await invited.sign_in()
    await invited.desk.is_asked()


async def test_neither_link_nor_code_nor_token_is_in_what_the_browser_sends_as_where_it_came_from(
    invited: Invited,
) -> None:
    asked: list[Request] = []
    invited.page.on("request", lambda one: asked.append(one))
    await from_link_to_app(invited)
    await lands(invited.page)

    told = [(one.url.partition("#")[0], (await one.all_headers()).get("referer", "")) for one in asked]
    assert any("/login/callback?" in url for url, _ in told) and any(url.startswith(APP) for url, _ in told)
    for url, came_from in told:
        assert not SECRET_IN_ADDRESS.search(came_from), came_from
        assert "/login/callback?" in url or not SECRET_IN_ADDRESS.search(url), url


async def test_a_replayed_callback_goes_on_with_what_the_browser_has(invited: Invited) -> None:
    callbacks: list[str] = []
    invited.page.on("request", lambda one: callbacks.append(one.url) if "/login/callback" in one.url else None)
    await invited.is_invited()
    await invited.open()
    await invited.sign_in()
    await invited.desk.is_asked()

    await invited.page.goto(callbacks[0])

    await invited.desk.is_asked()


@pytest.mark.parametrize("what", ["unknown", "failed", "0123456789abcdef", "__proto__"])
async def test_a_made_up_result_of_a_login_shows_a_sentence_and_nothing_else(
    installation: Installation, page: Page, what: str
) -> None:
    await page.goto(f"{installation.address}/enroll#login={what}")

    await expect(page.locator("#login-error")).to_contain_text("We could not use that sign-in.")
    await expect(page.locator("#login-start")).to_be_hidden()
