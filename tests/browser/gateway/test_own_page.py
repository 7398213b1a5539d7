"""An app's own page, of another origin, talks to the gateway by the JavaScript client: the documented example."""

import re
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route, expect

from emulator.tests.visitor import PASSWORD, Person, other_than
from tests.browser.gateway.desk import Desk
from tests.ports import free_port
from tests.system.gateway.installation import API_KEY, Installation
from tests.system.leaks.stack import eventually

DOCS = Path(__file__).parents[3] / "docs"
SERVER = DOCS / "examples" / "own_page" / "server.py"
TAKEN = "const { FlowClient, Problem, beginLogin, now } = await import('phone-mfa-gateway-client');"


@dataclass(frozen=True)
class OwnPage:
    """The example's page in a browser. ``gateway`` allows its origin, ``address``."""

    page: Page
    gateway: str
    address: str
    desk: Desk

    async def calls(self, code: str) -> Any:
        """What JavaScript on the page, with a client of the started flow, returns."""
        client = f"{TAKEN} const flow = new FlowClient('{self.gateway}', '{self.desk.token}');"
        return await self.page.evaluate(f"async () => {{ {client} {code} }}")

    async def starts_to_enroll(self, person: Person) -> None:
        """Type everything in, and wait for the code."""
        await self.page.goto(self.address)
        await self.page.get_by_label("E-mail").fill(person.email)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_label("Phone").fill(person.number)
        await self.page.get_by_role("button", name="Send me a code").click()
        await self.says("We sent a code to")

    async def types(self, code: str) -> None:
        await self.page.get_by_label("Code").fill(code)
        await self.page.get_by_role("button", name="Check").click()

    async def says(self, sentence: str) -> None:
        await expect(self.page.get_by_role("status")).to_contain_text(sentence)


@pytest.fixture(scope="module")
async def app(whole: Installation) -> AsyncIterator[tuple[str, str]]:
    """The example, as a process, and a gateway that allows its origin. The gateway's address, and the app's."""
    address = f"http://127.0.0.1:{free_port()}"
    settings = whole.settings | {"API_KEY": API_KEY, "PORT": address.rpartition(":")[2]}
    async with whole.another_gateway(PHONE_MFA_GATEWAY_ORIGINS=address) as gateway:
        command = (sys.executable, str(SERVER))
        async with whole.processes.running("own-page", *command, settings=settings | {"GATEWAY": gateway}):
            await eventually(lambda: _answers(address))
            yield gateway, address


@pytest.fixture
def own_page(app: tuple[str, str], page: Page, desk: Desk) -> OwnPage:
    return OwnPage(page, *app, desk)


async def _answers(address: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            return (await http.get(address)).is_success
        except httpx.TransportError:
            return False


async def test_a_person_enrolls_on_the_apps_own_page(own_page: OwnPage) -> None:
    person = await own_page.desk.visitor.person()
    requested = list[str]()
    own_page.page.on("request", lambda request: requested.append(request.url))
    await own_page.starts_to_enroll(person)
    [first] = await own_page.desk.codes(person.number)

    await own_page.types(other_than(first))
    await own_page.says("That code is wrong.")

    await own_page.page.get_by_role("button", name="Send another code").click()  # once it is enabled
    await own_page.says("We sent a code to")
    _, second = await own_page.desk.codes(person.number, at_least=2)
    await own_page.types(second)

    await own_page.says("Your phone now protects your account.")
    await expect(own_page.page.locator("#recovery")).to_have_text(re.compile("^[A-Z0-9]{24}$"))
    assert f"{own_page.gateway}/client/index.js" in requested
    assert not any("/assets/" in url for url in requested)


async def test_the_script_of_the_documentation_follows_a_flow_to_its_end(own_page: OwnPage) -> None:
    [script] = re.findall(r"^```js\n(.*?)^```", DOCS.joinpath("front-ends.md").read_text(), re.MULTILINE | re.DOTALL)
    script = re.sub(
        r'^import (.*) from "(.*)";$', r'const \1 = await import("\2");', script, count=1, flags=re.MULTILINE
    )
    await own_page.desk.starts()
    code = await own_page.desk.code()
    await own_page.page.goto(own_page.address)

    told = await own_page.page.evaluate(
        f"""async ([flowToken, wrong, right]) => {{
          const told = [], tell = (...said) => told.push(said), show = () => {{}};
          let finish, fail;
          const ended = new Promise((resolve, reject) => {{ finish = (...said) => resolve(said); fail = reject; }});
          {script.replace("https://phone.example.com", own_page.gateway)}
          await submit(wrong);
          await submit(right);
          return [...told, await ended];
        }}""",
        [own_page.desk.token, other_than(code), code],
    )

    wrong, right, (outcome, recovery_code) = told
    assert (wrong[0], right[0], outcome) == ("wrong", "accepted", "enrolled")
    assert re.fullmatch("[A-Z0-9]{24}", recovery_code)


async def test_the_page_tells_what_is_wrong_with_a_password_or_a_number(own_page: OwnPage) -> None:
    person = await own_page.desk.visitor.person()
    await own_page.page.goto(own_page.address)
    await own_page.page.get_by_label("E-mail").fill(person.email)
    await own_page.page.get_by_label("Phone").fill("+49 12")
    for password, sentence in {
        "wrong": "The e-mail address or the password is wrong.",
        PASSWORD: "phone_number",
    }.items():
        await own_page.page.get_by_label("Password").fill(password)
        await own_page.page.get_by_role("button", name="Send me a code").click()
        await own_page.says(sentence)


async def test_a_password_is_in_no_address_though_the_client_does_not_load(own_page: OwnPage) -> None:
    page = await own_page.page.context.new_page()  # whose policy has something to forbid
    await page.route("**/client/index.js", lambda route: route.abort())
    requested = list[str]()
    page.on("request", lambda request: requested.append(f"{request.url} {request.post_data}"))
    await page.goto(own_page.address)
    await page.get_by_label("E-mail").fill("ada@example.com")
    await page.get_by_label("Password").fill("a-password")
    await page.get_by_label("Phone").fill("+15555550100")

    async with page.expect_console_message(lambda message: "form-action" in message.text, timeout=10_000):
        await page.evaluate("document.getElementById('start').requestSubmit()")

    assert page.url.rstrip("/") == own_page.address
    assert not [one for one in requested if "a-password" in one]
    await page.close()


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"email": "a@example.com", "password": "p", "phone_number": "+15555550100"}', "text/plain", 415),
        (b"email=a&password=p&phone_number=n", "application/x-www-form-urlencoded", 415),
        (b"no JSON", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"email": "a@example.com", "password": "p"}', "application/json", 400),
        (b'{"email": "a@example.com", "password": "p", "phone_number": "+15555550100"}', "application/json", 403),
    ],
)
async def test_the_backend_takes_json_only_which_other_sites_cannot_send(
    own_page: OwnPage, content: bytes, kind: str, status: int
) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{own_page.address}/enroll", content=content, headers={"Content-Type": kind})

    assert (answer.status_code, set(answer.json())) == (status, {"detail"})


async def test_the_page_is_in_no_frame(own_page: OwnPage) -> None:
    answer = await own_page.page.goto(own_page.address)

    assert answer is not None
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_pages_of_other_origins_can_neither_load_the_client_nor_call(
    own_page: OwnPage, installation: Installation
) -> None:
    await own_page.page.goto(own_page.address)
    load = "(address) => import(address).then(() => 'loaded', (error) => error.name)"
    assert await own_page.page.evaluate(load, f"{own_page.gateway}/client/index.js") == "loaded"

    unlisted = await own_page.page.context.new_page()  # of the other gateway's origin, which the list does not have
    await unlisted.route(f"{installation.address}/", lambda route: route.fulfill(body="", content_type="text/html"))
    await unlisted.goto(f"{installation.address}/")
    assert await unlisted.evaluate(load, f"{own_page.gateway}/client/index.js") == "TypeError"
    await unlisted.close()


async def test_a_refused_call_is_a_problem_that_says_why_and_for_how_long(own_page: OwnPage) -> None:
    await own_page.desk.starts()
    await own_page.desk.codes()
    await own_page.page.goto(own_page.address)

    told = await own_page.calls(
        "return flow.resend().catch((problem) => ({ ...problem, is: problem instanceof Problem }));"
    )

    assert told["is"]
    assert (told["type"], told["code"], told["status"]) == ("urn:phone-mfa:problem:too-early", "too-early", 429)
    assert told["title"] == "It is too early for another message."
    assert 1 <= told["retryAfter"] <= 30


async def test_what_is_no_flow_token_is_refused_at_once(own_page: OwnPage) -> None:
    await own_page.page.goto(own_page.address)

    own_page.desk.token = "no"
    with pytest.raises(PlaywrightError, match=r"TypeError: This is not a flow token\."):
        await own_page.calls("")


async def test_a_code_whose_answer_is_lost_is_submitted_again_and_counts_once(own_page: OwnPage) -> None:
    await own_page.desk.starts()
    code = await own_page.desk.code()
    await own_page.page.goto(own_page.address)
    bodies = list[Any]()

    async def lose_the_first(route: Route) -> None:
        if route.request.method == "POST":
            bodies.append(route.request.post_data_json)
        answer = await route.fetch()
        if len(bodies) == 1 and route.request.method == "POST":
            await route.abort()
        else:
            await route.fulfill(response=answer)

    await own_page.page.route("**/binding-code", lose_the_first)
    verdict = await own_page.calls(f"return flow.checkBindingCode('{other_than(code)}', {{ repeat: () => true }});")

    assert (verdict["verdict"], len(bodies), bodies[0]) == ("wrong", 2, bodies[1])
    view = await own_page.calls("return flow.view();")
    assert view["wrong_codes"] == 1


async def test_a_cancelled_flow_ends_where_it_is_followed(own_page: OwnPage) -> None:
    await own_page.desk.starts()
    await own_page.desk.codes()
    await own_page.page.goto(own_page.address)

    ended = "new Promise((resolve, reject) => flow.follow({ onEnd: resolve, onProblem: reject }))"
    assert await own_page.calls(f"const ended = {ended}; await flow.cancel(); return ended;") == "cancelled"


async def test_a_token_that_is_refused_ends_the_following(own_page: OwnPage) -> None:
    await own_page.desk.starts()
    own_page.desk.token = f"{own_page.desk.token.rpartition('.')[0]}.{'A' * 43}"
    await own_page.page.goto(own_page.address)

    told = await own_page.calls(
        "return new Promise((resolve) => { const stream = flow.follow({"
        " onProblem: ({ code, final }) => resolve({ code, final, running: stream.running }) }); });"
    )

    assert told == {"code": "unauthorized", "final": True, "running": False}


async def test_a_page_of_another_origin_is_told_to_send_the_browser_to_the_link(own_page: OwnPage) -> None:
    await own_page.desk.starts()
    await own_page.page.goto(own_page.address)

    for call in (f"beginLogin('{own_page.gateway}', 'x')", "flow.beginLogin()"):
        told = await own_page.calls(f"return {call}.catch((error) => error.message);")
        assert told.endswith("Send the browser to the link.")


async def test_a_device_whose_clock_is_wrong_learns_the_gateways(own_page: OwnPage) -> None:
    await own_page.desk.starts()
    await own_page.page.clock.install(time=datetime.now(UTC) - timedelta(hours=1))
    await own_page.page.goto(own_page.address)

    theirs = await own_page.calls("await flow.view(); return now();")

    assert abs(theirs / 1000 - time.time()) < 30
