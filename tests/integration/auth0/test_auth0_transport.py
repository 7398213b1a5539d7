import asyncio
import socket

import httpx
import pytest
from pydantic import SecretStr

from phone_mfa.auth0 import Auth0, ClientSecret, InvalidResponseError, NoAnswerError, NotReachedError
from tests.integration.auth0.tenant import Mischief, Scripted, ScriptedTenant, answer

TOKEN = SecretStr("Fe26.2*token")


def impatient(http: httpx.AsyncClient, base_url: str, timeout_seconds: float = 0.2) -> Auth0:
    credentials = ClientSecret("client-1", SecretStr("client-secret"))
    return Auth0(http, base_url=base_url, credentials=credentials, timeout_seconds=timeout_seconds)


async def test_a_refused_connection_never_reached_auth0(http: httpx.AsyncClient) -> None:
    with socket.socket() as bound:  # bound but not listening, so the port is ours and nobody answers
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(NotReachedError) as lost:
            await impatient(http, f"http://127.0.0.1:{bound.getsockname()[1]}", 2).authenticators(TOKEN)
    assert lost.value.status is None


async def test_a_wait_for_a_free_connection_never_reached_auth0(tenant: ScriptedTenant) -> None:
    tenant.will(Mischief.SILENCE)
    async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=1)) as http:
        first = asyncio.create_task(impatient(http, tenant.base_url, 1).authenticators(TOKEN))
        await tenant.listening.wait()
        with pytest.raises(NotReachedError):
            await impatient(http, tenant.base_url).authenticators(TOKEN)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
    assert len(tenant.heard) == 1


@pytest.mark.parametrize(
    "mischief",
    [
        Mischief.SILENCE,
        Mischief.RESET,
        Mischief.HANG_UP,
        Scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[", Mischief.SILENCE),
        Scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[", Mischief.RESET),
        Scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[", Mischief.HANG_UP),
        Scripted(b"HTTP/1.1 200 OK\r\nContent-Le", Mischief.HANG_UP),
        Scripted(b"SMTP ready\r\n\r\n"),
    ],
    ids=str,
)
async def test_an_answer_that_does_not_come_whole_is_no_answer(
    http: httpx.AsyncClient, tenant: ScriptedTenant, mischief: Mischief | Scripted
) -> None:
    tenant.will(mischief)
    with pytest.raises(NoAnswerError) as lost:
        await impatient(http, tenant.base_url).authenticators(TOKEN)
    assert (lost.value.status, len(tenant.heard)) == (None, 1)


async def test_an_answer_in_drips_ends_with_the_total_timeout(http: httpx.AsyncClient, tenant: ScriptedTenant) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n"
    tenant.will(Scripted(chunked, Mischief.SILENCE))
    with pytest.raises(NoAnswerError):
        await impatient(http, tenant.base_url).authenticators(TOKEN)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304])
async def test_a_redirect_is_never_followed(tenant: ScriptedTenant, status: int) -> None:
    tenant.will(answer(status, None, {"Location": f"{tenant.base_url}/elsewhere"}))
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as http:
        with pytest.raises(InvalidResponseError) as puzzled:
            await impatient(http, tenant.base_url, 2).authenticators(TOKEN)
    assert (puzzled.value.status, len(tenant.heard)) == (status, 1)


async def test_an_answer_without_end_is_read_no_further_than_its_limit(auth0: Auth0, tenant: ScriptedTenant) -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b" " * 300_000
    tenant.will(Scripted(endless, Mischief.SILENCE))
    with pytest.raises(InvalidResponseError):
        await auth0.authenticators(TOKEN)


async def test_a_lost_answer_is_not_asked_for_again(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(Mischief.HANG_UP, answer(200, {"oob_code": "oob", "oob_channel": "sms"}))
    with pytest.raises(NoAnswerError):
        await auth0.associate(TOKEN, phone_number=SecretStr("+15555550123"), channel="sms")
    assert len(tenant.heard) == 1
