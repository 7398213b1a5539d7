"""The example seeds: each is listed in the README, can be loaded, and makes the tenant that it is named for."""

import json
import re
from pathlib import Path

import pyotp
import pytest

from auth0_mfa_emulator.control_plane.seed import load_seed_file
from auth0_mfa_emulator.tenant.tenant import Tenant
from emulator.tests.signing_in import Browser, claims, screen
from emulator.tests.visitor import OTP, RECOVERY, Person, Visitor, bearer, refusal

EMULATOR = Path(__file__).parents[1]
SEEDS = {file.stem: file for file in sorted((EMULATOR / "examples" / "seeds").glob("*.json"))}
ADA = "+15555550100"


async def planted(visitor: Visitor, name: str) -> None:
    await visitor.control("POST", "seed", json.loads(SEEDS[name].read_text()))


async def token_of(visitor: Visitor, name: str = "ada") -> str:
    answer = await visitor.grant("password", username=f"{name}@example.com", password="pw")
    assert answer.json()["error"] == "mfa_required", answer.text
    return str(answer.json()["mfa_token"])


async def kinds(visitor: Visitor, token: str) -> list[str]:
    return [entry["id"].partition("|")[0] for entry in await visitor.authenticators(token)]


async def challenged(visitor: Visitor, token: str, kind: str) -> str:
    """Challenge the authenticator of this kind, and return the oob_code."""
    entries = await visitor.authenticators(token)
    (chosen,) = [entry["id"] for entry in entries if entry["id"].startswith(f"{kind}|")]
    answer = await visitor.challenge(token, challenge_type="oob", authenticator_id=chosen)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["oob_code"])


def test_each_example_is_one_line_of_the_readme() -> None:
    listed = re.findall(r"^\| `([a-z-]+)\.json` \|", (EMULATOR / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(SEEDS)
    assert len(SEEDS) >= 10


@pytest.mark.parametrize("name", SEEDS)
def test_each_example_can_be_loaded_at_the_start(name: str) -> None:
    tenant = Tenant()
    load_seed_file(tenant, SEEDS[name])
    assert {user.email for user in tenant.users.values()} == {"ada@example.com", "grace@example.com"}


async def test_nobody_is_enrolled(visitor: Visitor) -> None:
    await planted(visitor, "nobody-enrolled")
    for name in ("ada", "grace"):
        token = await token_of(visitor, name)
        assert await kinds(visitor, token) == []
        assert refusal(await visitor.challenge(token))[1] == "association_required"
    assert (await visitor.associate(token, ADA)).status_code == 200


@pytest.mark.parametrize(("name", "other"), [("sms", "voice"), ("voice", "sms")])
async def test_everyone_has_one_channel_and_the_other_is_off(visitor: Visitor, name: str, other: str) -> None:
    await planted(visitor, name)
    for number, user in ((ADA, "ada"), ("+15555550101", "grace")):
        token = await token_of(visitor, user)
        assert await kinds(visitor, token) == [name, "recovery-code"]
        oob_code = await challenged(visitor, token, name)
        (message,) = await visitor.messages(number)
        assert message["channel"] == name
        assert (await visitor.verify(token, oob_code, message["code"])).status_code == 200
    assert refusal(await visitor.associate(await token_of(visitor), ADA, other))[1] == "access_denied"


async def test_an_app_and_texts_are_both_there(visitor: Visitor) -> None:
    await planted(visitor, "sms-and-app")
    token = await token_of(visitor)
    assert await kinds(visitor, token) == ["sms", "totp", "recovery-code"]
    await challenged(visitor, token, "sms")
    (user, *_) = json.loads(SEEDS["sms-and-app"].read_text())["users"]
    (secret,) = [one["secret"] for one in user["authenticators"] if one["type"] == "totp"]
    code = pyotp.TOTP(secret).at(await visitor.now())
    assert (await visitor.grant(OTP, mfa_token=token, otp=code)).status_code == 200
    assert await kinds(visitor, await token_of(visitor, "grace")) == ["totp", "recovery-code"]


async def test_a_push_is_the_factor(visitor: Visitor) -> None:
    await planted(visitor, "push")
    token = await token_of(visitor)
    assert await kinds(visitor, token) == ["push", "totp", "recovery-code"]
    oob_code = await challenged(visitor, token, "push")
    await visitor.answer_push(Person("ada@example.com", ADA, ""), "approve")
    assert (await visitor.poll(token, oob_code)).status_code == 200
    assert refusal(await visitor.associate(await token_of(visitor, "grace"), ADA))[1] == "access_denied"


async def test_an_e_mail_is_the_fallback(visitor: Visitor) -> None:
    await planted(visitor, "email-fallback")
    for name, mailbox in (("ada", "ada@example.com"), ("grace", "grace@example.org")):
        token = await token_of(visitor, name)
        assert sorted(await kinds(visitor, token)) == ["email", "recovery-code", "sms"]
        oob_code = await challenged(visitor, token, "email")
        assert (await visitor.verify(token, oob_code, await visitor.code(mailbox))).status_code == 200


async def test_there_are_no_recovery_codes(visitor: Visitor) -> None:
    await planted(visitor, "no-recovery-codes")
    associated = await visitor.associate(await token_of(visitor, "grace"), ADA)
    assert "recovery_codes" not in associated.json()
    token = await token_of(visitor)
    assert "recovery-code" not in await kinds(visitor, token)
    refused = await visitor.grant(RECOVERY, mfa_token=token, recovery_code="AAAABBBBCCCCDDDDEEEEFFFF")
    assert refused.status_code >= 400


async def test_the_free_plan_has_its_limits(visitor: Visitor) -> None:
    await planted(visitor, "free-plan")
    await visitor.control("POST", "clock", {"frozen": True})
    first = await visitor.grant("refresh_token", refresh_token="x")
    assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("30", "29")
    statuses = [(await visitor.grant("refresh_token", refresh_token="x")).status_code for _ in range(30)]
    assert statuses == [403] * 29 + [429]
    await visitor.advance(1)
    assert (await visitor.grant("refresh_token", refresh_token="x")).status_code == 403


async def test_waits_grow(visitor: Visitor) -> None:
    await planted(visitor, "growing-waits")
    await visitor.control("POST", "clock", {"frozen": True})
    token = await token_of(visitor)
    for _ in range(3):
        await challenged(visitor, token, "sms")
    for seconds in (60, 120, 240):
        refused = await visitor.challenge(token)
        assert refusal(refused)[2].startswith("Too many SMS")
        await visitor.advance(seconds - 1)
        assert (await visitor.challenge(token)).status_code == 400
        await visitor.advance(1)
        assert (await visitor.challenge(token)).status_code == 200


async def test_a_newer_tenant_has_the_consolidated_phone_experience(visitor: Visitor) -> None:
    await planted(visitor, "consolidated-phone")
    for path in ("selected-provider", "templates"):
        assert (await visitor.manage("GET", f"guardian/factors/phone/{path}")).status_code == 403
    await challenged(visitor, await token_of(visitor), "sms")


async def test_customized_mfa_says_what_it_requires(visitor: Visitor) -> None:
    await planted(visitor, "customized-mfa")
    for name, required in (("ada", "challenge"), ("grace", "enroll")):
        answer = await visitor.grant("password", username=f"{name}@example.com", password="pw")
        assert list(answer.json()["mfa_requirements"]) == [required]
        listed = await visitor.http.get("/mfa/authenticators", headers=bearer(answer.json()["mfa_token"]))
        assert all("type" in entry for entry in listed.json())


async def test_a_single_page_application_of_a_third_party_asks_for_consent(browser_of_web: Browser) -> None:
    visitor, asked = browser_of_web.visitor, {"client_id": "shop-spa", "redirect_uri": "http://localhost:4200"}
    await planted(visitor, "spa")
    page = await browser_of_web.send(await browser_of_web.open(**asked), username="ada@example.com", password="pw")
    page = await browser_of_web.send(page, code=await visitor.code(ADA))
    assert screen(page) == "consent"
    told = (await browser_of_web.send(page, action="accept")).headers["location"]
    assert told.startswith("http://localhost:4200?code=")
    code = told.partition("code=")[2].partition("&")[0]
    tokens = await browser_of_web.exchange(code, client_secret="", **asked)
    assert claims(tokens.json()["id_token"])["aud"] == "shop-spa"
    (client,) = [one for one in await visitor.control("GET", "clients") if one["client_id"] == "shop-spa"]
    assert client["web_origins"] == client["allowed_origins"] == ["http://localhost:4200"]
