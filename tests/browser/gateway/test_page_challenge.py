"""A person proves on the page that they hold the phone, or has only the recovery code left."""

from playwright.async_api import expect

from tests.browser.gateway.desk import Desk


async def test_a_challenge_is_passed_by_text_message(desk: Desk) -> None:
    await desk.enrolled()
    await desk.challenge()
    await desk.is_asked()
    await expect(desk.button("Use a different number")).to_be_hidden()
    await desk.codes(at_least=2)
    await desk.types_the_code()
    await desk.sees("Thank you, you are verified")


async def test_the_recovery_code_stands_in_for_the_phone_and_the_next_one_is_shown(desk: Desk) -> None:
    code = await desk.enrolled()
    await desk.challenge()
    await desk.is_asked()
    await desk.button("Use a recovery code").click()
    field = desk.page.get_by_label("Recovery code", exact=True)
    await field.fill("ABCD")
    await field.press("Enter")
    await expect(desk.page.locator("#recovery-error")).to_contain_text("24 letters and digits")
    await field.fill(f"{code[:12].lower()} {code[12:]}")
    await field.press("Enter")
    await desk.sees("Save your recovery code")
    await expect(desk.page.locator("#saved-lead")).to_contain_text("The recovery code you used no longer works.")
    assert code not in "".join((await desk.page.locator("#saved-code").inner_text()).split())
    await desk.saves_the_recovery_code()
    await desk.sees("Thank you, you are verified")
    await expect(desk.page.locator("#end-text")).to_contain_text("The recovery code you used no longer works")


async def test_a_wrong_recovery_code_says_so_and_the_back_button_leads_to_the_phone(desk: Desk) -> None:
    await desk.enrolled()
    await desk.challenge()
    await desk.is_asked()
    await desk.button("Use a recovery code").click()
    field = desk.page.get_by_label("Recovery code", exact=True)
    await field.fill("A" * 24)
    await field.press("Enter")
    await expect(desk.page.locator("#recovery-error")).to_contain_text("That recovery code is incorrect.")
    await expect(field).to_have_value("A" * 24)
    await desk.page.go_back()
    await desk.sees("Confirm it is you")
    await desk.codes(at_least=2)
    await desk.types_the_code()
    await desk.sees("Thank you, you are verified")


async def test_a_further_phone_is_enrolled_after_the_one_there_is_was_proved(desk: Desk) -> None:
    await desk.enrolled()
    proved, other = desk.person, (await desk.visitor.person()).number
    scope = "openid enroll read:authenticators remove:authenticators"
    token = await desk.visitor.mfa_token(proved, audience=desk.visitor.mfa_audience, scope=scope)
    await desk.enroll(person=proved, phone_number=other, mfa_token=token, when_enrolled="challenge_first")
    await desk.sees("First, confirm your current phone")
    await expect(desk.lead).to_contain_text(proved.number[-4:])
    await desk.codes(at_least=2)
    await desk.types_the_code()
    await desk.sees("Confirm your phone")
    await expect(desk.lead).to_contain_text(other[-4:])
    [code] = await desk.codes(other)
    await desk.field.fill(code)
    await desk.sees("Your phone is set up")
