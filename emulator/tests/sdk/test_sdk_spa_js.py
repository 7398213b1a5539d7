"""@auth0/auth0-spa-js, as published, signs in and does its MFA journeys in Chromium, on another origin."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import jwt
import pytest
from playwright.async_api import Browser

from emulator.tests.chromium import browser
from emulator.tests.sdk.page_application import PageApplication, fill_in, page_application
from emulator.tests.sdk.page_journeys import JOURNEYS, enroll_phone, mfa_token, signed_in
from emulator.tests.sdk.static_site import MODULES, static_site
from emulator.tests.secured import Secured
from emulator.tests.visitor import Visitor

__all__ = ["browser"]

PAGE = MODULES.parent / "spa.html"
ROTATING = {"rotation_type": "rotating", "expiration_type": "expiring"}

FRESH = {"cacheMode": "off"}

pytestmark = pytest.mark.skipif(
    not (MODULES / "@auth0" / "auth0-spa-js").is_dir(), reason="`make setup` has not installed the SDK"
)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with static_site({"/": PAGE}) as origin:
        yield origin


@pytest.fixture
async def tenant(fresh: Secured) -> AsyncIterator[Visitor]:
    async with fresh.trusting() as http:
        yield Visitor(http)


@pytest.fixture
async def app(browser: Browser, tenant: Visitor, origin: str) -> AsyncIterator[PageApplication]:
    """An application with refresh tokens, which the SDK keeps in a worker."""
    async with page_application(browser, tenant, origin, useRefreshTokens=True) as app:
        await app.open()
        yield app


@asynccontextmanager
async def framed(browser: Browser, visitor: Visitor, *, tls: bool) -> AsyncIterator[PageApplication]:
    """An application without refresh tokens: silent logins happen in a frame, on the tenant's scheme and host."""
    with static_site({"/": PAGE}, tls=tls) as origin:
        async with page_application(browser, visitor, origin) as app:
            await app.open()
            yield app


async def test_spa_js_signs_in_by_redirect_and_out(app: PageApplication) -> None:
    await app.visitor.switch(mfa_required=False)
    person = await app.visitor.person()
    assert await app.value("isAuthenticated") is False
    await app.log_in(person)
    assert (await app.evaluate("returned"))["value"]["appState"] == {"from": "the button"}
    assert await app.value("isAuthenticated") is True
    user = await app.value("getUser")
    assert (user["sub"], user["email"], user["name"]) == (person.user_id, person.email, person.email)
    assert {"nickname", "picture", "updated_at", "email_verified"} <= set(user)
    token = await app.value("getTokenSilently")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["iss"], claims["aud"]) == (f"https://{app.domain}/", f"https://{app.domain}/userinfo")
    told = await app.api("/userinfo", token=token)
    assert (told["status"], person.user_id in told["body"]) == (200, True)

    await app.page.get_by_role("button", name="Log out").click()
    await app.page.wait_for_url(f"{app.origin}/")
    await app.open()
    assert await app.value("isAuthenticated") is False


async def test_spa_js_renews_tokens_with_a_refresh_token_that_rotates(app: PageApplication) -> None:
    await app.visitor.switch(mfa_required=False)
    person = await app.visitor.person()
    await app.log_in(person)
    tokens = [await app.value("getTokenSilently", FRESH) for _ in range(3)]
    assert len(set(tokens)) == 3
    assert (await app.visitor.events(person))[-3:] == ["sertft"] * 3


async def test_a_lost_answer_ends_the_session_of_spa_js_unless_there_is_a_leeway(app: PageApplication) -> None:
    await app.visitor.switch(mfa_required=False)
    person = await app.visitor.person()
    await app.visitor.control(
        "POST", "clients", {"client_id": "spa-client", "refresh_token": {**ROTATING, "leeway": 60}}
    )
    await app.log_in(person)
    await app.visitor.fault("POST", "/oauth/token", "drop_response")
    await app.value("getTokenSilently", FRESH)  # the SDK tries again
    await app.visitor.control("POST", "clients", {"client_id": "spa-client", "refresh_token": ROTATING})
    await app.visitor.fault("POST", "/oauth/token", "drop_response")
    refused = await app.refused("getTokenSilently", FRESH)
    assert refused == ("invalid_grant", "Unknown or invalid refresh token.")
    assert (await app.visitor.events(person))[-1] == "ferrt"


async def test_spa_js_signs_in_in_a_popup(app: PageApplication) -> None:
    await app.visitor.switch(mfa_required=False)
    person = await app.visitor.person()
    async with app.page.expect_popup() as opened:
        await app.page.evaluate("void (window.signedIn = sdk('loginWithPopup'))")
    popup = await opened.value
    await fill_in(popup, person)
    assert await app.evaluate("signedIn") == {"value": None}
    assert (await app.value("getUser"))["sub"] == person.user_id


async def test_spa_js_renews_tokens_in_a_frame(browser: Browser, tenant: Visitor) -> None:
    async with framed(browser, tenant, tls=True) as app:
        await renew_in_a_frame(app)


async def test_spa_js_needs_no_tls_to_sign_in(browser: Browser, visitor: Visitor) -> None:
    async with framed(browser, visitor, tls=False) as app:
        await renew_in_a_frame(app)


async def renew_in_a_frame(app: PageApplication) -> None:
    await app.visitor.switch(mfa_required=False)
    person = await app.visitor.person()
    await app.log_in(person)
    first = await app.value("getTokenSilently")
    assert await app.value("getTokenSilently", FRESH) != first
    assert (await app.visitor.events(person))[-2:] == ["ssa", "seacft"]
    await app.open()  # a reload loses the tokens, and the SDK gets others
    assert (await app.value("getUser"))["sub"] == person.user_id
    await app.visitor.switch(mfa_required=True)
    assert (await app.refused("getTokenSilently", FRESH))[0] == "login_required"


async def test_spa_js_tells_what_can_be_enrolled(app: PageApplication) -> None:
    await app.visitor.switch(mfa_requirements=True)
    await signed_in(app)
    factors = await app.value("mfa.getEnrollmentFactors", await mfa_token(app))
    assert {factor["type"] for factor in factors} == {"otp", "push-notification", "phone", "email"}


async def test_spa_js_needs_no_mfa_again_where_it_was_passed(app: PageApplication) -> None:
    person = await signed_in(app)
    await enroll_phone(app, person, await mfa_token(app))
    assert "value" in await app.renew()


@pytest.mark.parametrize("journey", JOURNEYS)
async def test_spa_js_goes_through_mfa(app: PageApplication, journey: str) -> None:
    await JOURNEYS[journey](app)


async def test_a_page_of_another_origin_reads_nothing(app: PageApplication) -> None:
    person = await signed_in(app)
    token = await mfa_token(app)
    assert (await app.api("/mfa/authenticators", token=token))["body"] == "[]"
    nowhere: dict[str, list[str]] = {"callbacks": [], "web_origins": [], "allowed_origins": []}
    for client_id in ("spa-client", "emulator-client"):
        await app.visitor.control("POST", "clients", {"client_id": client_id, **nowhere})
    assert await app.api("/mfa/authenticators", token=token) == {"raised": "TypeError"}
    assert await app.api("/_control/users") == {"raised": "TypeError"}
    wanted = {"mfaToken": token, "factorType": "sms", "phoneNumber": person.number}
    assert "value" not in await app.sdk("mfa.enroll", wanted)
    assert await app.visitor.messages(person.number) == []  # the browser did not send it
