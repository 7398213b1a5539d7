"""`login --browser`: a person logs in at the tenant's page, and the command has a token for the MFA API."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from phone_mfa.contracts import ProvideMfaToken, reveal
from phone_mfa.settings import Auth0Settings
from starter.callback_url import callback_url
from starter.cli.browser_login import BrowserLogin
from starter.cli.errors import OutcomeNotReachedError
from tests.command_line import CommandLine
from tests.integration.starter.logins import Waiting, followed, logs_in, sent, settings_of
from tests.ports import free_port


@dataclass
class Desk:
    """An operator whose command waits at ``port``, and the tenant's pages in their browser."""

    address: str
    port: int
    tenant: httpx.AsyncClient
    http: httpx.AsyncClient
    waiting: Waiting

    @property
    def callback(self) -> str:
        return callback_url(self.port)

    async def register(self, **client: object) -> None:
        known = {"client_id": "emulator-client", "client_secret": "emulator-secret", "callbacks": [self.callback]}
        (await self.tenant.post("/_control/clients", json=known | client)).raise_for_status()

    async def switch(self, **switches: object) -> None:
        (await self.tenant.patch("/_control/tenant", json=switches)).raise_for_status()

    def begin(self, settings: Auth0Settings | None = None, **options: Any) -> asyncio.Task[ProvideMfaToken]:
        """Run the command, which shows the address and does not open it."""
        used = settings or settings_of(self.address)
        return self.waiting.begin(lambda show: BrowserLogin(self.port, show, **{"opens": False, **options}).token(used))

    async def login_page(self) -> httpx.Response:
        return await followed(self.http, await self.http.get(await self.waiting.url()))

    async def comes_back(self, redirect: httpx.Response, **changed: str) -> httpx.Response:
        """Follow the redirect that leaves the tenant; ``changed``: parameters that somebody else wrote."""
        location = httpx.URL(redirect.headers["location"])
        assert str(location).startswith(f"{self.callback}?")
        return await self.http.get(location.copy_merge_params(changed))


@pytest.fixture
async def desk(address: str, tenant: httpx.AsyncClient) -> AsyncIterator[Desk]:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        desk = Desk(address, free_port(), tenant, http, Waiting())
        await desk.register()
        await desk.switch(mfa_required=False)
        yield desk


async def test_a_person_logs_in_and_the_command_has_a_token_that_enrolls(desk: Desk) -> None:
    command = desk.begin(user="ada@example.com")
    page = await desk.login_page()
    assert 'value="ada@example.com"' in page.text  # the page suggests the user

    end = await desk.comes_back(await logs_in(desk.http, page))

    token = await asyncio.wait_for(command, 20)
    claims = jwt.decode(reveal(token.mfa_token), options={"verify_signature": False})
    assert claims["aud"] == f"{desk.address}/mfa/"
    assert {"enroll", "read:authenticators", "remove:authenticators"} <= set(claims["scope"].split())
    assert "You can close this window" in end.text


async def test_the_address_has_pkce_state_and_nonce_and_no_secret(desk: Desk) -> None:
    command = desk.begin()

    url = await desk.waiting.url()

    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    fresh = {asked.pop(name) for name in ("state", "nonce", "code_challenge")}
    assert min(len(value) for value in fresh) >= 43
    assert asked == {
        "response_type": "code",
        "client_id": "emulator-client",
        "redirect_uri": desk.callback,
        "scope": "openid email enroll read:authenticators remove:authenticators",
        "code_challenge_method": "S256",
        "audience": f"{desk.address}/mfa/",
        "max_age": "900",
        "prompt": "login",
    }
    assert "secret" not in url
    await ended(command)


async def test_who_is_logged_in_already_is_asked_again(desk: Desk) -> None:
    first = desk.begin()
    await desk.comes_back(await logs_in(desk.http, await desk.login_page()))
    await asyncio.wait_for(first, 20)
    desk.waiting = Waiting()

    again = desk.begin()

    assert (await desk.login_page()).request.url.path == "/u/login"
    await ended(again)


async def test_a_public_application_logs_in_without_any_secret(desk: Desk) -> None:
    await desk.register(client_id="native", client_secret=None, app_type="native")
    settings = settings_of(desk.address, client_id="native", client_secret=None, public_client=True)
    command = desk.begin(settings)

    await desk.comes_back(await logs_in(desk.http, await desk.login_page()))

    assert reveal((await asyncio.wait_for(command, 20)).mfa_token)


async def test_who_declines_is_told_so(desk: Desk) -> None:
    command = desk.begin()

    end = await desk.comes_back(await logs_in(desk.http, await desk.login_page(), "decline"))

    assert "You are not logged in" in end.text
    assert await sentence(command) == "The login was declined, or the tenant does not allow it to this user."


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("mfa_required", "The user has to pass MFA, and Auth0 did not ask for it: see the tenant's Actions."),
        ("login_required", "Auth0 did not let the user log in."),
        ("server_error", "Auth0 cannot be reached, or returned no valid response: try again later."),
        ("invalid_scope", "Auth0 refused the login (invalid_scope)."),
        ("<script>hunter2</script>\x1b[2J", "Auth0 refused the login."),
    ],
)
async def test_an_error_that_comes_back_is_one_sentence_and_never_repeated(desk: Desk, error: str, told: str) -> None:
    command = desk.begin()
    asked = parse_qs(urlsplit(await desk.waiting.url()).query)

    await desk.http.get(desk.callback, params={"error": error, "state": asked["state"][0]})

    assert await sentence(command) == told


async def test_a_login_of_another_command_is_not_taken_and_the_right_one_still_is(desk: Desk) -> None:
    command = desk.begin()
    back = await logs_in(desk.http, await desk.login_page())

    forged = await desk.comes_back(back, state="of-another-login")

    assert (forged.status_code, command.done()) == (400, False)
    await desk.comes_back(back)
    assert reveal((await asyncio.wait_for(command, 20)).mfa_token)


async def test_the_code_of_another_login_is_refused(desk: Desk) -> None:
    """Injection: a code that somebody else got, with our ``state``. The verifier does not fit."""
    other = Desk(desk.address, free_port(), desk.tenant, desk.http, Waiting())
    await desk.register(callbacks=[desk.callback, other.callback])
    theirs, ours = other.begin(), desk.begin()
    stolen = parse_qs(urlsplit((await logs_in(desk.http, await other.login_page())).headers["location"]).query)
    asked = parse_qs(urlsplit(await desk.waiting.url()).query)

    await desk.http.get(desk.callback, params={"code": stolen["code"][0], "state": asked["state"][0]})

    assert (await sentence(ours)).startswith("Auth0 does not accept the code of the login")
    await ended(theirs)


async def test_a_response_of_another_issuer_is_refused(desk: Desk) -> None:
    command = desk.begin()

    await desk.comes_back(await logs_in(desk.http, await desk.login_page()), iss="https://evil.example/")

    assert await sentence(command) == "The login that came back cannot be used (other_issuer): log in again."


async def test_nobody_who_logs_in_is_an_outcome_not_reached(desk: Desk) -> None:
    command = desk.begin(limit_seconds=0.1)

    assert await sentence(command) == "Nobody logged in in time: run the command again."


async def test_a_callback_that_is_not_allowed_is_told_before_anybody_logs_in(desk: Desk) -> None:
    await desk.register(callbacks=["https://app.example.com/callback"])

    told = await sentence(desk.begin())

    assert told.startswith(f"Add {desk.callback} to the application's Allowed Callback URLs")
    assert desk.waiting.shown == []


async def test_a_wrong_secret_is_told(desk: Desk) -> None:
    command = desk.begin(settings_of(desk.address, client_secret="wrong"))

    await desk.comes_back(await logs_in(desk.http, await desk.login_page()))

    assert (await sentence(command)).startswith("Auth0 does not accept the code of the login: check AUTH0_CLIENT_ID")


async def test_a_person_who_has_a_phone_proves_it_at_the_login_page(desk: Desk) -> None:
    phone = {"type": "phone", "phone_number": "+15555550142"}
    person = {"email": "ada@example.com", "password": "correct horse", "authenticators": [phone]}
    (await desk.tenant.post("/_control/users", json=person)).raise_for_status()
    command = desk.begin()

    page = await sent(desk.http, await desk.login_page(), username="ada@example.com", password="correct horse")
    assert page.request.url.path == "/u/mfa-sms-challenge"
    messages = (await desk.tenant.get("/_control/messages", params={"to": "+15555550142"})).json()
    page = await sent(desk.http, page, code=messages[-1]["code"])
    await desk.comes_back(await sent(desk.http, page, action="accept"))

    assert reveal((await asyncio.wait_for(command, 20)).mfa_token)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "--user is missing: or log in with --browser or --device."),
        (("--browser", "--device"), "--browser and --device cannot be combined."),
        (("--browser", "--realm", "hunter2"), "--realm and --mfa-audience are for logins with a password."),
        (("--device", "--mfa-audience"), "--realm and --mfa-audience are for logins with a password."),
        (("--device", "--user", "hunter2"), "--user cannot be combined with --device."),
        (("--user", "hunter2", "--no-open"), "--no-open needs --browser."),
        (("--browser", "--port", "hunter2"), "--port must be"),
    ],
)
def test_options_that_do_not_go_together_are_named(run: CommandLine, options: tuple[str, ...], told: str) -> None:
    refused = run("login", *options, typed="hunter2")

    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"Error: {told}")
    assert "hunter2" not in refused.err


async def sentence(command: asyncio.Task[ProvideMfaToken]) -> str:
    with pytest.raises(OutcomeNotReachedError) as refused:
        await asyncio.wait_for(command, 20)
    return str(refused.value)


async def ended(command: asyncio.Task[ProvideMfaToken]) -> None:
    command.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await command
