"""Logins at the tenant's pages: of somebody with a browser that runs no scripts, and of commands that wait for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import httpx

from emulator.tests.visitor import Person
from tests.command_line import Ran
from tests.integration.starter.logins import followed
from tests.ports import free_port
from tests.system.leaks.play import Play
from tests.system.leaks.stack import PUBLIC_URL
from tests.system.starter.work import WaitingLogin, waiting_login

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
NATIVE = {"client_id": "our-native-application", "app_type": "native", "grant_types": [DEVICE_CODE]}


@asynccontextmanager
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser: it is led through the tenant's pages, and not away from them."""
    async with httpx.AsyncClient(trust_env=False, timeout=60, follow_redirects=False) as http:
        yield http


async def at_login_pages(play: Play, person: Person, http: httpx.AsyncClient, url: str) -> httpx.Response:
    """Give the password, unless there is a session, and agree to everything; the answer that ends it."""
    page = await followed(http, await http.get(url))
    while page.status_code == HTTPStatus.OK and "<form" in page.text:
        page = await followed(http, await http.post(page.url, data=_answer(play, person, page.url.path)))
    return page


def _answer(play: Play, person: Person, path: str) -> dict[str, str]:
    """What somebody fills in who agrees to everything."""
    if path.startswith("/u/login"):
        return {"username": person.email, "password": play.people.passwords[person.email]}
    return {"action": "confirm" if path.startswith("/u/device") else "accept"}


def code_in(play: Play, answer: httpx.Response) -> str:
    """The query that a browser brings back; its authorization code is noted."""
    query = urlsplit(answer.headers["location"]).query
    play.gateway.secrets.token("authorization code", parse_qs(query)["code"][0])
    return query


async def somebody_logs_in_with_a_browser(play: Play) -> None:
    """For a command on the same computer. What it writes is a secret, what it shows is none."""
    person, port = await play.people.person(), free_port()
    callbacks = [f"{PUBLIC_URL}/login/callback", f"http://127.0.0.1:{port}/callback"]
    application = {"client_id": "our-application", "client_secret": play.stack.own.client_secret}
    await play.people.control("POST", "clients", application | {"callbacks": callbacks})
    options = ("--browser", "--no-open", "--port", str(port))
    async with _waiting(play, *options) as login, browser() as http:
        back = await at_login_pages(play, person, http, await login.address())
        code_in(play, back)
        await http.get(back.headers["location"])
        await _ended(play, login, options)


async def somebody_logs_in_on_another_device(play: Play) -> None:
    """For a command of an application without credentials."""
    person = await play.people.person()
    await play.people.control("POST", "clients", NATIVE)
    native = {"AUTH0_CLIENT_ID": NATIVE["client_id"], "AUTH0_CLIENT_SECRET": "", "AUTH0_PUBLIC_CLIENT": "true"}
    async with _waiting(play, "--device", **native) as login, browser() as http:
        end = await at_login_pages(play, person, http, await login.address())
        assert "connected" in end.text
        await _ended(play, login, ("--device",))


@asynccontextmanager
async def _waiting(play: Play, *options: str, **changed: object) -> AsyncIterator[WaitingLogin]:
    settings = play.stack.settings | {name: str(value) for name, value in changed.items()}
    async with waiting_login(settings, *options) as login:
        play.stack.processes.note(f"login {options[0]}", login.process.pid)
        yield login


async def _ended(play: Play, login: WaitingLogin, options: tuple[str, ...]) -> None:
    code, out = await login.end()
    assert (code, len(out.split())) == (0, 1), login.shown
    play.stack.processes.ran.append((("login", *options), Ran(code, out, login.shown)))
