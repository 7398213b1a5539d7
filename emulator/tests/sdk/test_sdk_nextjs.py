"""@auth0/nextjs-auth0, as published, in an application made with Next.js, in Chromium."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.async_api import Browser, expect

from emulator.tests.chromium import browser
from emulator.tests.sdk.page_application import PageApplication, Report, page_of
from emulator.tests.sdk.page_journeys import JOURNEYS, again, enroll_phone, mfa_token, signed_in
from emulator.tests.sdk.static_site import MODULES
from emulator.tests.visitor import Person, Visitor

__all__ = ["browser"]

SOURCES = MODULES.parent / "nextjs"
NEXT = str(MODULES / "next" / "dist" / "bin" / "next")
NODE = shutil.which("node") or ""
BUILD_SECONDS, START_SECONDS = 200, 60

pytestmark = [
    pytest.mark.skipif(not NODE or not (MODULES / "next").is_dir(), reason="`make setup` has not installed the SDK"),
    pytest.mark.timeout(BUILD_SECONDS + START_SECONDS + 120),  # the first test builds the application
]


@dataclass
class NextApplication(PageApplication):
    """The application: its server renews tokens, and its page calls the server for MFA."""

    async def renew(self) -> Report:
        return await self.sdk("renew")

    async def forget(self) -> None:
        await self.context.clear_cookies()
        await self.open()

    async def mfa_access_token(self, person: Person, scope: str) -> str:
        wanted = {"audience": f"{self.tenant}/mfa/", "scope": f"openid offline_access {scope}"}
        await self.page.goto(f"{self.origin}/auth/login?{httpx.QueryParams(wanted)}")
        await self.pass_mfa(person)
        return str((await self.renew())["value"])


@pytest.fixture(scope="module")
def tenant_address(address: str) -> str:
    return address.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def origin(tenant_address: str) -> Iterator[str]:
    """Build the application, and start its server for the emulator."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    origin = f"http://localhost:{port}"
    environment = {
        "NEXT_TELEMETRY_DISABLED": "1",
        "NO_PROXY": "localhost",
        "AUTH0_DOMAIN": tenant_address,
        "AUTH0_CLIENT_ID": "emulator-client",
        "AUTH0_CLIENT_SECRET": "emulator-secret",
        "AUTH0_SECRET": "0123456789abcdef" * 4,
        "APP_BASE_URL": origin,
    }
    surroundings = os.environ | environment
    built = subprocess.run(
        [NODE, NEXT, "build"], cwd=SOURCES, env=surroundings, capture_output=True, timeout=BUILD_SECONDS, check=False
    )
    assert built.returncode == 0, built.stdout.decode() + built.stderr.decode()
    command = [NODE, NEXT, "start", "--hostname", "127.0.0.1", "--port", port]
    with subprocess.Popen(command, cwd=SOURCES, env=surroundings, start_new_session=True) as server:
        try:
            wait_for(server, f"http://127.0.0.1:{port}")
            yield origin
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)


def wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server of the application ended"
        with contextlib.suppress(httpx.TransportError):
            assert httpx.get(address, trust_env=False, timeout=START_SECONDS).status_code == 200
            return
        time.sleep(0.1)
    pytest.fail("the server of the application does not answer")


@pytest.fixture
async def app(browser: Browser, visitor: Visitor, tenant_address: str, origin: str) -> AsyncIterator[NextApplication]:
    urls = {"callbacks": [f"{origin}/auth/callback"], "allowed_logout_urls": [origin]}
    await visitor.control("POST", "clients", {"client_id": "emulator-client", **urls})
    async with page_of(browser) as page:
        app = NextApplication(page.context, page, origin, tenant_address, visitor, "getAccessToken")
        await app.open()
        yield app


async def test_nextjs_signs_in_by_redirect_and_out(app: NextApplication) -> None:
    await app.visitor.switch(mfa_required=False)
    person = await app.visitor.person()
    await app.log_in(person)
    await expect(app.page.get_by_role("heading")).to_have_text(person.email)
    first = await app.value("getAccessToken")
    renewed = await app.value("renew")
    assert first != renewed == await app.value("getAccessToken")
    await app.page.get_by_role("button", name="Log out").click()
    await expect(app.page.get_by_role("heading")).to_have_text("Nobody")
    assert (await app.visitor.events(person))[-1] == "slo"


@pytest.mark.parametrize("journey", [name for name in JOURNEYS if name != "push"])
async def test_nextjs_goes_through_mfa(app: NextApplication, journey: str) -> None:
    await JOURNEYS[journey](app)


async def test_nextjs_cannot_verify_a_push(app: NextApplication) -> None:
    """The SDK requires a code for every message, and a push has none."""
    person = await signed_in(app)
    token = await mfa_token(app)
    enrolled = await app.value("mfa.enroll", {"mfaToken": token, "factorType": "push"})
    assert enrolled["oobChannel"] == "auth0"
    await app.visitor.answer_push(person, "approve")
    refused = await app.refused("mfa.verify", {"mfaToken": token, "oobCode": enrolled["oobCode"]})
    assert refused[0] == "invalid_request"
    assert refused[1].startswith("Missing verification credential")


async def test_nextjs_challenges_nothing_where_the_tenant_tells_what_can_be(app: NextApplication) -> None:
    """The SDK compares `oob` with the types of `mfa_requirements`, of which the documentation has others."""
    person = await signed_in(app)
    await enroll_phone(app, person, await mfa_token(app))
    await app.visitor.switch(mfa_requirements=True)
    token = await again(app, person)
    [phone, *_] = [one["id"] for one in await app.value("mfa.getAuthenticators", token)]
    asked = {"mfaToken": token, "challengeType": "oob", "authenticatorId": phone}
    assert "is not allowed by mfa_requirements" in (await app.refused("mfa.challenge", asked))[1]
