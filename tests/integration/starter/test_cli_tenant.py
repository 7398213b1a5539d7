"""`tenant check` tells what is missing and how to mend it; `tenant enable` mends it."""

import json

import httpx
import pytest
from pydantic import SecretStr

from phone_mfa.auth0 import Management
from starter.cli.tenant_check import check_phones
from tests.command_line import CommandLine, Ran
from tests.integration.auth0.tenant import answer, scripted_tenant


@pytest.fixture
async def token(tenant: httpx.AsyncClient) -> str:
    """For the Management API."""
    asked = {
        "grant_type": "client_credentials",
        "client_id": "management-client",
        "client_secret": "management-secret",
        "audience": f"{tenant.base_url}/api/v2/".replace("//api", "/api"),
    }
    given = (await tenant.post("/oauth/token", json=asked)).raise_for_status().json()
    return str(given["access_token"])


def states(checked: Ran) -> dict[str, str]:
    return {check["name"]: check["state"] for check in checked.json["checks"]}


async def switch(tenant: httpx.AsyncClient, **switches: object) -> None:
    (await tenant.patch("/_control/tenant", json=switches)).raise_for_status()


def test_a_tenant_that_is_ready_is_said_to_be(run: CommandLine, token: str) -> None:
    checked = run("tenant", "check", "--json", AUTH0_MANAGEMENT_TOKEN=token)

    assert checked.code == 0
    assert checked.json["ready"] is True
    assert set(states(checked).values()) == {"ok"}


def test_what_takes_a_management_token_is_unknown_without_one(run: CommandLine) -> None:
    checked = run("tenant", "check")

    assert checked.code == 1
    assert [line.split("  ")[0] for line in checked.out.splitlines()] == ["ok"] * 3 + ["unknown"] * 2
    assert "AUTH0_MANAGEMENT_TOKEN" in checked.out


async def test_everything_that_is_off_comes_with_the_sentence_that_mends_it(
    run: CommandLine, tenant: httpx.AsyncClient, token: str
) -> None:
    await switch(tenant, mfa_grant=False, phone_factor=False, channels=[])

    checked = run("tenant", "check", "--ask-token", "--json", typed=token)

    assert checked.code == 1
    mending = {check["name"]: check["sentence"] for check in checked.json["checks"] if check["state"] == "not_ok"}
    assert set(mending) == {"mfa_grant", "phone_factor", "channels"}
    assert all("phone-mfa tenant enable" in sentence for sentence in mending.values())


async def test_a_channel_that_is_wanted_and_off_is_named(
    run: CommandLine, tenant: httpx.AsyncClient, token: str
) -> None:
    await switch(tenant, channels=["sms"])

    any_one = run("tenant", "check", AUTH0_MANAGEMENT_TOKEN=token)
    both = run("tenant", "check", "--channel", "sms", "--channel", "voice", AUTH0_MANAGEMENT_TOKEN=token)

    assert (any_one.code, both.code) == (0, 1)
    assert "Off: voice." in both.out


async def test_checking_changes_nothing(run: CommandLine, tenant: httpx.AsyncClient, token: str) -> None:
    await switch(tenant, mfa_grant=False, phone_factor=False, channels=[])
    before = (await tenant.get("/_control/tenant")).json()

    run("tenant", "check", AUTH0_MANAGEMENT_TOKEN=token)

    assert (await tenant.get("/_control/tenant")).json() == before


async def test_enabling_makes_the_tenant_ready_and_again_changes_nothing(
    run: CommandLine, tenant: httpx.AsyncClient, token: str
) -> None:
    await switch(tenant, mfa_grant=False, phone_factor=False, channels=[])

    first = run("tenant", "enable", "--json", typed=token)
    again = run("tenant", "enable", "--json", typed=token)

    assert (first.code, again.code) == (0, 0)
    assert [step["changed"] for step in first.json["steps"]] == [True] * 3
    assert [step["changed"] for step in again.json["steps"]] == [False] * 3
    assert run("tenant", "check", AUTH0_MANAGEMENT_TOKEN=token).code == 0


async def test_enabling_one_channel_leaves_the_other_on(
    run: CommandLine, tenant: httpx.AsyncClient, token: str
) -> None:
    await switch(tenant, channels=["voice"])

    run("tenant", "enable", "--channel", "sms", typed=token)

    assert (await tenant.get("/_control/tenant")).json()["channels"] == ["sms", "voice"]


def test_a_token_that_is_none_is_refused_in_a_sentence(run: CommandLine) -> None:
    refused = run("tenant", "enable", "--json", typed="not-a-token")

    assert (refused.code, refused.out) == (1, "")
    assert json.loads(refused.err)["error"]["type"] == "ManagementTokenRejectedError"


def test_bad_credentials_are_told_from_an_absent_tenant(run: CommandLine) -> None:
    bad = run("tenant", "check", "--json", AUTH0_CLIENT_SECRET="wrong")
    absent = run("tenant", "check", "--json", AUTH0_DOMAIN="http://127.0.0.1:1")

    assert (bad.code, absent.code) == (1, 1)
    assert (states(bad)["domain"], states(bad)["client"]) == ("ok", "not_ok")
    assert (states(absent)["domain"], states(absent)["client"]) == ("not_ok", "unknown")


async def test_channels_that_are_not_known_are_not_repeated() -> None:
    factors, types = [{"name": "sms", "enabled": True}], {"message_types": ["hunter", "voice", "\x1b[2J"]}
    async with scripted_tenant() as scripted, httpx.AsyncClient(trust_env=False) as http:
        scripted.will(answer(200, factors), answer(200, types))
        management = Management(http, base_url=scripted.base_url, token=SecretStr("management-token"))

        _, channels = await check_phones(management, ())

    assert channels.sentence == "On: voice."


GATEWAY = "https://phone.example.com"


async def register(tenant: httpx.AsyncClient, **client: object) -> None:
    known = {"client_id": "emulator-client", "client_secret": "emulator-secret"}
    (await tenant.post("/_control/clients", json=known | client)).raise_for_status()


async def test_a_tenant_where_invited_users_can_log_in_is_said_to_be_one(
    run: CommandLine, tenant: httpx.AsyncClient, token: str
) -> None:
    await register(tenant, callbacks=[f"{GATEWAY}/login/callback"])

    checked = run("tenant", "check", "--json", AUTH0_MANAGEMENT_TOKEN=token, PHONE_MFA_GATEWAY_PUBLIC_URL=GATEWAY)

    assert (checked.code, states(checked)["login"]) == (0, "ok")


async def test_a_callback_that_is_missing_comes_with_its_address(
    run: CommandLine, tenant: httpx.AsyncClient, token: str
) -> None:
    checked = run("tenant", "check", AUTH0_MANAGEMENT_TOKEN=token, PHONE_MFA_GATEWAY_PUBLIC_URL=GATEWAY)

    assert checked.code == 1
    assert f"not ok   login         Add {GATEWAY}/login/callback to the application's Allowed" in checked.out


async def test_a_grant_that_is_missing_for_logins_is_named(
    run: CommandLine, tenant: httpx.AsyncClient, token: str
) -> None:
    mfa = "http://auth0.com/oauth/grant-type/mfa-"
    grants = ["password", *(f"{mfa}{kind}" for kind in ("oob", "otp", "recovery-code"))]
    await register(tenant, callbacks=[f"{GATEWAY}/login/callback"], grant_types=grants)

    checked = run("tenant", "check", AUTH0_MANAGEMENT_TOKEN=token, PHONE_MFA_GATEWAY_PUBLIC_URL=GATEWAY)

    assert "Enable the authorization code grant" in checked.out


def test_a_gateway_address_that_cannot_be_is_named(run: CommandLine) -> None:
    checked = run("tenant", "check", PHONE_MFA_GATEWAY_PUBLIC_URL="http://phone.example.com")

    assert checked.code == 2
    assert "PHONE_MFA_GATEWAY_PUBLIC_URL: must be https://" in checked.err
