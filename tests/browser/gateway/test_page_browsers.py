"""Browsers that have more than most, and less: the page takes what there is."""

from playwright.async_api import expect

from tests.browser.gateway.desk import QUICKLY, Desk

READS_TEXTS = """
  window.OTPCredential = class {};
  window.asked = [];
  navigator.credentials.get = ({ otp, signal }) => new Promise((resolve, reject) => {
    window.asked.push(otp.transport.join());
    window.arrive = (code) => resolve({ code });
    signal.addEventListener("abort", () => reject(signal.reason));
  });
"""
"""What phones have and Chromium on a desktop has not: a browser that reads a code out of a text message (WebOTP)."""

KEEPS_NOTHING = """
  for (const store of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, store, { get() { throw new DOMException("no", "SecurityError"); } });
"""
PLAIN_HTTP = """
  delete Crypto.prototype.randomUUID;
  Object.defineProperty(navigator, "clipboard", { value: undefined });
"""
"""What browsers take away from pages that come by plain HTTP."""


async def test_a_browser_that_reads_text_messages_fills_the_code_in(desk: Desk) -> None:
    await desk.page.add_init_script(READS_TEXTS)
    await desk.enroll(policy=QUICKLY)
    await desk.is_asked()
    await desk.button("Send a new code").click()
    await expect(desk.notice).to_contain_text("A new code is on its way")
    codes = await desk.codes(at_least=2)
    await desk.page.evaluate("(code) => window.arrive(code)", codes[-1])
    await desk.sees("Save your recovery code")
    assert set(await desk.page.evaluate("window.asked")) == {"sms"}


async def test_a_browser_that_keeps_nothing_for_us_still_gets_to_the_end(desk: Desk) -> None:
    await desk.page.add_init_script(KEEPS_NOTHING)
    await desk.enroll()
    await desk.is_asked()
    await desk.types_a_wrong_code()
    await desk.types_the_code()
    await desk.saves_the_recovery_code()
    await desk.sees("Your phone is set up")


async def test_by_plain_http_codes_are_submitted_and_the_recovery_code_copied(desk: Desk) -> None:
    await desk.page.add_init_script(PLAIN_HTTP)
    await desk.enroll()
    await desk.is_asked()
    await desk.types_the_code()
    await desk.button("Copy").click()
    await expect(desk.button("Copied")).to_be_visible()
