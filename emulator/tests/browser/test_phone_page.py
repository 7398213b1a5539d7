"""The phone page in a real browser."""

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from auth0_mfa_emulator.phone.mail import Mail
from auth0_mfa_emulator.phone.message import Draft
from emulator.tests.listening import OwnEmulator, own_emulator
from emulator.tests.visitor import Visitor


async def opened(page: Page, address: str, query: str = "") -> None:
    await page.goto(f"{address}/_phone{query}")
    await expect(page.locator("#state")).to_have_text("live")


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def test_a_code_appears_on_the_open_page_without_a_reload(visitor: Visitor, address: str, page: Page) -> None:
    await opened(page, address)
    await expect(page.get_by_role("heading", name="No messages yet")).to_be_visible()
    await page.evaluate("window.untouched = true")
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number)
    await expect(page.locator("article output")).to_have_text(await visitor.code(person.number))
    await expect(page.get_by_role("article", name=person.number)).to_contain_text("SMS")
    await expect(page.locator("#spoken")).to_contain_text(f"SMS to {person.number}")
    await expect(page.get_by_role("heading", name="No messages yet")).to_be_hidden()
    assert await page.evaluate("window.untouched") is True


async def test_the_line_that_browsers_read_is_shown_as_it_arrives(visitor: Visitor, address: str, page: Page) -> None:
    await visitor.control("PATCH", "tenant", {"origin_bound_host": "localhost:8088"})
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number)
    await opened(page, address)
    lines = (await page.locator("article .text").inner_text()).splitlines()
    assert lines[1:] == ["", f"@localhost:8088 #{await visitor.code(person.number)}"]


async def test_the_empty_page_teaches_how_to_send_a_message(own: OwnEmulator, page: Page) -> None:
    address = own.address
    await opened(page, address)
    example = page.locator("#example")
    for shown in (f"curl {address}/_control/users", f"curl {address}/oauth/token", f"curl {address}/mfa/associate"):
        await expect(example).to_contain_text(shown)


async def test_the_newest_message_is_on_top(own: OwnEmulator, page: Page) -> None:
    own.send("+15550001", code="111111")
    await opened(page, own.address)
    own.send("+15550001", "voice", code="222222")
    await expect(page.locator("article output")).to_have_text(["222222", "111111"])
    await expect(page.locator("article li").first).to_contain_text("“Hello, you requested")


@pytest.mark.parametrize("granted", [True, False])
async def test_the_copy_button_copies_the_code(
    own: OwnEmulator, context: BrowserContext, page: Page, granted: bool
) -> None:
    await context.grant_permissions(["clipboard-read", *(["clipboard-write"] if granted else [])])
    if not granted:
        await page.add_init_script("delete Navigator.prototype.clipboard")
    await opened(page, own.address)
    own.send("+15550001", code="424242")
    button = page.get_by_role("button", name="Copy the code 424242")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(button).to_have_text("Copied")
    await expect(page.locator("#spoken")).to_have_text("Copied")
    await expect(button).to_be_focused()
    field = page.get_by_role("searchbox")
    await field.focus()
    await page.keyboard.press("Control+V")
    await expect(field).to_have_value("424242")


@pytest.mark.parametrize(("button", "decision"), [("Approve", "approved"), ("Deny", "denied")])
async def test_a_push_is_answered_on_the_page(own: OwnEmulator, page: Page, button: str, decision: str) -> None:
    await opened(page, own.address)
    sent = own.send("ada@example.com", "push", None)
    await page.get_by_role("button", name=button).click()
    await expect(page.locator(".result")).to_have_text(decision.capitalize())
    await expect(page.get_by_role("button", name=button)).to_be_hidden()
    message = own.emulator.tenant.inbox.find(str(sent.message_id))
    assert message
    assert message.decision == decision


async def test_a_push_answered_elsewhere_shows_it(own: OwnEmulator, page: Page) -> None:
    await opened(page, own.address)
    sent = own.send("ada@example.com", "push", None)
    await expect(page.get_by_role("button", name="Deny")).to_be_visible()
    own.emulator.tenant.inbox.decide(str(sent.message_id), "denied")
    await expect(page.locator(".result")).to_have_text("Denied")


async def test_an_e_mail_shows_its_subject(own: OwnEmulator, page: Page) -> None:
    await opened(page, own.address)
    own.send("Ada@example.com", "email")
    await expect(page.locator(".subject")).to_have_text("Your verification code for Acme")
    await expect(page.get_by_role("article", name="ada@example.com")).to_contain_text("E-mail")


async def test_a_mail_of_an_application_has_its_sender_and_links_that_open(own: OwnEmulator, page: Page) -> None:
    await opened(page, own.address)
    tenant, link = own.emulator.tenant, f"{own.address}/_control?a=1&b=<2>"
    hostile = '<b>hi</b> javascript:alert(1) https://[ HTTP://x" onclick="alert(1)'
    mail = Mail("Acme <no-reply@acme.example>", "<i>You</i> are invited", f"Accept: {link}.\n{hostile}")
    tenant.inbox.send(Draft("ada@example.com", "email", None, None, "", mail=mail), tenant.clock.now())
    article = page.get_by_role("article", name="ada@example.com")
    await expect(article.locator(".text")).to_have_text(mail.text, use_inner_text=True)
    await expect(article.locator(".sender")).to_have_text(f"From {mail.sender}")
    await expect(article.locator(".subject")).to_have_text(mail.subject)
    links = article.locator(".text a")
    assert await links.evaluate_all("all => all.map((one) => [one.textContent, one.rel, one.attributes.length])") == [
        [f"{own.address}/_control?a=1&b=", "noopener noreferrer", 3],
        ["https://[", "noopener noreferrer", 3],
        ["HTTP://x", "noopener noreferrer", 3],
    ]
    async with page.context.expect_page() as opening:
        await links.first.click()
    assert (await opening.value).url == f"{own.address}/_control?a=1&b="
    await expect(article.get_by_role("button", name="Copy")).to_be_hidden()


async def test_a_stranger_has_a_phone_of_their_own(visitor: Visitor, address: str, page: Page) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number)
    await visitor.message_fault("changed_hands", to=person.number)
    await visitor.associate(token, person.number)
    await opened(page, address)
    await expect(page.get_by_role("article")).to_have_count(2)
    stranger = page.get_by_role("article", name=f"{person.number}, held by a stranger")
    await expect(stranger).to_contain_text("changed hands")


async def test_the_phones_can_be_filtered_and_linked_to(own: OwnEmulator, page: Page) -> None:
    own.send("+15550001")
    own.send("+15550002")
    await opened(page, own.address, "?to=%2B15550002")
    await expect(page.get_by_role("article")).to_have_count(1)
    await expect(page.get_by_role("article", name="+15550002")).to_be_visible()
    await page.get_by_role("searchbox").fill("0001")
    await expect(page.get_by_role("article", name="+15550001")).to_be_visible()
    await expect(page.get_by_role("article", name="+15550002")).to_be_hidden()
    await page.wait_for_url("**/_phone?to=0001")


async def test_a_link_finds_what_the_stream_no_longer_begins_with(own: OwnEmulator, page: Page) -> None:
    own.send("+15550001")
    for _ in range(300):
        own.send("+15550002")
    await opened(page, own.address, "?to=15550001")
    await expect(page.get_by_role("article", name="+15550001")).to_be_visible()


async def test_a_reset_empties_the_page(visitor: Visitor, address: str, page: Page) -> None:
    await opened(page, address)
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number)
    await expect(page.get_by_role("article")).to_have_count(1)
    await visitor.control("POST", "reset")
    await expect(page.get_by_role("article")).to_have_count(0)
    await expect(page.get_by_role("heading", name="No messages yet")).to_be_visible()


async def test_hostile_text_is_shown_as_text(own: OwnEmulator, page: Page) -> None:
    hostile = "<img src=x onerror=document.title='taken'><script>document.title='taken'</script>"
    await opened(page, own.address)
    own.send(f"{hostile}@example.com", "email", hostile, hostile)
    await expect(page.locator("article output")).to_have_text(hostile)
    await expect(page.locator("article h2")).to_contain_text(hostile.lower())
    assert await page.locator("article img, article script").count() == 0
    assert await page.title() == "Emulated phones"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everything_is_accessible_and_nothing_overflows_on_a_small_screen(
    own: OwnEmulator, page: Page, axe: str, scheme: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    await page.set_viewport_size({"width": 320, "height": 640})
    await opened(page, own.address)
    assert await fits(page)
    own.send("+15550001")
    own.send("+15550001", "voice")
    own.send("a" * 64 + "@example.com", "email", name="W" * 200)
    own.send("ada@example.com", "push", None)
    mail, tenant = Mail("a" * 100, "b" * 100, f"https://acme.example/{'c' * 300} d"), own.emulator.tenant
    tenant.inbox.send(Draft("bea@example.com", "email", None, None, "", mail=mail), tenant.clock.now())
    await expect(page.get_by_role("article")).to_have_count(4)
    assert await fits(page)
    await page.evaluate(axe)
    found = await page.evaluate("axe.run(document)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []


async def test_a_page_cut_off_says_so_and_comes_back(context: BrowserContext) -> None:
    page = await context.new_page()
    async with own_emulator() as first:
        await opened(page, first.address)
        first.send("+15550001")
        await expect(page.get_by_role("article", name="+15550001")).to_be_visible()
    await expect(page.locator("#state")).to_have_text("reconnecting")
    async with own_emulator(int(first.address.rsplit(":")[-1])) as second:
        second.send("+15550002")
        await expect(page.locator("#state")).to_have_text("live", timeout=20_000)
        await expect(page.get_by_role("article", name="+15550002")).to_be_visible()
        await expect(page.get_by_role("article")).to_have_count(1)


async def test_the_files_of_the_page_may_run_nothing_foreign(http: httpx.AsyncClient) -> None:
    kinds = {
        "": "text/html",
        "/base.css": "text/css",
        "/phone.css": "text/css",
        "/phone.js": "text/javascript",
        "/icon.svg": "image/svg+xml",
    }
    for path, kind in kinds.items():
        answer = await http.get(f"/_phone{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == kind
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        for unsafe in ("innerHTML", "style=", "onclick=", "unsafe-inline"):
            assert unsafe not in answer.text


async def test_the_page_is_no_part_of_the_tenant(visitor: Visitor) -> None:
    await visitor.fault("*", "*", "reset", times=10)
    assert (await visitor.http.get("/_phone")).status_code == 200
    unknown = await visitor.http.get("/_phone/__init__.py")
    assert (unknown.status_code, unknown.json()) == (404, {"error": "Not Found"})
    assert await visitor.control("GET", "requests") == []
