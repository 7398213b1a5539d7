"""@auth0/auth0-spa-js, as published, signs in and does its MFA journeys in Chromium, on another origin."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import pyotp
import pytest
from playwright.async_api import Browser

from emulator.tests.chromium import browser
from emulator.tests.sdk.page_application import PageApplication, fill_in, page_application
from emulator.tests.sdk.static_site import MODULES, static_site
from emulator.tests.secured import Secured
from emulator.tests.visitor import OOB, Person, Visitor, other_than

__all__ = ["browser"]

PAGE = MODULES.parent / "spa.html"
FRESH = {"cacheMode": "off"}
MFA_SCOPES = "enroll read:authenticators remove:authenticators"
ROTATING = {"rotation_type": "rotating", "expiration_type": "expiring"}

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


async def signed_in(app: PageApplication) -> Person:
    """Sign in without MFA; from then on the tenant requires it."""
    await app.visitor.switch(mfa_required=False, mfa_requirements=True)
    person = await app.visitor.person()
    await app.log_in(person)
    await app.visitor.switch(mfa_required=True)
    return person


async def mfa_token(app: PageApplication) -> str:
    """Returns the mfa_token of a refresh that needs MFA."""
    told = await app.sdk("getTokenSilently", FRESH)
    assert (told["code"], told["message"]) == ("mfa_required", "Multifactor authentication required")
    return str(told["mfaToken"])


async def listed(app: PageApplication, token: str) -> list[tuple[str, str, bool]]:
    found = await app.value("mfa.getAuthenticators", token)
    return [(one["id"].partition("|")[0], one["authenticatorType"], one["active"]) for one in found]


async def enroll_phone(app: PageApplication, person: Person, channel: str = "sms") -> Any:
    token = await mfa_token(app)
    wanted = {"mfaToken": token, "factorType": channel, "phoneNumber": person.number}
    enrolled = await app.value("mfa.enroll", wanted)
    code = await app.visitor.code(person.number)
    await app.value("mfa.verify", {"mfaToken": token, "oobCode": enrolled["oobCode"], "bindingCode": code})
    return enrolled


async def again(app: PageApplication, person: Person) -> str:
    """Sign in once more, as in another browser. Returns the mfa_token of the refresh after it."""
    await app.visitor.switch(mfa_required=False)
    await app.value("logout", {"openUrl": False})
    await app.context.clear_cookies()
    await app.open()
    await app.log_in(person)
    await app.visitor.switch(mfa_required=True)
    return await mfa_token(app)


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


@pytest.mark.parametrize("channel", ["sms", "voice"])
async def test_spa_js_enrolls_lists_and_challenges_a_phone(app: PageApplication, channel: str) -> None:
    person = await signed_in(app)
    token = await mfa_token(app)
    factors = await app.value("mfa.getEnrollmentFactors", token)
    assert {factor["type"] for factor in factors} == {"otp", "push-notification", "phone", "email"}
    assert await listed(app, token) == []
    wanted = {"mfaToken": token, "factorType": channel, "phoneNumber": person.number}
    enrolled = await app.value("mfa.enroll", wanted)
    assert (enrolled["authenticatorType"], enrolled["oobChannel"]) == ("oob", channel)
    code = await app.visitor.code(person.number)
    proof = {"mfaToken": token, "oobCode": enrolled["oobCode"]}
    wrong = await app.refused("mfa.verify", {**proof, "bindingCode": other_than(code)})
    assert wrong == ("invalid_grant", "Invalid binding_code.")
    verified = await app.value("mfa.verify", {**proof, "bindingCode": code})
    assert verified["id_token"]
    # The tokens are those of the session from here on: no refresh needs MFA again.
    assert await app.value("getTokenSilently", FRESH)

    next_login = await again(app, person)
    kinds = [("sms", "oob", True), ("voice", "oob", True), ("recovery-code", "recovery-code", True)]
    assert await listed(app, next_login) == kinds
    already = await app.refused("mfa.enroll", wanted | {"mfaToken": next_login})
    assert already == ("access_denied", "User is already enrolled.")
    [authenticator, *_] = [
        one["id"] for one in await app.value("mfa.getAuthenticators", next_login) if one["id"].startswith(channel)
    ]
    asked = {"mfaToken": next_login, "challengeType": "oob", "authenticatorId": authenticator}
    challenged = await app.value("mfa.challenge", asked)
    assert (challenged["challengeType"], challenged["bindingMethod"]) == ("oob", "prompt")
    message = (await app.visitor.messages(person.number))[-1]
    assert message["channel"] == channel
    answer = {"mfaToken": next_login, "oobCode": challenged["oobCode"], "bindingCode": message["code"]}
    assert (await app.value("mfa.verify", answer))["access_token"]


async def test_spa_js_enrolls_and_challenges_an_address(app: PageApplication) -> None:
    person = await signed_in(app)
    await enroll_phone(app, person)  # an e-mail address is a factor only in addition to others
    token = await mfa_access_token(app, person)
    enrolled = await app.value("mfa.enroll", {"mfaToken": token, "factorType": "email", "email": person.email})
    assert (enrolled["oobChannel"], enrolled["bindingMethod"]) == ("email", "prompt")
    # The SDK verifies only tokens of its own errors, so that the page calls the tenant itself.
    proof = {"oob_code": enrolled["oobCode"], "binding_code": await app.visitor.code(person.email)}
    assert (await verify(app, token, OOB, **proof))["status"] == 200

    next_login = await again(app, person)
    assert ("email", "oob", True) in await listed(app, next_login)
    found = await app.value("mfa.getAuthenticators", next_login)
    [address] = [one["id"] for one in found if one["id"].startswith("email|")]
    challenged = await app.value(
        "mfa.challenge", {"mfaToken": next_login, "challengeType": "oob", "authenticatorId": address}
    )
    code = await app.visitor.code(person.email)
    assert await app.value(
        "mfa.verify", {"mfaToken": next_login, "oobCode": challenged["oobCode"], "bindingCode": code}
    )


async def test_spa_js_enrolls_and_uses_an_authenticator_application(app: PageApplication) -> None:
    person = await signed_in(app)
    token = await mfa_token(app)
    enrolled = await app.value("mfa.enroll", {"mfaToken": token, "factorType": "otp"})
    assert f"secret={enrolled['secret']}" in enrolled["barcodeUri"]
    application = pyotp.TOTP(enrolled["secret"])
    code = application.at(await app.visitor.now())
    wrong = await app.refused("mfa.verify", {"mfaToken": token, "otp": other_than(code)})
    assert wrong == ("invalid_grant", "Invalid otp_code.")
    assert await app.value("mfa.verify", {"mfaToken": token, "otp": code})

    next_login = await again(app, person)
    assert await listed(app, next_login) == [("totp", "otp", True), ("recovery-code", "recovery-code", True)]
    challenged = await app.value("mfa.challenge", {"mfaToken": next_login, "challengeType": "otp"})
    assert challenged == {"challengeType": "otp"}
    await app.visitor.advance(30)
    later = application.at(await app.visitor.now())
    assert await app.value("mfa.verify", {"mfaToken": next_login, "otp": later})


async def test_spa_js_waits_for_a_push_to_be_answered(app: PageApplication) -> None:
    person = await signed_in(app)
    token = await mfa_token(app)
    enrolled = await app.value("mfa.enroll", {"mfaToken": token, "factorType": "push"})
    assert enrolled["oobChannel"] == "auth0"
    assert enrolled["barcodeUri"].startswith("otpauth://totp/")
    proof = {"mfaToken": token, "oobCode": enrolled["oobCode"]}
    assert (await app.refused("mfa.verify", proof))[0] == "authorization_pending"
    await app.visitor.answer_push(person, "approve")
    assert await app.value("mfa.verify", proof)

    next_login = await again(app, person)
    assert ("push", "oob", True) in await listed(app, next_login)
    challenge = {"mfaToken": next_login, "challengeType": "oob"}
    challenged = await app.value("mfa.challenge", challenge)
    assert "bindingMethod" not in challenged
    await app.visitor.answer_push(person, "deny")
    proof = {"mfaToken": next_login, "oobCode": challenged["oobCode"]}
    assert (await app.refused("mfa.verify", proof))[0] == "access_denied"
    challenged = await app.value("mfa.challenge", challenge)
    await app.visitor.answer_push(person, "approve")
    assert await app.value("mfa.verify", {"mfaToken": next_login, "oobCode": challenged["oobCode"]})


async def test_spa_js_gets_a_new_recovery_code_for_the_old_one(app: PageApplication) -> None:
    person = await signed_in(app)
    [old] = (await enroll_phone(app, person))["recoveryCodes"]
    token = await again(app, person)
    wrong = await app.refused("mfa.verify", {"mfaToken": token, "recoveryCode": "WRONG"})
    assert wrong == ("invalid_grant", "MFA Authorization rejected.")
    told = await app.value("mfa.verify", {"mfaToken": token, "recoveryCode": old})
    assert len({old, told["recovery_code"]}) == 2


async def test_a_page_of_spa_js_removes_a_phone_with_a_token_for_the_mfa_api(app: PageApplication) -> None:
    person = await signed_in(app)
    await enroll_phone(app, person)
    opaque = await again(app, person)
    [phone, *_] = [one["id"] for one in await app.value("mfa.getAuthenticators", opaque)]
    path = f"/mfa/authenticators/{phone.replace('|', '%7C')}"
    assert (await app.api(path, "DELETE", token=opaque))["status"] == 401
    token = await mfa_access_token(app, person)
    assert (await app.api(path, "DELETE", token=token))["status"] == 204
    left = await app.api("/mfa/authenticators", token=token)
    assert ("recovery-code" in left["body"], "sms" in left["body"]) == (True, False)
    assert (await app.api(path, "DELETE", token=token))["status"] == 404


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


async def mfa_access_token(app: PageApplication, person: Person) -> str:
    """Returns a token for the MFA API, by a redirect with MFA and consent on the tenant's pages."""
    await app.value("logout", {"openUrl": False})
    await app.context.clear_cookies()
    await app.open()
    audience = f"https://{app.domain}/mfa/"
    wanted = {"authorizationParams": {"audience": audience, "scope": MFA_SCOPES}}
    await app.page.evaluate("(wanted) => void sdk('loginWithRedirect', wanted)", wanted)
    await fill_in(app.page, person)
    await app.page.get_by_label("Code", exact=True).fill(await app.visitor.code(person.number))
    await app.page.get_by_role("button", name="Continue").click()
    await app.page.get_by_role("button", name="Accept").click()
    await app.page.wait_for_url(f"{app.origin}/")
    return str(await app.value("getTokenSilently", wanted))


async def verify(app: PageApplication, token: str, grant_type: str, **proof: str) -> Any:
    """Call an MFA grant from the page."""
    form = {"client_id": "spa-client", "grant_type": grant_type, "mfa_token": token, **proof}
    return await app.evaluate(
        "(form) => api('/oauth/token', { method: 'POST', body: new URLSearchParams(form) })", form
    )
