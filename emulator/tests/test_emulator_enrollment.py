"""Enrolling a phone, byte for byte where recordings exist."""

import re

import pytest

from emulator.tests.visitor import ALREADY_ENROLLED, BAD_BEARER, WRONG_CODE, Visitor, bearer, other_than, refusal

SEAL = r"Fe26\.2\*SERVER_\d{10}\*[0-9a-f]{64}\*[\w-]{22}\*[\w-]+\*\d{13}\*[0-9a-f]{64}\*[\w-]{43}"


async def test_a_login_of_a_user_without_a_phone_is_answered_with_an_opaque_mfa_token(visitor: Visitor) -> None:
    answer = await visitor.login(await visitor.person())
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/json")
    assert list(body) == ["error", "error_description", "mfa_token"]
    assert body["error"] == "mfa_required"
    assert body["error_description"] == "Multifactor authentication required"
    assert re.fullmatch(SEAL, body["mfa_token"])
    assert len(body["mfa_token"]) == 1986


async def test_the_first_associate_answers_in_the_recorded_bytes(visitor: Visitor) -> None:
    person = await visitor.person()
    answer = await visitor.associate(await visitor.mfa_token(person), person.number)
    expected = (
        r'\{"authenticator_type":"oob","binding_method":"prompt","recovery_codes":\["[1-9A-HJ-NP-Z]{24}"\],'
        r'"oob_channel":"sms","oob_code":"' + SEAL + r'"\}'
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert re.fullmatch(expected, answer.text)
    assert len(answer.json()["oob_code"]) == 578


async def test_a_second_associate_never_repeats_the_recovery_code(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number)
    again = await visitor.associate(token, person.number, "voice")
    assert list(again.json()) == ["authenticator_type", "binding_method", "oob_channel", "oob_code"]
    assert again.json()["oob_channel"] == "voice"


async def test_a_tenant_without_recovery_codes_shows_none(visitor: Visitor) -> None:
    await visitor.switch(recovery_codes=False)
    person = await visitor.person()
    answer = await visitor.associate(await visitor.mfa_token(person), person.number)
    assert "recovery_codes" not in answer.json()
    assert [entry["id"][:4] for entry in await visitor.authenticators(await visitor.mfa_token(person))] == [
        "sms|",
        "voic",
    ]


async def test_pending_twins_and_recovery_code_are_listed_inactive_in_recorded_order(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number)
    listed = await visitor.authenticators(token)
    device = listed[0]["id"].removeprefix("sms|")
    name = "XXXXXXXX" + person.number[-4:]
    assert re.fullmatch(r"dev_[A-Za-z0-9]{16}", device)
    assert listed[:2] == [
        {"id": f"sms|{device}", "authenticator_type": "oob", "active": False, "oob_channel": "sms", "name": name},
        {"id": f"voice|{device}", "authenticator_type": "oob", "active": False, "oob_channel": "voice", "name": name},
    ]
    assert list(listed[0]) == ["id", "authenticator_type", "active", "oob_channel", "name"]
    assert list(listed[2]) == ["id", "authenticator_type", "active"]
    assert (listed[2]["authenticator_type"], listed[2]["active"]) == ("recovery-code", False)


async def test_the_right_code_answers_tokens_and_activates_phone_and_recovery_code(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person, scope="read:reports", audience="https://api.example.com")
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    answer = await visitor.verify(token, oob_code, await visitor.code(person.number))
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert list(body) == ["access_token", "scope", "expires_in", "token_type"]
    assert (body["expires_in"], body["scope"], body["token_type"]) == (86400, "read:reports", "Bearer")
    assert all(entry["active"] for entry in await visitor.authenticators(token))


async def test_the_phone_receives_the_code_by_the_channel_asked_for(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number)
    await visitor.associate(token, person.number, "voice")
    text, call = await visitor.messages(person.number)
    assert list(text)[:6] == ["id", "to", "channel", "code", "text", "sent_at"]
    assert (text["to"], text["channel"], call["channel"]) == (person.number, "sms", "voice")
    assert text["code"] in text["text"]
    assert re.fullmatch(r"\d{6}", text["code"])


@pytest.mark.parametrize("spelling", ["+", "%2B", "%20", ""])
async def test_the_plus_of_a_number_may_be_spelled_any_way_in_the_query(visitor: Visitor, spelling: str) -> None:
    person = await visitor.person()
    await visitor.associate(await visitor.mfa_token(person), person.number)
    answer = await visitor.http.get(f"/_control/messages?to={spelling}{person.number[1:]}")
    assert len(answer.json()) == 1


async def test_a_wrong_code_spends_neither_token_nor_code(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    code = await visitor.code(person.number)
    assert refusal(await visitor.verify(token, oob_code, other_than(code))) == WRONG_CODE
    assert (await visitor.verify(token, oob_code, code)).status_code == 200


async def test_each_oob_code_goes_with_its_own_digits_and_old_ones_stay_good(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    first = (await visitor.associate(token, person.number)).json()["oob_code"]
    second = (await visitor.associate(token, person.number)).json()["oob_code"]
    old, new = [message["code"] for message in await visitor.messages(person.number)]
    if old != new:
        assert refusal(await visitor.verify(token, second, old)) == WRONG_CODE
    assert (await visitor.verify(token, first, old)).status_code == 200


async def test_a_tenant_may_let_a_newer_code_end_the_older(visitor: Visitor) -> None:
    await visitor.switch(old_codes_stay_valid=False)
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    first = (await visitor.associate(token, person.number)).json()["oob_code"]
    second = (await visitor.associate(token, person.number)).json()["oob_code"]
    old, new = [message["code"] for message in await visitor.messages(person.number)]
    assert refusal(await visitor.verify(token, first, old)) == WRONG_CODE
    assert (await visitor.verify(token, second, new)).status_code == 200


async def test_a_token_that_yielded_tokens_can_only_list(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    code = await visitor.code(person.number)
    await visitor.verify(token, oob_code, code)
    malformed = (403, "invalid_grant", "Malformed mfa_token")
    assert refusal(await visitor.verify(token, oob_code, code)) == malformed
    assert refusal(await visitor.challenge(token)) == malformed
    assert refusal(await visitor.associate(token, person.number)) == ALREADY_ENROLLED
    assert len(await visitor.authenticators(token)) == 3


async def test_a_validated_code_is_wrong_the_second_time_where_tokens_can_be_used_again(visitor: Visitor) -> None:
    await visitor.switch(mfa_token_single_use=False)
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    code = await visitor.code(person.number)
    await visitor.verify(token, oob_code, code)
    assert refusal(await visitor.verify(token, oob_code, code)) == WRONG_CODE


async def test_an_enrolled_user_cannot_associate_with_an_mfa_token(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    token = await visitor.mfa_token(person)
    assert refusal(await visitor.associate(token, person.number)) == ALREADY_ENROLLED


async def test_a_verified_email_is_listed_and_does_not_count_as_enrolled(visitor: Visitor) -> None:
    await visitor.switch(email_factor=True)
    person = await visitor.person(email_verified=True)
    token = await visitor.mfa_token(person)
    (listed,) = await visitor.authenticators(token)
    assert (listed["active"], listed["oob_channel"]) == (True, "email")
    assert re.fullmatch(r"pers\*+@exam\*{7}", listed["name"])
    assert (await visitor.associate(token, person.number)).status_code == 200


async def test_a_tenant_with_one_channel_lists_no_twin(visitor: Visitor) -> None:
    await visitor.switch(channels=["voice"])
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number, "voice")
    assert [entry["id"].partition("|")[0] for entry in await visitor.authenticators(token)] == [
        "voice",
        "recovery-code",
    ]


@pytest.mark.parametrize(
    ("switches", "channel", "name"),
    [
        ({"channels": ["sms"]}, "voice", "voice"),
        ({"phone_factor": False}, "sms", "sms"),
        ({"email_factor": False}, "email", "email"),
    ],
)
async def test_a_channel_or_factor_the_tenant_lacks_is_refused(
    visitor: Visitor, switches: dict[str, object], channel: str, name: str
) -> None:
    await visitor.switch(**switches)
    person = await visitor.person()
    answer = await visitor.associate(await visitor.mfa_token(person), person.number, channel)
    assert refusal(answer) == (403, "access_denied", f"The factor or channel {name} is not enabled.")


@pytest.mark.parametrize(
    "number", ["5555550100", "+0123456789", "+1", "+1555555010x", "+" + "1" * 16, "+15555550100\n"]
)
async def test_a_number_that_is_not_e164_is_refused_before_anything_is_stored(visitor: Visitor, number: str) -> None:
    token = await visitor.mfa_token(await visitor.person())
    answer = await visitor.associate(token, number)
    assert refusal(answer) == (400, "invalid_request", "The phone number is invalid.")
    assert await visitor.authenticators(token) == []


@pytest.mark.parametrize("header", [{}, bearer("garbage"), bearer("a.b.c"), {"Authorization": "Basic Zm9vOmJhcg=="}])
async def test_a_missing_or_garbage_bearer_is_refused(visitor: Visitor, header: dict[str, str]) -> None:
    assert refusal(await visitor.http.get("/mfa/authenticators", headers=header)) == BAD_BEARER
    assert refusal(await visitor.http.post("/mfa/associate", json={}, headers=header)) == BAD_BEARER


async def test_client_fields_on_associate_are_optional_and_checked_when_sent(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    wrong = {"client_id": "emulator-client", "client_secret": "wrong"}
    other = {"client_id": "management-client", "client_secret": "management-secret"}
    right = {"client_id": "emulator-client", "client_secret": "emulator-secret"}
    assert refusal(await visitor.associate(token, person.number, **wrong))[1] == "access_denied"
    assert refusal(await visitor.associate(token, person.number, **other))[2] == "mfa_token not issued to this client"
    assert (await visitor.associate(token, person.number, **right)).status_code == 200


async def test_a_user_with_too_many_stored_phones_cannot_add_another(visitor: Visitor) -> None:
    await visitor.switch(max_authenticators=1)
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    assert (await visitor.associate(token, person.number)).status_code == 200
    assert (await visitor.associate(token, person.number)).status_code == 400
