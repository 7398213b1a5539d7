"""`tenant check` tells what is missing and how to mend it; `tenant enable` mends it."""

import json

import httpx
import pytest
from pydantic import SecretStr

from phone_mfa.auth0 import Management
from phone_mfa.contracts import Channel
from starter.cli.findings import State
from starter.cli.management_check import check_phones, check_protection, check_provider
from tests.command_line import CommandLine, Ran
from tests.integration.auth0.tenant import answer, scripted_tenant


@pytest.fixture
async def token(tenant: httpx.AsyncClient) -> str:
    """For the Management API."""
    return await management_token(tenant)


async def management_token(tenant: httpx.AsyncClient, scope: str | None = None) -> str:
    asked = {
        "grant_type": "client_credentials",
        "client_id": "management-client",
        "client_secret": "management-secret",
        "audience": f"{tenant.base_url}/api/v2/".replace("//api", "/api"),
        "scope": scope,
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
    assert [line.split("  ")[0] for line in checked.out.splitlines()] == ["ok"] * 3 + ["unknown"] * 5
    assert checked.out.count("AUTH0_MANAGEMENT_TOKEN") == 5


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


@pytest.mark.parametrize(
    ("switches", "name", "state", "sentence"),
    [
        ({}, "unified_phone", "ok", "Off: the phone provider is set under Security"),
        (
            {"phone_consolidated_experience": True},
            "unified_phone",
            "ok",
            "On: the phone provider is set under",
        ),
        ({}, "phone_provider", "ok", "A phone provider delivers the messages."),
        ({"phone_provider": "auth0"}, "phone_provider", "not_ok", "Auth0's own provider is for trying out: 100 SMS"),
        (
            {"phone_consolidated_experience": True, "phone_provider": "auth0"},
            "phone_provider",
            "ok",
            "A phone provider",
        ),
        (
            {"phone_consolidated_experience": True, "tenant_phone_provider": None},
            "phone_provider",
            "not_ok",
            "Set up a phone provider, or nothing is delivered: dashboard, Branding, Phone Provider.",
        ),
        ({}, "phone_protection", "ok", "No growing waits: a user gets 10 messages"),
        ({"phone_protection": "none"}, "phone_protection", "ok", "No growing waits: a user gets 10 messages"),
        ({"phone_protection": "exponential"}, "phone_protection", "ok", "Growing waits: after a few messages"),
    ],
)
async def test_who_delivers_messages_and_how_many_is_told(
    run: CommandLine,
    tenant: httpx.AsyncClient,
    token: str,
    switches: dict[str, object],
    name: str,
    state: str,
    sentence: str,
) -> None:
    await switch(tenant, **switches)

    checked = run("tenant", "check", "--json", AUTH0_MANAGEMENT_TOKEN=token)

    (found,) = [check for check in checked.json["checks"] if check["name"] == name]
    assert (found["state"], found["sentence"].startswith(sentence)) == (state, True), found
    assert checked.code == (0 if state == "ok" else 1)


@pytest.mark.parametrize(
    ("scope", "hidden"),
    [
        ("read:tenant_settings", {"unified_phone", "phone_provider"}),
        ("read:phone_providers", {"phone_provider"}),
        ("read:attack_protection", {"phone_protection"}),
        ("read:guardian_factors", {"phone_factor", "channels"}),
        ("read:clients", {"application"}),
    ],
)
async def test_a_scope_that_is_missing_is_named_and_hides_nothing_else(
    run: CommandLine, tenant: httpx.AsyncClient, scope: str, hidden: set[str]
) -> None:
    scopes = {"read:tenant_settings", "read:phone_providers", "read:attack_protection", "read:guardian_factors"}
    await switch(tenant, phone_consolidated_experience=True)
    await register(tenant, callbacks=[f"{GATEWAY}/login/callback"])
    lacking = await management_token(tenant, " ".join({*scopes, "read:clients"} - {scope}))

    checked = run("tenant", "check", "--json", AUTH0_MANAGEMENT_TOKEN=lacking, PHONE_MFA_GATEWAY_PUBLIC_URL=GATEWAY)

    assert {name for name, state in states(checked).items() if state == "unknown"} == hidden
    assert {name for name, state in states(checked).items() if state == "not_ok"} == set()
    assert all(scope in check["sentence"] for check in checked.json["checks"] if check["name"] in hidden)


async def test_a_provider_that_does_not_deliver_a_channel_that_is_wanted_is_told() -> None:
    unified, providers = {"phone_consolidated_experience": True}, {"providers": [TWILIO | {"disabled": False}]}
    disabled = {"providers": [TWILIO | {"disabled": True}]}
    async with scripted_tenant() as scripted, httpx.AsyncClient(trust_env=False) as http:
        scripted.will(answer(200, unified), answer(200, providers), answer(200, unified), answer(200, disabled))
        management = Management(http, base_url=scripted.base_url, token=SecretStr("management-token"))

        (voice,) = await check_provider(management, (Channel.SMS, Channel.VOICE))
        (off,) = await check_provider(management, ())

    assert voice.sentence.startswith("The phone provider does not deliver: voice.")
    assert (off.state, off.sentence.partition(",")[0]) == (State.NOT_OK, "Set up a phone provider")


async def test_a_protection_that_is_not_known_is_not_repeated() -> None:
    async with scripted_tenant() as scripted, httpx.AsyncClient(trust_env=False) as http:
        scripted.will(answer(200, {"type": "hunter"}))
        management = Management(http, base_url=scripted.base_url, token=SecretStr("management-token"))

        (found,) = await check_protection(management)

    assert (found.state, "hunter" in found.sentence) == (State.UNKNOWN, False)


TWILIO = {"name": "twilio", "configuration": {"delivery_methods": ["text"], "sid": "AC1"}}
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
    assert f"not ok   login            Add {GATEWAY}/login/callback to the application's Allowed" in checked.out


@pytest.mark.parametrize(
    ("client", "state", "sentence"),
    [
        ({"app_type": "regular_web"}, "ok", "The application is of a type that invited users can log in through."),
        ({"app_type": "spa"}, "not_ok", "Invited users log in through a regular web application. Create one"),
        ({"app_type": "non_interactive"}, "not_ok", "Invited users log in through a regular web application."),
        ({"app_type": "native", "client_secret": None}, "not_ok", "The application has no credentials."),
    ],
)
async def test_an_application_of_another_type_comes_with_what_it_takes(
    run: CommandLine, tenant: httpx.AsyncClient, token: str, client: dict[str, object], state: str, sentence: str
) -> None:
    await register(tenant, client_id="links", callbacks=[f"{GATEWAY}/login/callback"], **client)
    settings = {"AUTH0_CLIENT_ID": "links", "AUTH0_MANAGEMENT_TOKEN": token, "PHONE_MFA_GATEWAY_PUBLIC_URL": GATEWAY}
    if "client_secret" in client:
        settings |= {"AUTH0_CLIENT_SECRET": "", "AUTH0_PUBLIC_CLIENT": "true"}

    checked = run("tenant", "check", "--json", **settings)

    (found,) = [check for check in checked.json["checks"] if check["name"] == "application"]
    assert (found["state"], found["sentence"].startswith(sentence)) == (state, True), found


async def test_a_grant_that_is_missing_for_logins_is_named(
    run: CommandLine, tenant: httpx.AsyncClient, token: str
) -> None:
    mfa = "http://auth0.com/oauth/grant-type/mfa-"
    grants = ["password", *(f"{mfa}{kind}" for kind in ("oob", "otp", "recovery-code"))]
    await register(tenant, callbacks=[f"{GATEWAY}/login/callback"], grant_types=grants)

    checked = run("tenant", "check", AUTH0_MANAGEMENT_TOKEN=token, PHONE_MFA_GATEWAY_PUBLIC_URL=GATEWAY)

    assert "Enable the authorization code grant" in checked.out


async def test_an_organization_that_the_application_has_no_logins_to_is_named(
    run: CommandLine, tenant: httpx.AsyncClient, token: str
) -> None:
    await register(tenant, callbacks=[f"{GATEWAY}/login/callback"])
    settings = {"PHONE_MFA_GATEWAY_PUBLIC_URL": GATEWAY, "PHONE_MFA_GATEWAY_ORGANIZATION": "org_1a2b3c"}

    checked = run("tenant", "check", AUTH0_MANAGEMENT_TOKEN=token, **settings)

    assert checked.code == 1
    assert "not ok   login            Auth0 refuses logins to the organization" in checked.out


def test_a_gateway_address_that_cannot_be_is_named(run: CommandLine) -> None:
    checked = run("tenant", "check", PHONE_MFA_GATEWAY_PUBLIC_URL="http://phone.example.com")

    assert checked.code == 2
    assert "PHONE_MFA_GATEWAY_PUBLIC_URL: must be https://" in checked.err
