"""Every state of the page, and how a person gets there."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import expect

from phone_mfa.encryption import new_recipient, public_of
from tests.browser.gateway.desk import QUICKLY, Desk, spoilt
from tests.browser.gateway.invited import Invited, prepare
from tests.system.gateway.installation import APP

SOON = {"Retry-After": "60"}
STAYS = """
  const real = setTimeout;
  window.setTimeout = (act, ms, ...more) => [4000, 5000].includes(ms) ? 0 : real(act, ms, ...more);
"""
"""What the page says for four seconds, and where it leaves after five, stays to be looked at."""

State = Callable[[Desk], Awaitable[None]]
STATES: dict[str, State] = {}


def state(go: State) -> State:
    STATES[go.__name__.replace("_", "-")] = go
    return go


@state
async def sending(desk: Desk) -> None:
    await desk.visitor.fault("POST", "/mfa/associate", "delay", seconds=4)
    await desk.enroll()
    await expect(desk.lead).to_contain_text("We are sending a text message")


@state
async def sent(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()


@state
async def sent_again(desk: Desk) -> None:
    await desk.enroll(policy={"resend_after_seconds": [1, 40]})
    await desk.is_asked()
    await desk.button("Send a new code").click()
    await expect(desk.notice).to_contain_text("A new code is on its way")


@state
async def called(desk: Desk) -> None:
    await desk.enroll(channel="voice", policy=QUICKLY)
    await expect(desk.lead).to_contain_text("We are calling")
    await expect(desk.button("Text me instead")).to_have_attribute("aria-disabled", "false")


@state
async def wrong(desk: Desk) -> None:
    await sent(desk)
    await desk.types_a_wrong_code()


@state
async def checking(desk: Desk) -> None:
    await sent(desk)
    await desk.visitor.fault("POST", "/oauth/token", "delay", seconds=4)
    await desk.types_the_code()
    await expect(desk.button("Checking…")).to_be_visible()


@state
async def ended(desk: Desk) -> None:
    await sent(desk)
    await desk.installation.later(desk.flow, seconds=301)
    await expect(desk.lead).to_contain_text("The last code no longer works")


async def waits(desk: Desk, seconds: int) -> None:
    body = {"error": "too_many_requests", "error_description": "Global limit has been reached"}
    headers = {"Retry-After": str(seconds)}
    await desk.visitor.fault("POST", "/mfa/associate", "status", status=429, headers=headers, body=body)
    await desk.enroll()
    await expect(desk.lead).to_contain_text("We have to wait")


@state
async def waiting(desk: Desk) -> None:
    await waits(desk, 90)


@state
async def waiting_long(desk: Desk) -> None:
    await waits(desk, 2 * 3600)


@state
async def unreachable(desk: Desk) -> None:
    await desk.enrolled()
    headers = {"Retry-After": "30"}
    await desk.visitor.fault("GET", "/mfa/authenticators", "status", status=503, headers=headers)
    await desk.challenge()
    await expect(desk.lead).to_contain_text("We cannot reach our sign-in service right now.")


@state
async def sends_lost(desk: Desk) -> None:
    await desk.visitor.fault("POST", "/mfa/associate", "status", status=503, times=6)
    await desk.enroll()
    await expect(desk.lead).to_contain_text("did not confirm whether your last code was sent. Ask for a new one")


@state
async def login(desk: Desk) -> None:
    past = datetime.now(UTC) - timedelta(minutes=11)  # longer than a login lives
    await desk.enroll(mfa_token_issued_at=past.isoformat())
    await desk.sees("Please sign in again")


@state
async def refused(desk: Desk) -> None:
    await desk.enroll(mfa_token="garbage")
    await desk.sees("Please sign in again")


@state
async def not_allowed(desk: Desk) -> None:
    body = {"error": "insufficient_scope", "error_description": "Insufficient scope, expected any of: enroll"}
    await desk.visitor.fault("POST", "/mfa/associate", "status", status=403, body=body)
    await desk.enroll()
    await desk.sees("Your sign-in does not allow this")


async def is_invited(desk: Desk, **more: Any) -> Invited:
    await prepare(desk.installation)
    invited = Invited(desk.installation, desk.page)
    invited.desk = desk
    await invited.is_invited(**more)
    return invited


@state
async def invited(desk: Desk) -> None:
    await (await is_invited(desk)).open()
    await desk.sees("Set up your phone")


@state
async def invited_other_user(desk: Desk) -> None:
    ours = await is_invited(desk)
    await ours.open()
    await ours.sign_in(await desk.visitor.person())
    await expect(desk.button("Sign in as someone else")).to_be_visible()


@state
async def invited_declined(desk: Desk) -> None:
    ours = await is_invited(desk)
    await ours.open()
    await desk.button("Sign in").click()
    await ours.give_password(desk.person)
    await ours.consent("Decline")
    await expect(desk.page.locator("#login-error")).to_contain_text("You did not allow this")


@state
async def invited_again(desk: Desk) -> None:
    ours = await is_invited(desk)
    await ours.open()
    await ours.sign_in()
    await desk.is_asked()
    await desk.installation.later(desk.flow, minutes=11)
    await desk.sees("Please sign in again")


@state
async def invited_unusable(desk: Desk) -> None:
    ours = await is_invited(desk)
    await desk.installation.ask("DELETE", f"/v1/flows/{desk.flow}/invitation")
    await ours.open()
    await desk.button("Sign in").click()
    await desk.sees("This link no longer works")


@state
async def invited_over(desk: Desk) -> None:
    ours = await is_invited(desk)
    await desk.cancel()
    await ours.open()
    await desk.button("Sign in").click()
    await desk.sees("This link is no longer active")


@state
async def returning(desk: Desk) -> None:
    await desk.page.add_init_script(STAYS)
    await desk.enroll(return_to=f"{APP}/done", recipient=public_of(new_recipient()))
    await desk.is_asked()
    await desk.types_the_code()
    await expect(desk.page.get_by_text("You will be taken back to app.example.com in a moment.")).to_be_visible()


@state
async def stepped_up(desk: Desk) -> None:
    await desk.page.add_init_script(STAYS)
    await desk.enrolled()
    await desk.challenge(return_to=f"{APP}/orders/7")
    await desk.is_asked()
    await desk.codes(at_least=2)
    await desk.types_the_code()
    await expect(desk.page.get_by_text("You will be taken back to app.example.com in a moment.")).to_be_visible()


@state
async def number(desk: Desk) -> None:
    await sent(desk)
    await desk.button("Use a different number").click()
    await desk.sees("Use a different number")


@state
async def number_wrong(desk: Desk) -> None:
    await number(desk)
    await desk.page.locator("#number").fill("555 0123")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("#number-error")).to_contain_text("Choose its country, or start with +")


@state
async def offline(desk: Desk) -> None:
    await sent(desk)
    await desk.page.context.set_offline(True)
    await desk.types_the_code()
    await expect(desk.page.locator("#net")).to_contain_text("You are offline")


@state
async def retrying(desk: Desk) -> None:
    await sent(desk)
    busy = {"type": "urn:phone-mfa:problem:engine-unreachable", "status": 503}
    await desk.page.route("**/binding-code", lambda route: route.fulfill(status=503, headers=SOON, json=busy))
    await desk.types_the_code()
    await expect(desk.button("Try again now")).to_be_visible()


@state
async def slow(desk: Desk) -> None:
    await sent(desk)
    await desk.page.route("**/binding-code", lambda _: None)
    await desk.types_the_code()
    await expect(desk.notice).to_contain_text("This is taking longer than usual.")


@state
async def lost(desk: Desk) -> None:
    await sent(desk)
    await desk.page.route("**/events", lambda route: route.abort())
    await desk.page.evaluate(
        "window.dispatchEvent(new Event('offline'))"
    )  # what is open is dead, and the browser says no more
    await expect(desk.page.locator("#net")).to_contain_text("The connection was interrupted")


@state
async def back(desk: Desk) -> None:
    await desk.page.add_init_script(STAYS)
    await lost(desk)
    await desk.page.unroute("**/events")
    await desk.page.evaluate("window.dispatchEvent(new Event('online'))")
    await expect(desk.page.locator("#net")).to_contain_text("You are connected again")


@state
async def last(desk: Desk) -> None:
    await desk.enroll(policy={"sends": 1})
    await desk.is_asked()
    await expect(desk.page.locator("#more-wait")).to_have_text("No more codes can be sent.")


@state
async def loading(desk: Desk) -> None:
    await desk.page.route("**/events", lambda _: None)
    await desk.enroll()
    await expect(desk.page.locator("#language")).to_be_visible()
    await expect(desk.page.get_by_text("One moment…")).to_be_visible()


@state
async def not_loaded(desk: Desk) -> None:
    await desk.page.route("**/config.json", lambda route: route.abort())
    await desk.page.goto(f"{desk.installation.address}/enroll")
    await expect(desk.page.get_by_text("This page could not be loaded.")).to_be_visible()


@state
async def saved(desk: Desk) -> None:
    await sent(desk)
    await desk.types_the_code()
    await desk.sees("Save your recovery code")


@state
async def saved_first(desk: Desk) -> None:
    await saved(desk)
    await desk.button("Continue").click()
    await expect(desk.page.locator("#saved-error")).to_contain_text("Tick the box")


@state
async def enrolled(desk: Desk) -> None:
    await saved(desk)
    await desk.saves_the_recovery_code()
    await desk.sees("Your phone is set up")


@state
async def challenge(desk: Desk) -> None:
    await desk.enrolled()
    await desk.challenge(policy=QUICKLY)
    await desk.is_asked()
    await expect(desk.button("Send a new code")).to_have_attribute("aria-disabled", "false")


@state
async def recovery(desk: Desk) -> None:
    await challenge(desk)
    await desk.button("Use a recovery code").click()
    await desk.sees("Use a recovery code")


@state
async def recovery_wrong(desk: Desk) -> None:
    await recovery(desk)
    await desk.page.locator("#recovery").fill("ABCD" * 6)
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("#recovery-error")).to_contain_text("incorrect")


@state
async def verified(desk: Desk) -> None:
    await challenge(desk)
    await desk.codes(at_least=2)
    await desk.types_the_code()
    await desk.sees("Thank you, you are verified")


@state
async def proving(desk: Desk) -> None:
    await desk.enrolled()
    visitor, person = desk.visitor, desk.person
    scope = "openid enroll read:authenticators remove:authenticators"
    token = await visitor.mfa_token(person, audience=visitor.mfa_audience, scope=scope)
    await desk.enroll(person=person, mfa_token=token, when_enrolled="challenge_first")
    await desk.sees("First, confirm your current phone")


@state
async def already_enrolled(desk: Desk) -> None:
    await desk.enrolled()
    await desk.enroll(person=desk.person)
    await desk.sees("A phone is already set up")


@state
async def not_enrolled(desk: Desk) -> None:
    desk.person = await desk.visitor.person()
    await desk.challenge()
    await desk.sees("No phone is set up")


@state
async def expired(desk: Desk) -> None:
    await desk.enroll(flow_seconds=60)
    await desk.is_asked()
    await desk.installation.later(desk.flow, seconds=61)
    await desk.sees("Time has run out")


@state
async def cancelled(desk: Desk) -> None:
    await sent(desk)
    await desk.cancel()
    await desk.sees("This was cancelled")


@state
async def superseded(desk: Desk) -> None:
    user = str(uuid.uuid4())
    await desk.enroll(user=user)
    await desk.is_asked()
    await desk.starts(person=desk.person, user=user)  # with a new login, as in another browser
    await desk.sees("This was started again")


@state
async def locked_out(desk: Desk) -> None:
    await desk.enroll(policy={"wrong_codes": 1})
    await desk.is_asked()
    await desk.field.fill("000001" if await desk.code() != "000001" else "000003")
    await desk.sees("Locked for your security")


@state
async def undeliverable(desk: Desk) -> None:
    await desk.visitor.message_fault("refuse", times=None)
    await desk.enroll()
    await desk.sees("We cannot reach this number")


@state
async def failed(desk: Desk) -> None:
    person = await desk.visitor.person()
    token = await desk.visitor.mfa_token(person)
    await desk.visitor.switch(mfa_grant=False)
    await desk.enroll(person=person, mfa_token=token)
    await desk.sees("Something is wrong on our side")


@state
async def missing(desk: Desk) -> None:
    await desk.page.goto(f"{desk.installation.address}/enroll")
    await desk.sees("Open this page from the app")


@state
async def unauthorized(desk: Desk) -> None:
    await missing(desk)
    await desk.starts()
    desk.token = spoilt(desk.token)
    await desk.open("enroll")
    await desk.sees("This page was open too long")


@state
async def nowhere(desk: Desk) -> None:
    await desk.page.goto(f"{desk.installation.address}/enrol")
    await desk.sees("There is no page at this address")
