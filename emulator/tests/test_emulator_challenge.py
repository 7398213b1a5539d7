"""Challenging an enrolled phone, removing one, and adding another with a token for the MFA API itself."""

import pytest

from emulator.tests.visitor import (
    BAD_BEARER,
    CREDENTIALS,
    RECOVERY,
    WRONG_CODE,
    Person,
    Visitor,
    bearer,
    other_than,
    refusal,
)

ALL_SCOPES = "enroll read:authenticators remove:authenticators"


async def enrolled(visitor: Visitor) -> Person:
    person = await visitor.person()
    await visitor.enroll(person)
    return person


async def mfa_access_token(visitor: Visitor, person: Person, scope: str = ALL_SCOPES) -> str:
    answer = await visitor.pass_challenge(person, audience=visitor.mfa_audience, scope=scope)
    return str(answer["access_token"])


@pytest.mark.parametrize("encoding", ["json", "data"])
async def test_a_challenge_in_json_or_form_answers_in_wire_order(visitor: Visitor, encoding: str) -> None:
    person = await enrolled(visitor)
    token = await visitor.mfa_token(person)
    body = CREDENTIALS | {"mfa_token": token, "challenge_type": "oob"}
    answer = await (
        visitor.http.post("/mfa/challenge", json=body)
        if encoding == "json"
        else visitor.http.post("/mfa/challenge", data=body)
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert list(answer.json()) == ["challenge_type", "oob_code", "binding_method"]
    assert answer.text.startswith('{"challenge_type":"oob","oob_code":"Fe26.2*SERVER_')
    verified = await visitor.verify(token, answer.json()["oob_code"], await visitor.code(person.number))
    assert verified.status_code == 200


async def test_the_authenticator_id_picks_the_channel(visitor: Visitor) -> None:
    person = await enrolled(visitor)
    token = await visitor.mfa_token(person)
    sms, voice, _ = await visitor.authenticators(token)
    for twin in (voice, sms):
        assert (await visitor.challenge(token, authenticator_id=twin["id"])).status_code == 200
    assert [message["channel"] for message in await visitor.messages(person.number)][-2:] == ["voice", "sms"]


async def test_without_an_authenticator_id_the_channel_of_enrollment_is_used(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person, "voice")
    await visitor.challenge(await visitor.mfa_token(person))
    assert (await visitor.messages(person.number))[-1]["channel"] == "voice"
    await visitor.switch(channels=["sms"])
    await visitor.challenge(await visitor.mfa_token(person))
    assert (await visitor.messages(person.number))[-1]["channel"] == "sms"


async def test_a_challenge_before_enrollment_requires_association(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.associate(token, person.number)
    status, error, description = refusal(await visitor.challenge(token))
    assert (status, error) == (401, "association_required")
    assert description.startswith("User does not have any confirmed authenticator associated. You can associate")


async def test_challenges_nothing_enrolled_can_answer_are_refused(visitor: Visitor) -> None:
    person = await enrolled(visitor)
    token = await visitor.mfa_token(person)
    recovery = (await visitor.authenticators(token))[-1]["id"]
    text = "User does not have any enrolled authenticator with the supported challenge type"
    otp = await visitor.challenge(token, challenge_type="otp")
    assert refusal(otp) == (401, "unsupported_challenge_type", f"{text} (otp)")
    by_recovery = await visitor.challenge(token, authenticator_id=recovery, challenge_type="oob")
    assert refusal(by_recovery) == (401, "unsupported_challenge_type", f"{text} (oob)")
    unknown = await visitor.challenge(token, authenticator_id="sms|dev_unknown")
    assert refusal(unknown)[:2] == (400, "invalid_authenticator")
    await visitor.switch(channels=[])
    assert refusal(await visitor.challenge(token))[:2] == (401, "unsupported_challenge_type")


async def test_tokens_that_are_garbage_or_anothers_are_told_apart(visitor: Visitor) -> None:
    person, other = await enrolled(visitor), await enrolled(visitor)
    token, others = await visitor.mfa_token(person), await visitor.mfa_token(other)
    oob_code = (await visitor.challenge(token)).json()["oob_code"]
    assert refusal(await visitor.challenge("garbage")) == (403, "invalid_grant", "Malformed mfa_token")
    assert refusal(await visitor.verify(token, "garbage", "1")) == (403, "invalid_grant", "Malformed oob_code")
    mismatch = (400, "invalid_request", "The oob_code doesn't match the mfa_token")
    assert refusal(await visitor.verify(others, oob_code, "1")) == mismatch
    await visitor.control("POST", "clients", {"client_id": "public"})
    foreign = await visitor.http.post("/mfa/challenge", json={"client_id": "public", "mfa_token": token})
    assert refusal(foreign) == (400, "invalid_request", "mfa_token not issued to this client")


@pytest.mark.parametrize("missing", ["mfa_token", "oob_code", "binding_code"])
async def test_a_missing_or_ill_typed_parameter_of_the_exchange_is_named(visitor: Visitor, missing: str) -> None:
    given: dict[str, object] = dict(CREDENTIALS, grant_type="http://auth0.com/oauth/grant-type/mfa-oob")
    given |= {"mfa_token": "a", "oob_code": "b", "binding_code": "c"}
    absent = await visitor.http.post("/oauth/token", json=given | {missing: None})
    assert refusal(absent) == (400, "invalid_request", f"Missing required parameter: {missing}")
    number = await visitor.http.post("/oauth/token", json=given | {missing: 123456})
    assert refusal(number) == (400, "invalid_request", f"{missing} must be a string")


async def test_deleting_one_twin_deletes_both_and_needs_an_access_token(visitor: Visitor) -> None:
    person = await enrolled(visitor)
    token = await visitor.mfa_token(person)
    voice = (await visitor.authenticators(token))[1]["id"].replace("|", "%7C")
    refused = await visitor.http.delete(f"/mfa/authenticators/{voice}", headers=bearer(token))
    assert refusal(refused) == BAD_BEARER
    assert len(refused.content) == 107
    access = await mfa_access_token(visitor, person)
    deleted = await visitor.http.delete(f"/mfa/authenticators/{voice}", headers=bearer(access))
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert [entry["authenticator_type"] for entry in await visitor.authenticators(token)] == ["recovery-code"]
    again = await visitor.http.delete(f"/mfa/authenticators/{voice}", headers=bearer(access))
    assert again.status_code == 404


async def test_what_is_not_a_phone_cannot_be_deleted(visitor: Visitor) -> None:
    await visitor.switch(email_factor=True)
    person = await visitor.person(email_verified=True)
    await visitor.enroll(person)
    access = await mfa_access_token(visitor, person)
    for entry in (await visitor.authenticators(access))[2:]:
        answer = await visitor.http.delete(f"/mfa/authenticators/{entry['id']}", headers=bearer(access))
        assert refusal(answer)[:2] == (400, "invalid_request")


async def test_a_second_phone_is_added_and_confirmed_with_an_access_token(visitor: Visitor) -> None:
    person = await enrolled(visitor)
    answer = await visitor.pass_challenge(
        person, audience=visitor.mfa_audience, scope="enroll read:authenticators openid email offline_access"
    )
    assert list(answer) == ["access_token", "refresh_token", "id_token", "scope", "expires_in", "token_type"]
    assert answer["expires_in"] == 600
    access, number = answer["access_token"], person.number + "9"
    associated = (await visitor.associate(access, number)).json()
    assert "recovery_codes" not in associated
    confirmed = await visitor.verify(access, associated["oob_code"], await visitor.code(number))
    assert (confirmed.status_code, confirmed.json()["expires_in"]) == (200, 600)
    listed = await visitor.authenticators(access)
    assert [entry["id"].partition("|")[0] for entry in listed] == ["sms", "voice", "recovery-code", "sms", "voice"]
    assert all(entry["active"] for entry in listed)


async def test_an_access_token_can_do_what_its_scopes_say_and_nothing_else(visitor: Visitor) -> None:
    person = await enrolled(visitor)
    access = await mfa_access_token(visitor, person, "read:authenticators")
    assert len(await visitor.authenticators(access)) == 3
    refused = await visitor.associate(access, person.number)
    assert refusal(refused) == (403, "insufficient_scope", "Insufficient scope, expected any of: enroll")
    refused = await visitor.http.delete("/mfa/authenticators/sms%7Cdev_x", headers=bearer(access))
    assert refusal(refused)[:2] == (403, "insufficient_scope")
    assert refusal(await visitor.challenge(access)) == (403, "invalid_grant", "Malformed mfa_token")
    await visitor.switch(challenge_with_access_token=True)
    assert (await visitor.challenge(access)).status_code == 200


async def test_a_token_for_another_api_is_no_bearer_here(visitor: Visitor) -> None:
    answer = await visitor.pass_challenge(await enrolled(visitor), scope="openid")
    for token in (answer["access_token"], answer["id_token"]):
        assert refusal(await visitor.http.get("/mfa/authenticators", headers=bearer(token))) == BAD_BEARER


async def test_the_recovery_code_is_rotated_and_works_once(visitor: Visitor) -> None:
    person = await visitor.person()
    (code,) = await visitor.enroll(person)
    token = await visitor.mfa_token(person, scope="read:reports", audience="https://api.example.com")
    wrong = await visitor.grant(RECOVERY, mfa_token=token, recovery_code="WRONG")
    assert refusal(wrong) == (403, "invalid_grant", "MFA Authorization rejected.")
    answer = await visitor.grant(RECOVERY, mfa_token=token, recovery_code=code)
    assert list(answer.json()) == ["access_token", "scope", "expires_in", "token_type", "recovery_code"]
    assert len(answer.json()["recovery_code"]) == 24
    token = await visitor.mfa_token(person)
    assert (await visitor.grant(RECOVERY, mfa_token=token, recovery_code=code)).status_code == 403
    fresh = answer.json()["recovery_code"]
    assert (await visitor.grant(RECOVERY, mfa_token=token, recovery_code=fresh)).status_code == 200


async def test_a_recovery_code_of_an_unconfirmed_phone_does_not_exist_yet(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    (code,) = (await visitor.associate(token, person.number)).json()["recovery_codes"]
    answer = await visitor.grant(RECOVERY, mfa_token=token, recovery_code=code)
    assert refusal(answer) == (403, "unsupported_challenge_type", "User does not have a recovery-code.")


async def test_a_wrong_code_of_a_challenge_can_be_followed_by_the_right_one(visitor: Visitor) -> None:
    person = await enrolled(visitor)
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.challenge(token)).json()["oob_code"]
    code = await visitor.code(person.number)
    assert refusal(await visitor.verify(token, oob_code, other_than(code))) == WRONG_CODE
    assert refusal(await visitor.verify(token, oob_code, "\u0661" * 6)) == WRONG_CODE
    assert (await visitor.verify(token, oob_code, code)).status_code == 200


async def test_a_recovery_code_cannot_be_challenged(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    token = await visitor.mfa_token(person)
    unsupported = refusal(await visitor.challenge(token, challenge_type="recovery-code"))
    assert unsupported[:2] == (401, "unsupported_challenge_type")
    (named,) = [one["id"] for one in await visitor.authenticators(token) if one["id"].startswith("recovery-code")]
    assert refusal(await visitor.challenge(token, authenticator_id=named))[:2] == (401, "unsupported_challenge_type")
