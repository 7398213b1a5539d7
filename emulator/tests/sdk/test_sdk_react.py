"""@auth0/auth0-react, as published, in an application of its own origin, in Chromium."""

import subprocess
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, expect

from emulator.tests.chromium import browser
from emulator.tests.sdk.page_application import PageApplication, page_application
from emulator.tests.sdk.page_journeys import JOURNEYS
from emulator.tests.sdk.static_site import MODULES, static_site
from emulator.tests.secured import Secured
from emulator.tests.visitor import Visitor, other_than

__all__ = ["browser"]

SOURCES = MODULES.parent

pytestmark = pytest.mark.skipif(
    not (MODULES / "@auth0" / "auth0-react").is_dir(), reason="`make setup` has not installed the SDK"
)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application's origin. React is published in a format that only a bundler reads."""
    bundle = tmp_path_factory.mktemp("react") / "react.js"
    options = ["--bundle", "--jsx=automatic", f"--outfile={bundle}", '--define:process.env.NODE_ENV="production"']
    command = [str(MODULES / ".bin" / "esbuild"), str(SOURCES / "react.jsx"), *options]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    with static_site({"/": SOURCES / "react.html", "/react.js": bundle}) as origin:
        yield origin


@pytest.fixture
async def app(browser: Browser, fresh: Secured, origin: str) -> AsyncIterator[PageApplication]:
    async with fresh.trusting() as http:
        authorization = {"redirect_uri": f"{origin}/", "scope": "openid profile email"}
        settings = {"authorizationParams": authorization, "useRefreshTokens": True}
        async with page_application(browser, Visitor(http), origin, **settings) as app:
            app.token_method = "getAccessTokenSilently"
            await app.open()
            yield app


async def test_react_signs_in_enrolls_a_phone_and_uses_it(app: PageApplication) -> None:
    page, visitor = app.page, app.visitor
    await visitor.switch(mfa_required=False)
    person = await visitor.person()
    await app.log_in(person)
    await expect(page.get_by_role("heading")).to_have_text(person.email)
    await visitor.switch(mfa_required=True)

    await page.get_by_role("button", name="Renew").click()
    await page.get_by_label("Phone number").fill("nonsense")
    await page.get_by_role("button", name="Send a code").click()
    await expect(page.get_by_role("alert")).to_have_text("The phone number is invalid.")
    await page.get_by_label("Phone number").fill(person.number)
    await page.get_by_role("button", name="Send a code").click()
    await page.get_by_label("Code").fill(other_than(await code_for(app, person.number)))
    await page.get_by_role("button", name="Verify").click()
    await expect(page.get_by_role("alert")).to_have_text("Invalid binding_code.")
    await page.get_by_label("Code").fill(await visitor.code(person.number))
    await page.get_by_role("button", name="Verify").click()
    await expect(page.get_by_role("status")).to_have_text("The token is renewed.")

    await page.get_by_role("button", name="Log out").click()
    await visitor.switch(mfa_required=False)
    await app.log_in(person)
    await visitor.switch(mfa_required=True)
    await page.get_by_role("button", name="Renew").click()
    await page.get_by_role("button", name="Use voice").click()
    await page.get_by_label("Code").fill(await code_for(app, person.number, 2))
    await page.get_by_role("button", name="Verify").click()
    await expect(page.get_by_role("status")).to_have_text("The token is renewed.")
    assert [message["channel"] for message in await visitor.messages(person.number)] == ["sms", "voice"]


@pytest.mark.parametrize("journey", JOURNEYS)
async def test_react_goes_through_mfa(app: PageApplication, journey: str) -> None:
    await JOURNEYS[journey](app)


async def code_for(app: PageApplication, number: str, messages: int = 1) -> str:
    """Returns the newest code once the page asks for it, which it does after so many messages."""
    await expect(app.page.get_by_label("Code")).to_be_visible()
    received = await app.visitor.messages(number)
    assert len(received) == messages
    return str(received[-1]["code"])
