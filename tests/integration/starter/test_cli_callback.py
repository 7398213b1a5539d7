"""The address that a browser comes back to takes one response, from the login that the command began."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

import httpx
import pytest

from starter.callback_url import callback_url
from starter.cli.callback import AuthorizationResponse, listening
from starter.cli.errors import BadInputError
from tests.ports import free_port

STATE = "the-state"
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def answered(port: int) -> AsyncIterator["asyncio.Future[AuthorizationResponse]"]:
    async with listening(port, STATE) as answered:
        yield answered


@pytest.fixture
async def http(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        yield http


Answered = asyncio.Future[AuthorizationResponse]


async def test_a_code_with_the_right_state_is_taken_and_the_page_can_be_closed(
    answered: Answered, http: httpx.AsyncClient
) -> None:
    page = await http.get("/callback", params={"code": "c-1", "state": STATE, "iss": "https://tenant/"})

    assert await asyncio.wait_for(answered, 5) == AuthorizationResponse("c-1", "", "https://tenant/")
    assert (page.status_code, "You can close this window" in page.text) == (200, True)
    assert page.headers["referrer-policy"] == "no-referrer"  # the code is in the address


@pytest.mark.parametrize(
    "query",
    [
        {"code": "c-1"},
        {"code": "c-1", "state": ""},
        {"code": "c-1", "state": "another-state"},
        {"code": "c-1", "state": "thé-state"},
        {"error": "access_denied", "state": "another-state"},
        {"code": MARKUP, "state": MARKUP, "error": MARKUP, MARKUP: MARKUP},
        {f"p{number}": "x" for number in range(30)} | {"state": STATE},
    ],
)
async def test_a_response_of_another_login_is_refused_and_the_wait_goes_on(
    answered: Answered, http: httpx.AsyncClient, query: dict[str, str]
) -> None:
    page = await http.get("/callback", params=query)

    assert (page.status_code, "did not begin it" in page.text, MARKUP in page.text) == (400, True, False)
    assert (await http.get("/callback", params={"code": "c-2", "state": STATE})).status_code == 200
    assert (await asyncio.wait_for(answered, 5)).code == "c-2"


async def test_it_answers_once(answered: Answered, http: httpx.AsyncClient) -> None:
    await http.get("/callback", params={"code": "c-1", "state": STATE})

    again = await http.get("/callback", params={"code": "c-2", "state": STATE})

    assert again.status_code == 400
    assert (await asyncio.wait_for(answered, 5)).code == "c-1"


async def test_of_many_at_once_one_is_taken(answered: Answered, http: httpx.AsyncClient) -> None:
    asked = [http.get("/callback", params={"code": f"c-{number}", "state": STATE}) for number in range(20)]

    statuses = [page.status_code for page in await asyncio.gather(*asked)]

    assert sorted(statuses) == [200] + [400] * 19
    assert (await asyncio.wait_for(answered, 5)).code == f"c-{statuses.index(200)}"


async def test_a_browser_that_is_closed_before_the_page_comes_has_logged_in(port: int, answered: Answered) -> None:
    with socket.create_connection(("127.0.0.1", port)) as browser:
        browser.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )  # closing resets the connection
        browser.sendall(f"GET /callback?code=c-1&state={STATE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert (await asyncio.wait_for(answered, 5)).code == "c-1"


async def test_an_error_that_carries_markup_is_not_repeated(answered: Answered, http: httpx.AsyncClient) -> None:
    query = {"error": MARKUP, "error_description": MARKUP, "state": STATE}

    page = await http.get("/callback", params=query)

    assert (page.status_code, MARKUP in page.text) == (200, False)
    assert "You are not logged in" in page.text
    assert (await asyncio.wait_for(answered, 5)).error == MARKUP


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS", "TRACE", MARKUP.replace(" ", "")])
async def test_another_method_is_refused(port: int, answered: Answered, method: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} /callback?code=c&state={STATE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    head = await asyncio.wait_for(reader.read(), 5)

    writer.close()
    assert head.startswith(b"HTTP/1.0 501 ")
    assert MARKUP.encode() not in head
    assert not answered.done()


@pytest.mark.parametrize("path", ["/", "/callback/", "/Callback", "/callback%2F", "/%3Cscript%3E"])
async def test_another_path_is_refused(answered: Answered, http: httpx.AsyncClient, path: str) -> None:
    page = await http.get(path, params={"code": "c", "state": STATE})

    assert (page.status_code, answered.done()) == (404, False)


@pytest.mark.parametrize("sent", [b"\x00\xff\r\n\r\n", b"GET /callback\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b""])
async def test_what_is_no_http_disturbs_nobody(
    port: int, answered: Answered, http: httpx.AsyncClient, sent: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(("127.0.0.1", port)) as other:
        other.sendall(sent)
        page = await http.get("/callback", params={"code": "c", "state": STATE})

    assert page.status_code == 200
    assert (await asyncio.wait_for(answered, 5)).code == "c"
    assert capfd.readouterr() == ("", "")


async def test_it_listens_on_loopback_only_and_no_longer_than_it_must(port: int) -> None:
    async with listening(port, STATE):
        others = {f"127.0.0.{last}" for last in (2, 3)} | {"::1"}
        assert not [address for address in others if await _connects(address, port)]
        assert await _connects("127.0.0.1", port)

    assert not await _connects("127.0.0.1", port)


async def test_a_port_that_is_taken_is_named(port: int, answered: Answered) -> None:
    with pytest.raises(BadInputError, match=f"port {port} cannot be used"):
        async with listening(port, STATE):
            pass


def test_a_response_is_not_shown_in_a_log() -> None:
    assert "c-1" not in repr(AuthorizationResponse("c-1", "", "https://tenant/"))
    assert callback_url(8250) == "http://127.0.0.1:8250/callback"


async def _connects(address: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(address, port)
    except OSError:
        return False
    writer.close()
    return True
