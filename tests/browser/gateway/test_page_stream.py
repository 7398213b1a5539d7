"""The page follows its flow by a stream of its own making, since EventSource cannot send a token in a header."""

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, Request, expect

from tests.browser.gateway.desk import Desk
from tests.system.gateway.installation import Installation

STREAM = ': hello\n\nid: 1\nevent: view\ndata: {"a":\ndata: 1}\n\nevent: lost\n\r\ndata:x\r\n\r\nid:2\rdata: ü\r\r'
EVENTS = [
    {"type": "view", "data": '{"a":\n1}', "id": "1"},
    {"type": "message", "data": "x", "id": None},
    {"type": "message", "data": "ü", "id": "2"},
]


async def called(page: Page, installation: Installation, module: str, code: str, given: object) -> Any:
    """What a function of one of the page's modules makes of something."""
    await page.goto(f"{installation.address}/enroll")
    return await page.evaluate(f"async (given) => {{ const m = await import('{module}'); {code} }}", given)


async def test_events_are_read_wherever_the_network_cuts_them(page: Page, installation: Installation) -> None:
    code = """
      return Array.from({ length: given.length + 1 }, (_, at) => {
        const parser = new m.EventParser();
        const pieces = [given.slice(0, at), given.slice(at), "\\n"];
        return pieces.flatMap((piece) => [...parser.read(piece)]);
      });"""
    for events in await called(page, installation, "/client/event_stream.js", code, STREAM):
        assert events == EVENTS


async def test_languages_are_chosen_by_their_nearest_name(page: Page, installation: Installation) -> None:
    code = "return given.map((wanted) => m.choose(wanted, ['de', 'en', 'zh-Hant']));"
    wanted = [["de-CH", "en"], ["pt", "de"], ["zh-Hant-TW"], ["zh-Hans"], ["xx", "yy"], []]
    assert await called(page, installation, "/assets/i18n.js", code, wanted) == [
        "de",
        "de",
        "zh-Hant",
        "en",
        "en",
        "en",
    ]


async def test_a_stream_that_fell_silent_is_opened_again_where_it_stopped(desk: Desk) -> None:
    opened: list[Request] = []
    desk.page.on("request", lambda request: opened.append(request) if request.url.endswith("/events") else None)
    await desk.page.clock.install()
    await desk.enroll()
    await desk.is_asked()
    async with desk.page.expect_response("**/events") as answered:
        await desk.page.clock.fast_forward(41_000)
        await desk.page.clock.run_for(2_000)
    assert (await answered.value).ok
    first, *again = opened
    assert again
    assert "last-event-id" not in first.headers
    assert all(request.headers["last-event-id"] for request in again)
    assert all(request.headers["authorization"] == f"Bearer {desk.token}" for request in opened)
    assert not any(desk.token in request.url for request in opened)


async def test_a_stream_that_ended_is_not_opened_again_by_a_network_that_goes_and_comes(desk: Desk) -> None:
    opened: list[Request] = []
    desk.page.on("request", lambda request: opened.append(request) if request.url.endswith("/events") else None)
    await desk.enroll()
    await desk.is_asked()
    await desk.types_the_code()
    await desk.sees("Save your recovery code")
    before = len(opened)

    for offline in (True, False):
        await desk.page.context.set_offline(offline)
        await desk.page.wait_for_function("(online) => navigator.onLine === online", arg=not offline)

    await desk.saves_the_recovery_code()
    await desk.sees("Your phone is set up")
    assert len(opened) == before


async def test_a_code_that_is_about_to_run_out_is_announced_and_pointed_out(desk: Desk) -> None:
    soon = datetime.now(UTC) - timedelta(seconds=592)  # its login lives eight seconds more, and so does the code
    await desk.enroll(mfa_token_issued_at=soon.isoformat())
    await desk.is_asked()
    await expect(desk.page.locator("#spoken")).to_contain_text("The code is valid for another")
    await expect(desk.page.locator("#code-clock")).to_have_class("soon")
    await expect(desk.page.get_by_role("heading", level=1)).to_have_text("Please sign in again", timeout=15_000)
