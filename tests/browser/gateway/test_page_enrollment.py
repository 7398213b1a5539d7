"""A phone is enrolled on the page, by people who do not get it right at once."""

import json

from playwright.async_api import expect

from emulator.tests.visitor import other_than
from tests.browser.gateway.desk import QUICKLY, Desk
from tests.system.gateway.installation import RETURN_URL


async def test_a_phone_is_enrolled_by_text_message_and_the_recovery_code_is_shown_once(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await expect(desk.lead).to_contain_text(f"•••• {desk.person.number[-4:]}")
    await desk.types_the_code()
    await desk.sees("Save your recovery code")
    shown = (await desk.page.locator("#saved-code").inner_text()).split()
    assert [len(group) for group in shown] == [4] * 6
    await desk.button("Continue").click()
    await expect(desk.page.locator("#saved-error")).to_have_text("Tick the box once you have saved the code.")
    await desk.saves_the_recovery_code()
    await desk.sees("Your phone is set up")
    await expect(desk.page.get_by_role("link", name="Continue")).to_have_attribute("href", RETURN_URL)
    await desk.page.reload()
    await desk.sees("Your phone is set up")
    assert shown[0] not in await desk.page.content()


async def test_the_recovery_code_can_be_copied_and_downloaded(desk: Desk) -> None:
    await desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await desk.enroll()
    await desk.is_asked()
    await desk.types_the_code()
    await desk.button("Copy").click()
    await expect(desk.button("Copied")).to_be_visible()
    code = "".join((await desk.page.locator("#saved-code").inner_text()).split())
    assert await desk.page.evaluate("navigator.clipboard.readText()") == code
    async with desk.page.expect_download() as downloading:
        await desk.button("Download").click()
    download = await downloading.value
    assert download.suggested_filename == "recovery-code.txt"
    assert code in (await download.path()).read_text().replace(" ", "")


async def test_no_secret_stays_in_the_address_the_title_or_the_console(desk: Desk) -> None:
    said: list[str] = []
    desk.page.on("console", lambda message: said.append(message.text))
    await desk.enroll()
    await desk.is_asked()
    await expect(desk.page).to_have_url(f"{desk.installation.address}/enroll#flow={desk.flow}")
    code = await desk.code()
    await desk.types_the_code()
    await desk.saves_the_recovery_code()
    await desk.sees("Your phone is set up")
    kept = await desk.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    history = await desk.page.evaluate("JSON.stringify([location.href, document.title, history.state])")
    for secret in (desk.token, code):
        assert secret not in json.dumps([said, kept, history])


async def test_a_wrong_code_costs_a_try_and_stays_to_be_corrected(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await expect(desk.page.locator("#code-tries")).to_have_text("5 tries left")
    wrong = other_than(await desk.code())
    await desk.field.fill(wrong)
    await expect(desk.error).to_have_text("That code is incorrect. Check it and try again; you have 4 tries left.")
    await expect(desk.page.locator("#code-tries")).to_have_text("4 tries left")
    await expect(desk.field).to_have_value(wrong)
    await expect(desk.field).to_be_focused()
    await expect(desk.field).to_have_attribute("aria-invalid", "true")
    await desk.types_the_code()  # over what is selected
    await desk.sees("Save your recovery code")


async def test_a_code_is_taken_out_of_whatever_is_pasted(desk: Desk) -> None:
    await desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await desk.enroll()
    await desk.is_asked()
    code = await desk.code()
    await desk.page.evaluate("(text) => navigator.clipboard.writeText(text)", f" {code[:3]}-{code[3:]} ")
    await desk.field.press("Control+v")
    await desk.sees("Save your recovery code")


async def test_too_short_a_code_is_not_submitted(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.field.fill("12345")
    await desk.field.press("Enter")
    await expect(desk.error).to_have_text("Enter all 6 digits of the code.")
    await expect(desk.page.locator("#code-tries")).to_have_text("5 tries left")


async def test_another_code_is_sent_when_it_is_time_and_the_earlier_one_is_superseded(desk: Desk) -> None:
    await desk.enroll(policy={"resend_after_seconds": [3, 30]})
    await desk.is_asked()
    await expect(desk.button("Send a new code")).to_have_attribute("aria-disabled", "true")
    await expect(desk.page.locator("#more-wait")).to_contain_text("You can ask for a new code in 0:0")
    await expect(desk.button("Send a new code")).to_have_attribute("aria-disabled", "false")
    await desk.button("Send a new code").click()
    await expect(desk.notice).to_have_text("A new code is on its way by text message.")
    await expect(desk.field).to_be_focused()
    await expect(desk.page.locator("#more-wait")).to_contain_text("in 0:")
    assert len(await desk.codes(at_least=2)) == 2
    await desk.types_the_code()
    await desk.sees("Save your recovery code")


async def test_a_person_who_reads_no_texts_is_called_and_may_change_back(desk: Desk) -> None:
    await desk.enroll(policy=QUICKLY)
    await desk.is_asked()
    await desk.button("Call me instead").click()
    await expect(desk.lead).to_contain_text("We are calling")
    await expect(desk.notice).to_have_text("We are calling you with a new code.")
    await desk.button("Text me instead").click()
    await desk.is_asked()
    messages = await desk.visitor.messages(desk.person.number)
    assert [message["channel"] for message in messages] == ["sms", "voice", "sms"]
    await desk.types_the_code()
    await desk.sees("Save your recovery code")


async def test_another_number_can_be_given_and_is_the_one_enrolled(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.button("Use a different number").click()
    number = desk.page.get_by_label("Phone number")
    await expect(number).to_be_focused()
    await number.fill("555 0188")
    await number.press("Enter")
    await expect(desk.page.locator("#number-error")).to_contain_text("Choose its country, or start with +")
    await expect(number).to_have_value("555 0188")
    await expect(number).to_be_focused()
    await number.fill("+1 (555) 555-7788")
    await number.press("Enter")
    await expect(desk.lead).to_contain_text("•••• 7788")
    [code] = await desk.codes("+15555557788")
    await desk.field.fill(code)
    await desk.sees("Save your recovery code")


async def test_a_number_is_read_in_the_country_that_was_found_by_typing_and_is_remembered(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.button("Use a different number").click()
    country, number = desk.page.get_by_label("Country"), desk.page.get_by_label("Phone number")
    await expect(country).to_have_value("")
    await country.press_sequentially("United States")
    await expect(country).to_have_value("US")
    await number.fill("\u2068(555) 555\u20137789\u2069")
    async with desk.page.expect_request("**/phone-number") as asking:
        await number.press("Enter")
    assert (await asking.value).post_data_json == {
        "phone_number": "\u2068(555) 555\u20137789\u2069",
        "region": "US",
    }
    await expect(desk.lead).to_contain_text("•••• 7789")
    kept = await desk.page.evaluate("JSON.stringify({...localStorage})")
    assert "phone-mfa.choice.country" in kept
    assert "7789" not in kept
    await desk.page.reload()
    await desk.button("Use a different number").click()
    await expect(country).to_have_value("US")
    await expect(number).to_have_value("")


async def test_countries_are_named_in_the_language_of_the_page_and_in_its_order(desk: Desk) -> None:
    await desk.enroll(query="?lang=de")
    await desk.page.locator("#to-number").click()
    options = desk.page.locator("#country option")
    await expect(options.first).to_have_text("Land auswählen")
    await expect(desk.page.locator("#country option[value=AT]")).to_have_text("Österreich (\u2066+43\u2069)")
    names = await options.all_inner_texts()
    assert names.index("Österreich (\u2066+43\u2069)") < names.index("Pakistan (\u2066+92\u2069)")
    await desk.page.locator("#country").select_option("AT")
    await desk.page.locator("#language").select_option("fr")
    await expect(desk.page.locator("#country option[value=AT]")).to_have_text("Autriche (\u2066+43\u2069)")
    await expect(desk.page.locator("#country")).to_have_value("AT")


async def test_the_page_tells_of_a_malformed_code_that_came_by_signal(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.installation.signal(desk.flow, "submit_binding_code", {"code": "12345"})
    await expect(desk.notice).to_have_text(
        "A code arrived that could not be one, so it was not checked. Enter the 6\u2011digit code here."
    )
    await desk.types_the_code()
    await desk.sees("Save your recovery code")


async def test_a_code_that_has_run_out_leads_to_the_next_one(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.installation.later(desk.flow, seconds=301)
    await expect(desk.lead).to_have_text("The last code no longer works. Ask for a new one to continue.")
    await expect(desk.field).to_be_hidden()
    await desk.button("Send a new code").click()
    await desk.is_asked()
    await expect(desk.field).to_be_focused()
    await desk.codes(at_least=2)
    await desk.types_the_code()
    await desk.sees("Save your recovery code")


async def test_an_enrollment_that_took_too_long_says_so(desk: Desk) -> None:
    await desk.enroll(flow_seconds=600)
    await desk.is_asked()
    await desk.installation.later(desk.flow, seconds=601)
    await desk.sees("Time has run out")
    await expect(desk.page.get_by_role("link", name="Go back and start again")).to_be_visible()


async def test_too_many_wrong_codes_end_it(desk: Desk) -> None:
    await desk.enroll(policy={"wrong_codes": 2})
    await desk.is_asked()
    await desk.types_a_wrong_code()
    await expect(desk.error).to_contain_text("you have 1 try left")
    await desk.field.fill("000001" if await desk.code() != "000001" else "000003")
    await desk.sees("Locked for your security")


async def test_a_login_that_ran_out_is_made_again_and_the_page_goes_on(desk: Desk) -> None:
    await desk.enroll(mfa_token=None)
    await desk.sees("Please sign in again")
    await expect(desk.page.get_by_role("link", name="Sign in again")).to_have_attribute("href", RETURN_URL)
    token = await desk.visitor.mfa_token(desk.person)
    await desk.installation.ask("POST", f"/v1/flows/{desk.flow}/mfa-token?run_id={desk.run}", mfa_token=token)
    await desk.is_asked()
    await desk.types_the_code()
    await desk.sees("Save your recovery code")


async def test_a_phone_number_that_is_pasted_is_no_code(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    await desk.field.fill("+1 555 123 4567 code")
    await expect(desk.field).to_have_value("+1 555 123 4567 code")
    await desk.field.fill("28-11-26 see you")
    await desk.field.fill("123456 or 654321")
    await expect(desk.page.locator("#code-tries")).to_have_text("5 tries left")
    code = await desk.code()
    await desk.field.fill(f"Your code is {code}. 5 minutes left. Questions? +1 555 123 4567\n\n@phones.example #{code}")
    await desk.sees("Save your recovery code")


async def test_a_wrong_code_that_is_typed_again_costs_nothing_and_tells_the_tries_left_now(desk: Desk) -> None:
    await desk.enroll()
    await desk.is_asked()
    code = await desk.code()
    first, second = other_than(code), other_than(code, 2)
    for wrong, left in ((first, 4), (second, 3), (first, 3)):
        await desk.field.fill(wrong)
        await expect(desk.error).to_contain_text(f"{left} tries left")
        await expect(desk.page.locator("#code-tries")).to_have_text(f"{left} tries left")


async def test_the_focus_is_not_lost_with_the_last_message(desk: Desk) -> None:
    await desk.enroll(policy=QUICKLY | {"sends": 2})
    await desk.is_asked()
    await expect(desk.page.locator("#resend")).to_have_attribute("aria-disabled", "false")
    await desk.page.locator("#resend").focus()
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("#more-wait")).to_have_text("No more codes can be sent.")
    await expect(desk.field).to_be_focused()
