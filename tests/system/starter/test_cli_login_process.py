"""What only a process shows of `login --browser`: the browser that it opens, its output, and Ctrl-C."""

import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.starter.conftest import APPLICATION
from tests.integration.starter.logins import followed, logs_in
from tests.ports import free_port
from tests.system.starter.work import waiting_login


@pytest.fixture
async def port(tenant: httpx.AsyncClient) -> int:
    """A port whose callback the application may use."""
    port = free_port()
    client = {"client_id": "emulator-client", "callbacks": [f"http://127.0.0.1:{port}/callback"]}
    (await tenant.post("/_control/clients", json=client | {"client_secret": "emulator-secret"})).raise_for_status()
    await tenant.patch("/_control/tenant", json={"mfa_required": False})
    return port


async def test_it_opens_the_browser_whose_output_does_not_mix_with_the_token(
    address: str, port: int, tmp_path: Path
) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser.py"
    browser.write_text(f"import sys\nprint('noise', flush=True)\nopen({str(opened)!r}, 'w').write(sys.argv[1])\n")
    settings = {"AUTH0_DOMAIN": address, "BROWSER": f"{sys.executable} {browser} %s", **APPLICATION}
    async with (
        waiting_login(settings, "--browser", "--port", str(port)) as login,
        httpx.AsyncClient(base_url=address, trust_env=False) as http,
    ):
        url = await login.address()
        page = await followed(http, await http.get(url))
        back = await logs_in(http, page)
        while not opened.exists() or not opened.read_text():
            assert (await http.get("/_control/health")).is_success  # each look is a round trip
        await http.get(back.headers["location"])
        token = await login.token()

    assert opened.read_text() == url
    assert token.startswith("eyJ")
    assert token.count("\n") == 1


async def test_ctrl_c_ends_it_and_frees_the_port(address: str, port: int) -> None:
    settings = {"AUTH0_DOMAIN": address, **APPLICATION}
    async with waiting_login(settings, "--browser", "--no-open", "--port", str(port)) as login:
        await login.address()
        login.process.send_signal(signal.SIGINT)

        code, out = await login.end()

    assert (code, out) == (130, "")
    assert "Traceback" not in login.shown
    socket.create_server(("127.0.0.1", port)).close()
