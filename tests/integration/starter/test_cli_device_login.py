"""`login --device`: a person logs in with a browser anywhere, while the command asks for the token."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import jwt
import pytest

from phone_mfa.contracts import ProvideMfaToken, reveal
from phone_mfa.settings import Auth0Settings
from starter.cli.device_login import log_in_on_device
from starter.cli.errors import OutcomeNotReachedError
from tests.integration.auth0.tenant import answer, refusal, scripted_tenant
from tests.integration.starter.logins import Waiting, followed, logs_in, sent, settings_of

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
BEGUN = {
    "device_code": "dc",
    "user_code": "QTZL-MCBW",
    "verification_uri": "https://tenant/activate",
    "expires_in": 30,
    "interval": 1,
}
TOKENS = {"access_token": "an.access.token", "expires_in": 600, "scope": "enroll", "token_type": "Bearer"}
NATIVE = {"client_id": "native", "client_secret": None, "public_client": True}


@dataclass
class Desk:
    """An operator whose command asks, and a browser on another device."""

    address: str
    tenant: httpx.AsyncClient
    http: httpx.AsyncClient
    waiting: Waiting

    def begin(self, settings: Auth0Settings | None = None) -> asyncio.Task[ProvideMfaToken]:
        used = settings or settings_of(self.address, **NATIVE)
        return self.waiting.begin(lambda show: log_in_on_device(used, show))

    async def confirmation(self) -> httpx.Response:
        return await followed(self.http, await self.http.get(await self.waiting.url()))


@pytest.fixture
async def desk(address: str, tenant: httpx.AsyncClient) -> AsyncIterator[Desk]:
    await tenant.post("/_control/clients", json={"client_id": "native", "grant_types": [GRANT], "app_type": "native"})
    await tenant.patch("/_control/tenant", json={"mfa_required": False, "device_interval_seconds": 1})
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        yield Desk(address, tenant, http, Waiting())


async def test_a_person_confirms_the_code_and_the_command_has_a_token_that_enrolls(desk: Desk) -> None:
    command = desk.begin()
    page = await desk.confirmation()
    code = re.search("[A-Z]{4}-[A-Z]{4}", desk.waiting.shown[-1])
    assert code
    assert code[0] in page.text

    page = await sent(desk.http, page, action="confirm")
    end = await logs_in(desk.http, page)

    assert "Your device is now connected." in end.text
    token = await asyncio.wait_for(command, 20)
    claims = jwt.decode(reveal(token.mfa_token), options={"verify_signature": False})
    assert (claims["aud"], claims["azp"]) == (f"{desk.address}/mfa/", "native")
    assert {"enroll", "read:authenticators", "remove:authenticators"} <= set(claims["scope"].split())


async def test_who_cancels_is_told_so(desk: Desk) -> None:
    command = desk.begin()

    await sent(desk.http, await desk.confirmation(), action="cancel")

    assert await sentence(command) == "The login was declined, or the tenant does not allow it to this user."


async def test_a_code_that_expires_is_told(desk: Desk) -> None:
    command = desk.begin()
    await desk.waiting.url()

    await desk.tenant.post("/_control/clock", json={"advance_seconds": 900})

    assert (await sentence(command)).startswith("Nobody logged in in time")


@pytest.mark.parametrize("settings", [{}, NATIVE | {"client_id": "spa-client"}])
async def test_an_application_that_may_not_is_told_what_it_needs(desk: Desk, settings: dict[str, object]) -> None:
    told = await sentence(desk.begin(settings_of(desk.address, **settings)))

    assert told.startswith("The application may not log users in on another device: it must be a native application")
    assert desk.waiting.shown == []


async def test_an_outage_while_the_person_logs_in_loses_nothing(desk: Desk) -> None:
    for fault in ({"kind": "reset"}, {"kind": "status", "status": 503}):
        fault |= {"method": "POST", "path": "/oauth/token"}
        (await desk.tenant.post("/_control/faults", json=fault)).raise_for_status()
    command = desk.begin()

    await logs_in(desk.http, await sent(desk.http, await desk.confirmation(), action="confirm"))

    assert reveal((await asyncio.wait_for(command, 20)).mfa_token)


async def test_who_is_told_to_slow_down_asks_less_often_from_then_on() -> None:
    pending = refusal(403, "authorization_pending", "User has yet to authorize device code.")
    async with scripted_tenant() as scripted:
        slow = refusal(429, "slow_down", "You are polling faster than the specified interval of 1 seconds.")
        scripted.will(answer(200, BEGUN), slow, pending, answer(200, TOKENS))
        began = asyncio.get_running_loop().time()

        token = await log_in_on_device(settings_of(scripted.base_url), Waiting().show, slower_seconds=0.5)

        assert reveal(token.mfa_token) == "an.access.token"
        assert asyncio.get_running_loop().time() - began > 1 + 2 * 1.5
        assert {request.body["device_code"] for request in scripted.heard[1:]} == {"dc"}


async def test_it_stops_when_the_code_has_expired_though_nobody_says_so() -> None:
    pending = refusal(403, "authorization_pending", "User has yet to authorize device code.")
    async with scripted_tenant() as scripted:
        scripted.will(answer(200, BEGUN | {"expires_in": 1}), pending)

        with pytest.raises(OutcomeNotReachedError, match="Nobody logged in in time"):
            await log_in_on_device(settings_of(scripted.base_url), Waiting().show)


async def test_a_token_that_may_not_enroll_is_refused() -> None:
    async with scripted_tenant() as scripted:
        scripted.will(answer(200, BEGUN), answer(200, TOKENS | {"scope": "read:authenticators"}))

        with pytest.raises(OutcomeNotReachedError, match="without the scope enroll"):
            await log_in_on_device(settings_of(scripted.base_url), Waiting().show)


async def sentence(command: asyncio.Task[ProvideMfaToken]) -> str:
    with pytest.raises(OutcomeNotReachedError) as refused:
        await asyncio.wait_for(command, 20)
    return str(refused.value)
