"""Refusals, log entries and settings of the tenant."""

from typing import Any

import pytest

from emulator.tests.visitor import CREDENTIALS, PASSWORD, Person, Visitor, bearer, other_than, refusal

WRONG_PASSWORD = (403, "invalid_grant", "Wrong email or password.")
BLOCKED = (
    429,
    "too_many_attempts",
    "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your "
    "preferred contact method with instructions on how to unblock it.",
)


async def fail_login(visitor: Visitor, person: Person) -> tuple[int, str, str]:
    return refusal(await visitor.grant("password", username=person.email, password="wrong"))


async def test_ten_wrong_passwords_block_the_user_until_somebody_lifts_it(visitor: Visitor) -> None:
    person, other = await visitor.person(), await visitor.person()
    assert [await fail_login(visitor, person) for _ in range(10)] == [WRONG_PASSWORD] * 10
    assert refusal(await visitor.login(person)) == BLOCKED
    assert (await visitor.login(other)).json()["error"] == "mfa_required"
    assert (await visitor.events(person))[-1] == "limit_wc"
    await visitor.control("DELETE", "blocks")
    assert (await visitor.login(person)).json()["error"] == "mfa_required"


async def test_a_right_password_forgets_the_wrong_ones_before_it(visitor: Visitor) -> None:
    person = await visitor.person()
    for _ in range(2):
        for _ in range(9):
            await fail_login(visitor, person)
        assert (await visitor.login(person)).json()["error"] == "mfa_required"
        await visitor.advance(60)


async def test_how_many_wrong_passwords_block_is_a_switch(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.switch(brute_force_attempts=1)
    await fail_login(visitor, person)
    assert refusal(await visitor.login(person)) == BLOCKED
    await visitor.switch(brute_force_attempts=None)
    assert (await visitor.login(person)).json()["error"] == "mfa_required"


async def test_a_forwarded_address_is_politely_ignored(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.switch(brute_force_attempts=2)
    form = CREDENTIALS | {"grant_type": "password", "username": person.email, "password": "wrong"}
    for ip in ("192.0.2.1", "192.0.2.2", "not an address"):
        answer = await visitor.http.post("/oauth/token", data=form, headers={"auth0-forwarded-for": ip})
    assert refusal(answer) == BLOCKED


async def test_an_address_under_suspicion_is_refused(visitor: Visitor) -> None:
    await visitor.switch(suspicious_ip=True)
    assert refusal(await visitor.login(await visitor.person())) == (
        429,
        "too_many_attempts",
        "We have detected suspicious login behavior and further attempts will be blocked. "
        "Please contact the administrator.",
    )


async def test_twenty_logins_may_be_made_and_then_ten_a_minute(visitor: Visitor) -> None:
    person = await visitor.person()
    assert {(await visitor.login(person)).status_code for _ in range(20)} == {403}
    assert refusal(await visitor.login(person))[:2] == (429, "too_many_attempts")
    await visitor.advance(6)
    assert [(await visitor.login(person)).status_code for _ in range(2)] == [403, 429]


async def test_the_log_tells_an_enrollment_and_a_challenge_in_auth0s_event_types(visitor: Visitor) -> None:
    person = await visitor.person()
    await fail_login(visitor, person)
    await visitor.enroll(person)
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.challenge(token)).json()["oob_code"]
    code = await visitor.code(person.number)
    await visitor.verify(token, oob_code, other_than(code))
    await visitor.verify(token, oob_code, code)
    assert await visitor.events(person) == [
        *["fp", "mfar", "gd_send_sms", "gd_start_enroll", "gd_enrollment_complete", "seoobft"],
        *["mfar", "gd_send_sms", "gd_start_auth", "gd_auth_failed", "feoobft", "gd_auth_succeed", "seoobft"],
    ]


async def test_a_line_of_the_log_says_who_when_and_what_and_holds_no_secret(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    lines: list[dict[str, Any]] = (await visitor.http.get("/_control/logs", params={"type": "gd_send_sms"})).json()
    (line,) = lines
    assert list(line) == ["log_id", "date", "type", "description", "client_id", "user_id", "user_name", "details"]
    assert (line["user_name"], line["description"]) == (person.email, "Send SMS")
    everything = (await visitor.http.get("/_control/logs")).text
    assert await visitor.code(person.number) not in everything
    assert PASSWORD not in everything
    assert "Fe26" not in everything


async def test_the_refusals_that_no_source_settles_can_be_worded_otherwise(visitor: Visitor) -> None:
    says = {"status": 422, "error": "unprocessable", "description": "Too bad, {token} {nothing}"}
    await visitor.switch(refusals={"expired_token": says})
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.advance(601)
    assert refusal(await visitor.challenge(token)) == (422, "unprocessable", "Too bad, mfa_token {nothing}")


async def test_a_pending_phone_is_only_replaced_by_one_that_was_sent_a_code(visitor: Visitor) -> None:
    await visitor.switch(same_number="replace_pending")
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number)
    before = await visitor.authenticators(token)
    await visitor.message_fault("refuse")
    assert (await visitor.associate(token, person.number)).status_code == 502
    assert await visitor.authenticators(token) == before


@pytest.mark.parametrize(
    ("choice", "prefixes", "status"),
    [
        ("add", ["sms", "voice", "recovery-code", "sms", "voice"], 200),
        ("replace_pending", ["recovery-code", "sms", "voice"], 200),
        ("refuse", ["sms", "voice", "recovery-code"], 400),
    ],
)
async def test_what_the_same_number_does_again_is_a_switch(
    visitor: Visitor, choice: str, prefixes: list[str], status: int
) -> None:
    await visitor.switch(same_number=choice)
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number)
    assert (await visitor.associate(token, person.number)).status_code == status
    assert [entry["id"].partition("|")[0] for entry in await visitor.authenticators(token)] == prefixes


async def test_lists_may_begin_with_the_newest_and_twins_may_be_had_with_one_channel(visitor: Visitor) -> None:
    await visitor.switch(newest_first=True, twins_always=True, channels=["voice"])
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number, "voice")
    listed = [entry["id"].partition("|")[0] for entry in await visitor.authenticators(token)]
    assert listed == ["recovery-code", "voice", "sms"]


async def test_wrong_codes_may_be_counted_for_each_oob_code(visitor: Visitor) -> None:
    await visitor.switch(wrong_codes_per="oob_code", wrong_codes={"burst": 1, "per_seconds": 3600})
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    first = (await visitor.associate(token, person.number)).json()["oob_code"]
    await visitor.verify(token, first, other_than(await visitor.code(person.number)))
    assert refusal(await visitor.verify(token, first, "000000"))[2].startswith("Too many failed codes.")
    second = (await visitor.associate(token, person.number)).json()["oob_code"]
    assert (await visitor.verify(token, second, await visitor.code(person.number))).status_code == 200


async def test_basic_credentials_on_a_challenge_are_a_switch(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    token = await visitor.mfa_token(person)
    basic = ("emulator-client", "emulator-secret")
    assert (await visitor.http.post("/mfa/challenge", json={"mfa_token": token}, auth=basic)).status_code == 200
    await visitor.switch(challenge_with_basic=False)
    answer = await visitor.http.post("/mfa/challenge", json={"mfa_token": token}, auth=basic)
    assert refusal(answer) == (401, "access_denied", "Unauthorized")


async def test_a_custom_domain_may_keep_the_audience_of_the_tenants_own_name(visitor: Visitor) -> None:
    await visitor.switch(mfa_audience="https://tenant.example.com/mfa/")
    person = await visitor.person()
    answer = (await visitor.login(person, audience="https://tenant.example.com/mfa/")).json()
    assert answer["expires_in"] == 600
    assert await visitor.authenticators(answer["access_token"]) == []


async def test_a_spent_oob_code_may_be_refused_in_words_of_its_own(visitor: Visitor) -> None:
    says = {"status": 403, "error": "invalid_grant", "description": "Malformed oob_code"}
    await visitor.switch(mfa_token_single_use=False, refusals={"spent_oob_code": says})
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    code = await visitor.code(person.number)
    await visitor.verify(token, oob_code, code)
    assert refusal(await visitor.verify(token, oob_code, code))[2] == "Malformed oob_code"


async def test_a_phone_can_be_stored_as_confirmed_without_a_message(visitor: Visitor) -> None:
    person = await visitor.person()
    path = f"users/{person.user_id}/authentication-methods"
    created = await visitor.manage("POST", path, {"type": "phone", "phone_number": person.number})
    assert created.status_code == 201
    view = created.json()
    assert view["type"] == "phone"
    assert await visitor.messages(person.number) == []
    assert (await visitor.manage("GET", f"{path}/{view['id']}")).json() == view | {"confirmed": True}
    assert (await visitor.pass_challenge(person))["token_type"] == "Bearer"
    assert (await visitor.manage("DELETE", f"{path}/{view['id']}")).status_code == 204
    assert (await visitor.manage("GET", path)).json() == []
    assert (await visitor.manage("DELETE", f"{path}/{view['id']}")).status_code == 404


async def test_everything_a_user_enrolled_can_be_forgotten_at_once(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    path = f"users/{person.user_id}/authentication-methods"
    assert (await visitor.manage("DELETE", path)).status_code == 204
    assert await visitor.authenticators(await visitor.mfa_token(person)) == []


async def test_a_code_for_a_removed_phone_is_no_code(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    access = (await visitor.pass_challenge(person, audience=visitor.mfa_audience))["access_token"]
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.challenge(token)).json()["oob_code"]
    for entry in await visitor.authenticators(access):
        if entry["id"].startswith("sms"):
            await visitor.http.delete(f"/mfa/authenticators/{entry['id']}", headers=bearer(access))
    answer = await visitor.verify(token, oob_code, await visitor.code(person.number))
    assert refusal(answer) == (403, "invalid_grant", "Malformed oob_code")
