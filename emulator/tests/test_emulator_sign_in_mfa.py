"""MFA on the hosted pages: by the rules of the MFA API, with its budgets, faults and log events."""

import html
import re

import httpx
import pyotp
import pytest

from emulator.tests.signing_in import CALLBACK, CLIENT, Browser, callback, claims, error, screen
from emulator.tests.visitor import PASSWORD, Person, bearer, other_than

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RECOVERY_CODE = "ABCDEFGHJKLMNPQRSTUVWXYZ"
TOO_MANY_CODES = "Too many failed codes. Wait for some minutes before retrying."


@pytest.fixture
def web(browser_of_web: Browser) -> Browser:
    return browser_of_web


@pytest.fixture
async def enrolled(web: Browser) -> Person:
    """A person with a phone and a recovery code."""
    return await person_with(web, {"type": "phone", "phone_number": "+15555550100"})


async def person_with(web: Browser, *authenticators: dict[str, object]) -> Person:
    recovery = {"type": "recovery-code", "recovery_code": RECOVERY_CODE}
    person = await web.visitor.person(authenticators=[*authenticators, recovery])
    return Person(person.email, "+15555550100", person.user_id)


def choices(page: httpx.Response) -> dict[str, str]:
    """Returns the actions of a page of options, by text."""
    return {html.unescape(text): action for action, text in re.findall(r'value="(\d+)">([^<]*)</button>', page.text)}


async def test_a_phone_is_challenged_after_the_password(web: Browser, enrolled: Person) -> None:
    page = await web.login(enrolled)
    assert (screen(page), "Text message to XXXXXXXX0100" in page.text) == ("mfa-sms-challenge", True)
    code = await web.visitor.code(enrolled.number)
    answer = await web.exchange(callback(await web.send(page, code=f" {code} "))["code"])
    identity = claims(answer.json()["id_token"])
    policy = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
    assert (identity["amr"], identity["acr"]) == (["mfa"], policy)
    assert await web.visitor.events(enrolled) == ["gd_send_sms", "gd_start_auth", "gd_auth_succeed", "s", "seacft"]


async def test_a_password_alone_opens_no_session(web: Browser, enrolled: Person) -> None:
    await web.login(enrolled)
    assert callback(await web.open(prompt="none"))["error"] == "login_required"
    assert screen(await web.open()) == "login"


async def test_a_wrong_code_may_be_typed_again_but_not_for_ever(web: Browser, enrolled: Person) -> None:
    page = await web.login(enrolled)
    code = await web.visitor.code(enrolled.number)
    for _ in range(10):
        wrong = await web.send(page, code=other_than(code))
        assert (wrong.status_code, error(wrong)) == (400, "The code is wrong.")
    assert error(await web.send(page, code=code)) == TOO_MANY_CODES
    await web.visitor.advance(360)
    expired = await web.send(page, code=code)
    assert error(expired) == "The code has expired. Request another."
    events = await web.visitor.events(enrolled)
    assert (events.count("gd_auth_failed"), events[-1]) == (10, "gd_otp_rate_limit_exceed")


async def test_another_code_can_be_requested(web: Browser, enrolled: Person) -> None:
    page = await web.login(enrolled)
    await web.visitor.advance(301)
    again = await web.send(page, action="resend-code")
    assert (screen(again), error(again)) == ("mfa-sms-challenge", "")
    assert "code" in callback(await web.send(page, code=await web.visitor.code(enrolled.number)))
    assert len(await web.visitor.messages(enrolled.number)) == 2


async def test_the_budget_of_messages_is_that_of_the_mfa_api(web: Browser, enrolled: Person) -> None:
    await web.visitor.switch(sends={"burst": 2, "per_seconds": 3600})
    page = await web.login(enrolled)
    assert error(await web.send(page, action="resend-code")) == ""
    refused = await web.send(page, action="resend-code")
    assert error(refused) == "Too many SMS sent by the user. Wait for some minutes before retrying."
    token = await web.visitor.mfa_token(enrolled)
    assert "Too many SMS" in (await web.visitor.challenge(token)).text
    assert "limit_phone" in await web.visitor.events(enrolled)


@pytest.mark.parametrize(
    ("fault", "said"),
    [("refuse", "The message could not be sent by the provider."), ("invalid_number", "The phone number is invalid.")],
)
async def test_the_page_tells_why_no_message_was_sent(web: Browser, enrolled: Person, fault: str, said: str) -> None:
    await web.visitor.message_fault(fault)
    page = await web.login(enrolled)
    assert (screen(page), error(page)) == ("mfa-sms-challenge", said)
    assert error(await web.send(page, action="resend-code")) == ""


async def test_a_user_may_try_another_method(web: Browser) -> None:
    person = await person_with(web, {"type": "phone", "phone_number": "+15555550100", "preferred": "voice"})
    page = await web.login(person)
    assert (screen(page), "Voice call to" in page.text) == ("mfa-voice-challenge", True)
    options = await web.send(page, action="pick-authenticator")
    assert (screen(options), list(choices(options))) == (
        "mfa-login-options",
        ["Text message to XXXXXXXX0100", "Voice call to XXXXXXXX0100", "Recovery code"],
    )
    assert error(await web.send(options, action="9")) == "Select one of the methods."
    text = await web.send(options, action="0")
    assert (screen(text), [one["channel"] for one in await web.visitor.messages(person.number)]) == (
        "mfa-sms-challenge",
        ["voice", "sms"],
    )


async def test_a_recovery_code_logs_in_and_is_replaced(web: Browser, enrolled: Person) -> None:
    options = await web.send(await web.login(enrolled), action="pick-authenticator")
    page = await web.send(options, action=choices(options)["Recovery code"])
    assert error(await web.send(page, code="wrong")) == "The code is wrong."
    shown = await web.send(page, code=RECOVERY_CODE)
    found = re.search(r"id='recovery-code'>([1-9A-Z]{24})<", shown.text)
    assert screen(shown) == "mfa-recovery-code-enrollment"
    assert found
    assert found[1] != RECOVERY_CODE
    assert error(await web.send(shown)) == "Confirm that you recorded the code."
    assert "code" in callback(await web.send(shown, saved="true"))
    assert (await web.visitor.events(enrolled))[2:] == ["gd_recovery_failed", "gd_recovery_succeed", "s"]


async def test_wrong_recovery_codes_are_counted_as_in_the_mfa_api(web: Browser, enrolled: Person) -> None:
    await web.visitor.switch(recovery_attempts={"burst": 1, "per_seconds": 360})
    options = await web.send(await web.login(enrolled), action="pick-authenticator")
    page = await web.send(options, action=choices(options)["Recovery code"])
    await web.send(page, code="wrong")
    assert error(await web.send(page, code=RECOVERY_CODE)) == TOO_MANY_CODES


async def test_an_authenticator_app_comes_before_a_phone(web: Browser) -> None:
    person = await person_with(
        web, {"type": "phone", "phone_number": "+15555550100"}, {"type": "totp", "secret": SECRET}
    )
    page = await web.login(person)
    assert screen(page) == "mfa-otp-challenge"
    code = pyotp.TOTP(SECRET).at(await web.visitor.now())
    assert error(await web.send(page, code=other_than(code))) == "The code is wrong."
    assert "code" in callback(await web.send(page, code=code))
    again = await web.login(person, prompt="login")
    assert error(await web.send(again, code=code)) == "The code is wrong."  # each code works once
    assert await web.visitor.messages(person.number) == []


async def test_a_push_is_answered_on_the_phone(web: Browser) -> None:
    person = await person_with(web, {"type": "push", "name": "Ada's phone"})
    page = await web.login(person)
    assert (screen(page), "Notification on Ada&#x27;s phone" in page.text) == ("mfa-push-challenge-push", True)
    assert error(await web.send(page)) == "The notification has not been answered yet."
    await web.visitor.answer_push(person, "deny")
    assert error(await web.send(page)) == "The notification was denied."
    assert error(await web.send(page, action="resend-code")) == ""
    await web.visitor.answer_push(person, "approve")
    assert "code" in callback(await web.send(page))
    events = await web.visitor.events(person)
    assert [event for event in events if event.startswith("gd_auth")] == ["gd_auth_rejected", "gd_auth_succeed"]


async def test_a_verified_address_is_one_of_the_methods(web: Browser) -> None:
    phone = {"type": "phone", "phone_number": "+15555550100"}
    person = await web.visitor.person(email_verified=True, authenticators=[phone])
    options = await web.send(await web.login(person), action="pick-authenticator")
    page = await web.send(options, action="2")
    assert (screen(page), "E-mail to pers" in page.text) == ("mfa-email-challenge", True)
    assert "code" in callback(await web.send(page, code=await web.visitor.code(person.email)))


async def test_silent_login_needs_mfa_again(web: Browser, enrolled: Person) -> None:
    await web.signed_in(enrolled)
    told = callback(await web.open(prompt="none"))
    assert (told["error"], told["error_description"]) == ("login_required", "Multifactor authentication required")
    page = await web.open()
    assert screen(page) == "mfa-sms-challenge"
    answer = await web.exchange(callback(await web.send(page, code=await web.visitor.code(enrolled.number)))["code"])
    assert claims(answer.json()["id_token"])["amr"] == ["mfa"]
    assert (await web.visitor.control("GET", "logs?type=fsa"))[0]["details"] == {"error": "login_required"}


async def test_a_session_may_remember_mfa(web: Browser, enrolled: Person) -> None:
    await web.visitor.switch(mfa_once_per_session=True)
    await web.signed_in(enrolled)
    answer = await web.exchange(callback(await web.open(prompt="none"))["code"])
    assert not {"amr", "acr"} & claims(answer.json()["id_token"]).keys()


async def test_a_device_may_be_remembered_for_30_days(web: Browser, enrolled: Person) -> None:
    page = await web.login(enrolled)
    callback(await web.send(page, code=await web.visitor.code(enrolled.number), rememberBrowser="true"))
    assert "code" in callback(await web.open(prompt="none"))
    await web.visitor.advance(29 * 86_400)
    assert "code" in callback(await web.login(enrolled))
    other = await person_with(web, {"type": "totp"})
    assert screen(await web.login(other, prompt="login")) == "mfa-otp-challenge"
    await web.visitor.advance(2 * 86_400)
    assert screen(await web.login(enrolled, prompt="login")) == "mfa-sms-challenge"


async def test_the_refresh_token_of_a_sign_in_with_mfa_needs_no_other(web: Browser, enrolled: Person) -> None:
    tokens = await web.tokens(enrolled, scope="openid offline_access")
    refresh = CLIENT | {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await web.visitor.http.post("/oauth/token", data=refresh)).status_code == 200


async def test_acr_values_may_ask_for_mfa(web: Browser, enrolled: Person) -> None:
    await web.visitor.switch(mfa_required=False)
    policy = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
    assert "code" in callback(await web.login(enrolled, acr_values=policy))
    await web.visitor.switch(acr_values_require_mfa=True)
    assert screen(await web.open(acr_values=policy)) == "mfa-sms-challenge"
    assert "code" in callback(await web.open())


async def test_a_token_for_the_mfa_api_needs_mfa_and_consent(web: Browser, enrolled: Person) -> None:
    await web.visitor.switch(mfa_required=False)
    callback(await web.login(enrolled))
    audience = web.visitor.mfa_audience
    asked = {"audience": audience, "scope": "openid enroll read:authenticators remove:authenticators read:x"}
    assert (
        callback(await web.open(prompt="none", **asked))["error_description"] == "Multifactor authentication required"
    )
    page = await web.open(**asked)
    assert screen(page) == "mfa-sms-challenge"
    consent = await web.send(page, code=await web.visitor.code(enrolled.number))
    assert (screen(consent), "<li>enroll</li>" in consent.text) == ("consent", True)
    answer = (await web.exchange(callback(await web.send(consent, action="accept"))["code"])).json()
    assert (claims(answer["access_token"])["aud"], answer["expires_in"]) == (audience, 600)
    assert answer["scope"] == "openid enroll read:authenticators remove:authenticators"
    listed = await web.visitor.http.get("/mfa/authenticators", headers=bearer(answer["access_token"]))
    assert [entry["id"].partition("|")[0] for entry in listed.json()] == ["sms", "voice", "recovery-code"]
    second = await web.send(await web.open(**asked), code=await web.visitor.code(enrolled.number))
    assert "code" in callback(second)


async def test_a_remembered_device_is_not_enough_for_the_mfa_api(web: Browser, enrolled: Person) -> None:
    page = await web.login(enrolled)
    callback(await web.send(page, code=await web.visitor.code(enrolled.number), rememberBrowser="true"))
    assert screen(await web.open(audience=web.visitor.mfa_audience)) == "mfa-sms-challenge"


async def test_a_user_without_a_factor_may_have_a_token_to_enroll(web: Browser) -> None:
    await web.visitor.switch(mfa_consent=False)
    answer = await web.exchange(
        callback(await web.login(await web.visitor.person(), audience=web.visitor.mfa_audience, scope="enroll"))["code"]
    )
    added = await web.visitor.add_otp(answer.json()["access_token"])
    assert added.status_code == 200


async def test_a_user_without_a_factor_enrolls_a_phone(web: Browser) -> None:
    person = await web.visitor.person()
    options = await web.login(person)
    assert (screen(options), list(choices(options))) == (
        "mfa-begin-enroll-options",
        ["Phone", "Authenticator app", "Push notification"],
    )
    phone = await web.send(options, action="0")
    assert screen(phone) == "mfa-phone-enrollment"
    invalid = await web.send(phone, phone_number='"><b>', channel="sms")
    assert (error(invalid), "<b>" in invalid.text) == ("The phone number is invalid.", False)
    code = await web.send(phone, phone_number=person.number, channel="voice")
    assert screen(code) == "mfa-voice-challenge"
    assert error(await web.send(code, code="x")) == "The code is wrong."
    assert error(await web.send(code, action="resend-code")) == ""
    shown = await web.send(code, code=await web.visitor.code(person.number))
    found = re.search(r"id='recovery-code'>([1-9A-HJ-NP-Z]{24})<", shown.text)
    assert found
    told = callback(await web.send(shown, saved="true"))
    assert claims((await web.exchange(told["code"])).json()["id_token"])["amr"] == ["mfa"]
    token = await web.visitor.mfa_token(person)
    listed = await web.visitor.authenticators(token)
    assert [(one["id"].partition("|")[0], one["active"]) for one in listed] == [
        ("sms", True),
        ("voice", True),
        ("recovery-code", True),
    ]
    recovered = await web.visitor.grant(
        "http://auth0.com/oauth/grant-type/mfa-recovery-code", mfa_token=token, recovery_code=found[1]
    )
    assert recovered.status_code == 200
    assert (await web.visitor.events(person))[:6] == [
        "gd_send_voice",
        "gd_start_enroll",
        "gd_auth_failed",
        "gd_send_voice",
        "gd_enrollment_complete",
        "s",
    ]


async def test_a_user_without_a_factor_enrolls_an_app(web: Browser) -> None:
    person = await web.visitor.person()
    page = await web.send(await web.login(person), action="1")
    assert screen(page) == "mfa-otp-enrollment-qr"
    secret = re.search(r"id='secret'>([A-Z2-7]{32})<", page.text)
    assert secret
    assert f"secret={secret[1]}" in page.text
    code = pyotp.TOTP(secret[1]).at(await web.visitor.now())
    assert error(await web.send(page, code=other_than(code))) == "The code is wrong."
    shown = await web.send(page, code=code)
    assert screen(shown) == "mfa-recovery-code-enrollment"
    assert "code" in callback(await web.send(shown, saved="true"))


async def test_a_user_without_a_factor_enrolls_a_device(web: Browser) -> None:
    person = await web.visitor.person()
    page = await web.send(await web.login(person), action="2")
    assert screen(page) == "mfa-push-enrollment-qr"
    assert error(await web.send(page)) == "The notification has not been answered yet."
    await web.visitor.answer_push(person, "approve")
    shown = await web.send(page)
    assert "code" in callback(await web.send(shown, saved="true"))


async def test_a_user_may_change_their_mind_while_enrolling(web: Browser) -> None:
    person = await web.visitor.person()
    options = await web.login(person)
    phone = await web.send(options, action="0")
    assert screen(await web.send(phone, action="pick-authenticator")) == "mfa-begin-enroll-options"
    app = await web.send(options, action="1")
    assert screen(await web.send(app, action="pick-authenticator")) == "mfa-begin-enroll-options"
    await web.send(options, action="0")
    code = await web.send(phone, phone_number=person.number)
    assert screen(await web.send(code, action="pick-authenticator")) == "mfa-begin-enroll-options"
    assert error(await web.send(options)) == "Select one of the methods."


async def test_the_rules_of_associate_hold_on_the_page(web: Browser) -> None:
    await web.visitor.switch(max_authenticators=1)
    person = await web.visitor.person(
        authenticators=[{"type": "phone", "phone_number": "+15555550101", "confirmed": False}]
    )
    options = await web.login(person)
    assert error(await web.send(options, action="1")) == "The user has too many authenticators."
    phone = await web.send(options, action="0")
    refused = await web.send(phone, phone_number=person.number, channel="sms")
    assert error(refused) == "The user has too many authenticators."


async def test_a_tenant_without_factors_says_so(web: Browser) -> None:
    await web.visitor.switch(phone_factor=False, otp_factor=False, push_factor=False)
    page = await web.login(await web.visitor.person())
    assert error(page) == "The tenant has no factor to enroll."


async def test_a_removed_authenticator_cannot_pass(web: Browser, enrolled: Person) -> None:
    page = await web.login(enrolled)
    code = await web.visitor.code(enrolled.number)
    await web.visitor.manage("DELETE", f"users/{enrolled.user_id}/authentication-methods")
    gone = await web.send(page, code=code)
    assert error(gone) == "The authenticator does not exist any more. Try another method."


async def test_the_code_of_a_page_opens_nothing_at_the_mfa_api(web: Browser, enrolled: Person) -> None:
    await web.login(enrolled)
    code, token = await web.visitor.code(enrolled.number), await web.visitor.mfa_token(enrolled)
    oob_code = (await web.visitor.challenge(token)).json()["oob_code"]
    newest = await web.visitor.code(enrolled.number)
    assert code == newest or (await web.visitor.verify(token, oob_code, code)).status_code == 403


async def test_no_page_of_another_step_passes_the_factor(web: Browser, enrolled: Person) -> None:
    page = await web.login(enrolled)
    consent = str(page.request.url).replace("mfa-sms-challenge", "consent")
    assert screen(await web.followed(await web.http.post(consent, data={"action": "accept"}))) == "mfa-sms-challenge"
    login = str(page.request.url).replace("mfa-sms-challenge", "login")
    again = await web.http.post(login, data={"username": enrolled.email, "password": PASSWORD})
    assert screen(await web.followed(again)) == "mfa-sms-challenge"
    assert CALLBACK not in again.text
