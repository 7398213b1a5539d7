"""The control page in a real browser."""

import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal, get_args

import httpx
import pytest
from playwright.async_api import BrowserContext, Dialog, Page, expect

import auth0_mfa_emulator
from auth0_mfa_emulator.calls.faults import Fault
from auth0_mfa_emulator.phone.message import Medium
from auth0_mfa_emulator.phone.message_faults import MessageFault
from auth0_mfa_emulator.tenant.settings import Settings
from emulator.tests.listening import OwnEmulator, own_emulator
from emulator.tests.visitor import Visitor

PICTURE = Path(auth0_mfa_emulator.__file__).parent / "images" / "control.png"
SECTIONS = ("users", "settings", "clock", "faults", "requests", "applications", "logs")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"type": "phone", "phone_number": "+15555550100", "preferred": "voice"}
APP = {"type": "totp", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}
ADA = {
    "email": "ada@example.com",
    "password": "pw",
    "email_verified": True,
    "authenticators": [PHONE, APP, {"type": "push", "confirmed": False}, {"type": "recovery-code"}],
}
HOSTILE = "<img/src=x/onerror=document.title='taken'>" + "w" * 60 + "@example.com"


@pytest.fixture
async def tester(own: OwnEmulator) -> AsyncIterator[Visitor]:
    """A client of the emulator whose page is open."""
    async with httpx.AsyncClient(base_url=own.address, trust_env=False) as http:
        yield Visitor(http)


@pytest.fixture
async def refused_page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page without errors, except that the browser reports refused calls."""
    page, complaints = await context.new_page(), list[str]()
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    yield page
    assert complaints == []


async def opened(page: Page, own: OwnEmulator, section: str = "users") -> None:
    await page.goto(f"{own.address}/_control#{section}")
    await expect(page.locator("#state")).to_have_text("live")


def card(page: Page, heading: str) -> Any:
    return page.locator(".card").filter(has=page.get_by_role("heading", name=heading))


async def use_everything(tester: Visitor) -> None:
    """A tenant with something to see in every section."""
    await tester.control("POST", "users", {"email": HOSTILE, "password": "pw"})
    await tester.control("POST", "users", {"email": "grace@example.com", "password": "pw", "blocked": True})
    await tester.control("POST", "users", ADA)
    await tester.control("POST", "clients", {"client_id": "<b>client</b>"})
    await tester.enroll(await tester.person(email_verified=True))
    await tester.fault("POST", "/oauth/token", "drop_response", match={"grant_type": "<i>x</i>"})
    await tester.fault("GET", "/mfa/*", "status", times=None, body={"error": "x"})
    await tester.message_fault("delay", seconds=60)
    await tester.message_fault("changed_hands", to="+15555550100")
    await tester.switch(code_seconds=60, plan="free", refusals={"expired_token": {"status": 401}})
    await tester.advance(3_600)
    await tester.http.get("/mfa/authenticators")
    await tester.http.get(f"/nowhere/{'x' * 200}<script>")


async def test_users_are_added_blocked_and_removed(own: OwnEmulator, tester: Visitor, page: Page) -> None:
    await opened(page, own)
    await expect(page.locator("#user-range")).to_have_text("No users yet.")
    await page.get_by_label("E-mail", exact=True).fill("ada@example.com")
    await page.get_by_label("Password").fill("pw")
    await page.get_by_label("e-mail verified").check()
    await page.get_by_role("button", name="Add").click()
    await expect(page.locator("#spoken")).to_have_text("ada@example.com is added")
    (ada,) = (await tester.control("GET", "users"))["users"]
    assert (ada["email"], ada["email_verified"], ada["blocked"]) == ("ada@example.com", True, False)
    await page.get_by_role("button", name="Block ada@example.com", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(card(page, "ada@example.com")).to_contain_text("blocked")
    assert [user["blocked"] for user in (await tester.control("GET", "users"))["users"]] == [True]
    await page.get_by_role("button", name="Unblock ada@example.com").click()
    await expect(page.get_by_role("button", name="Block ada@example.com", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Remove ada@example.com").click()
    await expect(page.locator("#user-range")).to_have_text("No users yet.")
    assert (await tester.control("GET", "users"))["total"] == 0


async def test_a_user_that_a_test_adds_appears_with_their_authenticators(
    own: OwnEmulator, tester: Visitor, page: Page
) -> None:
    await opened(page, own)
    await tester.control("POST", "clock", {"frozen": True})
    await tester.control("POST", "users", ADA)
    shown = card(page, "ada@example.com")
    (ada,) = (await tester.control("GET", "users"))["users"]
    codes = {one["type"]: one.get("code") or one.get("recovery_code") for one in ada["authenticators"][:2]}
    for text in (
        "Phone +15555550100 by call",
        f"Authenticator app code {codes['totp']}",
        "Push Emulated phone pending",
    ):
        await expect(shown.locator("li").filter(has_text=text)).to_have_count(1)
    await expect(shown.get_by_role("link", name="+15555550100")).to_have_attribute("href", "_phone?to=%2B15555550100")
    await shown.get_by_role("button", name=re.compile("Remove Phone dev_")).click()
    await expect(shown).not_to_contain_text("+15555550100")


async def test_an_address_that_is_none_is_one_sentence_on_the_page(own: OwnEmulator, refused_page: Page) -> None:
    page = refused_page
    await opened(page, own)
    await page.evaluate("document.getElementById('new-user').noValidate = true")
    await page.get_by_label("Password").fill("pw")
    await page.get_by_label("E-mail", exact=True).fill("ada")
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_role("alert")).to_contain_text("email: String should match pattern")


async def test_a_hundred_thousand_users_are_searched_and_paged(own: OwnEmulator, tester: Visitor, page: Page) -> None:
    for part in range(20):
        users = [{"email": f"user{part}-{number}@example.com", "password": "pw"} for number in range(5_000)]
        await tester.control("POST", "seed", {"users": users})
    await opened(page, own)
    await expect(page.locator("#user-range")).to_have_text("1 to 50 of 100,000")
    await page.get_by_role("button", name="Older").click()
    await expect(page.locator("#user-range")).to_have_text("51 to 100 of 100,000")
    started = time.monotonic()
    await page.get_by_role("searchbox", name="E-mail, number or id").press_sequentially("user7-4321@")
    await expect(page.locator("#user-range")).to_have_text("1 to 1 of 1")
    await expect(card(page, "user7-4321@example.com")).to_be_visible()
    assert time.monotonic() - started < 5


async def test_a_setting_is_changed_with_a_click_and_reset(own: OwnEmulator, tester: Visitor, page: Page) -> None:
    await opened(page, own, "settings")
    await page.get_by_role("checkbox", name="mfa_required").uncheck()
    await page.get_by_role("combobox", name="plan").select_option("free")
    await page.get_by_label("code_seconds", exact=True).fill("30")
    await page.keyboard.press("Enter")
    await page.get_by_label("sends", exact=True).fill('{"burst": 2}')
    await page.get_by_label("refusals.expired_token", exact=True).fill('{"status": 401}')
    await page.get_by_label("friendly_name", exact=True).fill("Acme")
    await page.keyboard.press("Tab")
    await expect(page.locator("#spoken")).to_have_text("friendly_name is changed")
    shown = await tester.control("GET", "tenant")
    assert (shown["mfa_required"], shown["plan"], shown["code_seconds"]) == (False, "free", 30)
    assert (shown["friendly_name"], shown["sends"]) == ("Acme", {"burst": 2, "per_seconds": 3600})
    assert shown["refusals"]["expired_token"]["status"] == 401
    await page.get_by_label("changed ones only").check()
    await expect(page.locator(".setting:visible")).to_have_count(6)
    for name in ("mfa_required", "plan", "code_seconds", "sends", "refusals.expired_token", "friendly_name"):
        await page.get_by_role("button", name=f"Reset {name} to its default").click()
        await expect(page.locator("#spoken")).to_have_text(f"{name} is changed")
    await expect(page.get_by_text("No setting matches.")).to_be_visible()
    assert own.emulator.tenant.settings == Settings()


async def test_every_setting_is_on_the_page_with_its_meaning_and_default(own: OwnEmulator, page: Page) -> None:
    await opened(page, own, "settings")
    await expect(page.locator(".changed")).to_have_count(0)
    defaults = Settings().model_dump()
    for name, field in Settings.model_fields.items():
        if name != "refusals":
            row = page.locator(".setting").filter(has=page.get_by_label(name, exact=True))
            await expect(row).to_contain_text(str(field.description).replace("`", ""))
            assert json.loads(await row.locator(".faint code").inner_text()) == defaults[name]


async def test_a_value_that_is_none_is_refused_and_the_old_one_comes_back(own: OwnEmulator, refused_page: Page) -> None:
    page = refused_page
    await opened(page, own, "settings")
    field = page.get_by_label("code_seconds", exact=True)
    await field.fill("-5")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("alert")).to_have_text("code_seconds: Input should be greater than 0.")
    await expect(field).to_have_value("300")
    await page.get_by_label("sends", exact=True).fill("{")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("alert")).to_have_text("sends: Input should be JSON.")
    assert own.emulator.tenant.settings == Settings()


async def test_the_tenant_is_reset_after_a_question(own: OwnEmulator, tester: Visitor, page: Page) -> None:
    await tester.control("POST", "users", ADA)
    await opened(page, own, "settings")

    async def decline(dialog: Dialog) -> None:
        await dialog.dismiss()

    async def accept(dialog: Dialog) -> None:
        await dialog.accept()

    page.once("dialog", decline)
    await page.get_by_role("button", name="Reset the tenant").click()
    assert (await tester.control("GET", "users"))["total"] == 1
    page.once("dialog", accept)
    await page.get_by_role("button", name="Reset the tenant").click()
    await expect(page.locator("#spoken")).to_have_text("The tenant is reset")
    assert (await tester.control("GET", "users"))["total"] == 0


async def test_the_clock_is_advanced_frozen_set_and_put_right(own: OwnEmulator, tester: Visitor, page: Page) -> None:
    await opened(page, own, "clock")
    await expect(page.locator("#pace")).to_have_text("real time")
    for name in ("+ 1 minute", "+ 5 minutes", "+ 1 hour", "+ 1 day"):
        await page.get_by_role("button", name=name).click()
    await expect(page.locator("#pace")).to_have_text("1 day ahead of real time")
    ahead = (await tester.control("GET", "clock"))["epoch_seconds"] - time.time()
    assert ahead == pytest.approx(60 + 300 + 3_600 + 86_400, abs=5)
    await page.get_by_label("Set to").fill("2026-01-31T12:00:00Z")
    await page.get_by_role("button", name="Set", exact=True).click()
    await expect(page.locator("#now")).to_contain_text("2026-01-31 12:00")
    await page.get_by_role("button", name="Freeze").click()
    await expect(page.get_by_role("button", name="Freeze", pressed=True)).to_be_visible()
    await expect(page.locator("#pace")).to_have_text("frozen")
    assert (await tester.control("GET", "clock"))["frozen"] is True
    await page.get_by_role("button", name="Back to real time").click()
    await expect(page.locator("#pace")).to_have_text("real time")
    clock = await tester.control("GET", "clock")
    assert (clock["frozen"], clock["epoch_seconds"]) == (False, pytest.approx(time.time(), abs=5))


async def test_faults_are_ordered_listed_and_cleared(own: OwnEmulator, tester: Visitor, page: Page) -> None:
    await opened(page, own, "faults")
    calls = page.get_by_role("form", name="Order a fault of calls")
    await calls.get_by_role("textbox", name="Body").fill('{"error":"x"}')
    await calls.get_by_role("spinbutton", name="Status").fill("429")
    await calls.get_by_role("button", name="Order").click()
    await expect(page.locator("#fault-list")).to_contain_text('status: 429 · body: {"error":"x"}')
    await calls.get_by_role("combobox", name="Kind").select_option("delay")
    await expect(calls.get_by_role("spinbutton", name="Status")).to_be_hidden()
    await calls.get_by_role("spinbutton", name="Seconds").fill("0.5")
    await calls.get_by_role("spinbutton", name="Times").fill("")
    await calls.get_by_role("button", name="Order").click()
    await expect(page.locator("#fault-list")).to_contain_text("delay until cleared")
    first, second = await tester.control("GET", "faults")
    assert (first["status"], first["body"], first["method"], first["path"]) == (429, {"error": "x"}, "*", "/mfa/*")
    assert (second["kind"], second["seconds"], second["times"]) == ("delay", 0.5, None)
    messages = page.get_by_role("form", name="Order a fault of messages")
    await messages.get_by_role("combobox", name="Kind").select_option("fail")
    await messages.get_by_role("textbox", name="To").fill("+15555550100")
    await messages.get_by_role("combobox", name="Channel").select_option("sms")
    await messages.get_by_role("button", name="Order").click()
    await expect(page.locator("#message-fault-list")).to_contain_text("sms to +15555550100")
    (order,) = await tester.control("GET", "message-faults")
    assert (order["kind"], order["channel"], order["times"], order["code"]) == ("fail", "sms", 1, "21211")
    for name in ("calls", "messages"):
        await page.get_by_role("button", name=f"Clear faults of {name}").click()
    await expect(page.locator("#faults-section .cards li")).to_have_count(0)
    assert await tester.control("GET", "faults") == await tester.control("GET", "message-faults") == []


async def test_every_kind_of_fault_can_be_chosen(own: OwnEmulator, page: Page) -> None:
    await opened(page, own, "faults")
    for form, name, known in (
        ("new-fault", "kind", get_args(Fault.model_fields["kind"].annotation)),
        ("new-message-fault", "kind", get_args(MessageFault.model_fields["kind"].annotation)),
        ("new-message-fault", "channel", ("any", *get_args(Medium))),
    ):
        options = await page.locator(f"#{form} [name={name}] option").all_inner_texts()
        assert sorted(options) == sorted(known)


async def test_calls_and_log_entries_appear_as_they_come(own: OwnEmulator, tester: Visitor, page: Page) -> None:
    await opened(page, own, "requests")
    await expect(page.get_by_text("No calls yet.")).to_be_visible()
    await tester.login(await tester.person())
    await expect(page.locator("#request-list tr")).to_have_text(["POST/oauth/token403"])
    await page.get_by_role("link", name="Logs").click()
    await expect(page.locator("#log-list li")).to_contain_text(["MFA Required mfar"])
    await tester.http.get("/nowhere")
    await page.get_by_role("link", name="Requests").click()
    await expect(page.locator("#request-list tr")).to_have_text(["GET/nowhere404", "POST/oauth/token403"])


async def test_applications_are_listed_and_added(own: OwnEmulator, tester: Visitor, page: Page) -> None:
    await opened(page, own, "applications")
    await expect(card(page, "emulator-client")).to_contain_text("emulator-secret")
    await page.get_by_label("Client id").fill("shop")
    await page.get_by_role("button", name="Add").click()
    await expect(card(page, "shop")).to_be_visible()
    assert [client["client_id"] for client in await tester.control("GET", "clients")][-1] == "shop"


async def test_the_pages_lead_to_each_other_and_the_keyboard_reaches_all(own: OwnEmulator, page: Page) -> None:
    await opened(page, own)
    for name in ("Users", "Settings"):
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name=name)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Settings")).to_be_focused()
    await page.get_by_role("link", name="Phones").click()
    await page.wait_for_url("**/_phone")
    await page.get_by_role("link", name="Control").click()
    await page.wait_for_url("**/_control")


async def test_hostile_names_are_shown_as_text(own: OwnEmulator, tester: Visitor, page: Page) -> None:
    await use_everything(tester)
    for section in SECTIONS:
        await opened(page, own, section)
        await expect(page.locator("h2:visible")).to_have_count(1)
        assert await page.locator("img, i, b, script:not([type=module])").count() == 0
    await opened(page, own)
    await expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    assert await page.title() == "Emulated tenant"


@pytest.mark.parametrize("section", SECTIONS)
async def test_each_section_is_accessible_light_and_dark_and_fits_a_small_screen(
    own: OwnEmulator, tester: Visitor, page: Page, axe: str, section: str
) -> None:
    await use_everything(tester)
    await opened(page, own, section)
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        for width in (1_280, 320):
            await page.set_viewport_size({"width": width, "height": 640})
            await page.evaluate(axe)
            found = await page.evaluate("(tags) => axe.run(document, { runOnly: tags })", RULES)
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_the_picture_in_the_readme_shows_the_page(
    own: OwnEmulator, tester: Visitor, page: Page, pytestconfig: pytest.Config
) -> None:
    await tester.control("POST", "users", {"email": "grace@example.com", "password": "pw", "blocked": True})
    await tester.control("POST", "users", ADA)
    await opened(page, own)
    await page.set_viewport_size({"width": 1_100, "height": 640})
    await expect(card(page, "ada@example.com")).to_contain_text("Authenticator app code")
    folder = pytestconfig.getoption("--control-page-images", default=None)
    if folder:
        await page.screenshot(path=Path(folder) / PICTURE.name, animations="disabled", full_page=True)
    assert PICTURE.is_file()


async def test_a_page_cut_off_says_so_and_comes_back(context: BrowserContext) -> None:
    page = await context.new_page()
    async with own_emulator() as first:
        await opened(page, first)
    await expect(page.locator("#state")).to_have_text("reconnecting")
    async with own_emulator(int(first.address.rsplit(":")[-1])):
        await expect(page.locator("#state")).to_have_text("live")


async def test_the_files_of_the_page_may_run_nothing_foreign(http: httpx.AsyncClient) -> None:
    folder = Path(auth0_mfa_emulator.__file__).parent / "control_plane" / "page"
    paths = [f"/_control/page/{file.name}" for file in folder.iterdir() if file.suffix != ".html"]
    assert len(paths) > 8
    for path in ("/_control", *paths):
        answer = await http.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        for unsafe in ("innerHTML", "style=", "onclick=", "unsafe-inline", "insertAdjacentHTML", "eval("):
            assert unsafe not in answer.text


async def test_another_site_cannot_press_the_buttons(
    own: OwnEmulator, tester: Visitor, context: BrowserContext
) -> None:
    await tester.control("POST", "users", ADA)
    target = f"{own.address}/_control/reset"
    async with own_emulator() as other:
        page = await context.new_page()
        await page.goto(f"{other.address}/.well-known/jwks.json")
        answer = await page.evaluate(
            "async (url) => (await fetch(url, { method: 'POST', mode: 'no-cors' })).type", target
        )
        assert answer == "opaque"
        await page.evaluate(
            """(url) => {
              const form = Object.assign(document.createElement("form"), { method: "post", action: url });
              document.body.append(form);
              form.submit();
            }""",
            target,
        )
        await expect(page.get_by_text("Another web site cannot change anything here.")).to_be_visible()
    assert (await tester.control("GET", "users"))["total"] == 1
