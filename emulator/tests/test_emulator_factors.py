"""Authenticators other than phones: e-mail, push and one-time passwords."""

import re

import pyotp
import pytest

from emulator.tests.visitor import OTP, PASSWORD, PENDING, RECOVERY, WRONG_CODE, Person, Visitor, other_than, refusal

WRONG_OTP = (403, "invalid_grant", "Invalid otp_code.")
SPENT = (403, "invalid_grant", "Malformed mfa_token")


async def prefixes(visitor: Visitor, token: str) -> list[str]:
    return [entry["id"].partition("|")[0] for entry in await visitor.authenticators(token)]


async def test_an_address_is_enrolled_by_the_code_sent_to_it_and_can_be_challenged(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    associated = (await visitor.add_email(token, "chuck334@example.com")).json()
    assert list(associated) == ["authenticator_type", "binding_method", "recovery_codes", "oob_channel", "oob_code"]
    assert associated["oob_channel"] == "email"
    (listed, _) = await visitor.authenticators(token)
    assert listed | {"id": "email|"} == {
        "id": "email|",
        "authenticator_type": "oob",
        "active": False,
        "oob_channel": "email",
        "name": "chuc****@exam*******",
    }
    code = await visitor.code("chuck334@example.com")
    assert refusal(await visitor.verify(token, associated["oob_code"], other_than(code))) == WRONG_CODE
    assert (await visitor.verify(token, associated["oob_code"], code)).status_code == 200
    token = await visitor.mfa_token(person)
    challenged = (await visitor.challenge(token, authenticator_id=listed["id"])).json()
    assert list(challenged) == ["challenge_type", "oob_code", "binding_method"]
    answer = await visitor.verify(token, challenged["oob_code"], await visitor.code("chuck334@example.com"))
    assert answer.status_code == 200


async def test_an_enrolled_address_does_not_count_as_enrolled(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.add_email(token, person.email)).json()["oob_code"]
    await visitor.verify(token, oob_code, await visitor.code(person.email))
    assert (await visitor.associate(await visitor.mfa_token(person), person.number)).status_code == 200


async def test_a_verified_address_can_be_challenged_without_being_enrolled(visitor: Visitor) -> None:
    person = await visitor.person(email_verified=True)
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.challenge(token)).json()["oob_code"]
    assert (await visitor.verify(token, oob_code, await visitor.code(person.email))).status_code == 200


@pytest.mark.parametrize("email", ["", "nobody", "a@b c", "@", None, 7])
async def test_what_is_no_address_is_refused_before_anything_is_stored(visitor: Visitor, email: object) -> None:
    token = await visitor.mfa_token(await visitor.person())
    answer = await visitor.add(token, authenticator_types=["oob"], oob_channels=["email"], email=email)
    assert refusal(answer)[:2] == (400, "invalid_request")
    assert await visitor.authenticators(token) == []


async def test_a_push_is_pending_until_the_code_is_scanned_and_one_time_passwords_come_with_it(
    visitor: Visitor,
) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    associated = (await visitor.add_push(token)).json()
    assert list(associated) == ["authenticator_type", "barcode_uri", "recovery_codes", "oob_channel", "oob_code"]
    assert (associated["oob_channel"], len(associated["oob_code"])) == ("auth0", 620)
    label = f"Emulated%20Tenant:{person.email.replace('@', '%40')}"
    host = re.escape(str(visitor.http.base_url).removeprefix("http://").replace(":", "%3A"))
    scanned = rf"otpauth://totp/{re.escape(label)}\?enrollment_tx_id=[A-Za-z0-9]{{32}}&base_url=http%3A%2F%2F{host}"
    assert re.fullmatch(scanned, associated["barcode_uri"])
    assert await prefixes(visitor, token) == ["push", "totp", "recovery-code"]
    assert "name" not in (await visitor.authenticators(token))[0]
    assert refusal(await visitor.poll(token, associated["oob_code"])) == PENDING
    await visitor.answer_push(person, "approve")
    assert (await visitor.poll(token, associated["oob_code"])).status_code == 200
    listed = await visitor.authenticators(await visitor.mfa_token(person))
    assert all(entry["active"] for entry in listed)
    assert listed[0]["name"] == "Emulated phone"


async def test_a_push_challenge_is_answered_on_the_device(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll_push(person)
    token = await visitor.mfa_token(person)
    challenged = (await visitor.challenge(token)).json()
    assert list(challenged) == ["challenge_type", "oob_code"]
    assert refusal(await visitor.poll(token, challenged["oob_code"])) == PENDING
    await visitor.answer_push(person, "deny")
    denied = refusal(await visitor.poll(token, challenged["oob_code"]))
    assert denied == (400, "access_denied", "MFA Authorization rejected.")
    again = (await visitor.challenge(token)).json()["oob_code"]
    await visitor.answer_push(person, "approve")
    assert (await visitor.poll(token, again)).status_code == 200
    assert "gd_auth_rejected" in await visitor.events(person)


async def test_five_pushes_may_be_sent_and_then_one_every_twelve_seconds(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll_push(person)
    token = await visitor.mfa_token(person)
    assert [(await visitor.challenge(token)).status_code for _ in range(6)] == [200] * 5 + [400]
    await visitor.advance(12)
    assert [(await visitor.challenge(token)).status_code for _ in range(2)] == [200, 400]


async def test_twenty_letters_may_be_sent_and_then_one_a_minute_whatever_was_sent_to_phones(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.switch(mfa_token_seconds=3600)
    token = await visitor.mfa_token(person)
    letters = [(await visitor.add_email(token, person.email)).status_code for _ in range(21)]
    assert letters == [200] * 20 + [400]
    assert (await visitor.associate(token, person.number)).status_code == 200
    await visitor.advance(60)
    assert [(await visitor.add_email(token, person.email)).status_code for _ in range(2)] == [200, 400]


async def test_deleting_a_push_deletes_the_one_time_passwords_that_came_with_it(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll_push(person)
    login = await visitor.mfa_token(person, audience=visitor.mfa_audience)
    oob_code = (await visitor.challenge(login)).json()["oob_code"]
    await visitor.answer_push(person, "approve")
    access = (await visitor.poll(login, oob_code)).json()["access_token"]
    push, totp, _ = await visitor.authenticators(access)
    gone = await visitor.http.delete(
        f"/mfa/authenticators/{totp['id'].replace('|', '%7C')}", headers={"Authorization": f"Bearer {access}"}
    )
    assert gone.status_code == 204
    assert push["id"] not in [entry["id"] for entry in await visitor.authenticators(access)]
    assert await prefixes(visitor, access) == ["recovery-code"]


async def test_an_authenticator_application_is_enrolled_by_its_first_right_password(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    associated = (await visitor.add_otp(token)).json()
    assert list(associated) == ["authenticator_type", "secret", "barcode_uri", "recovery_codes"]
    assert re.fullmatch(r"[A-Z2-7]{32}", associated["secret"])
    assert associated["barcode_uri"] == (
        f"otpauth://totp/Emulated%20Tenant:{person.email.replace('@', '%40')}?secret={associated['secret']}"
        "&issuer=Emulated%20Tenant&algorithm=SHA1&digits=6&period=30"
    )
    await visitor.enroll_otp(person)
    assert (await visitor.associate(await visitor.mfa_token(person), person.number)).status_code == 403


async def test_a_one_time_password_needs_no_challenge_works_once_and_a_step_late(visitor: Visitor) -> None:
    person = await visitor.person()
    application = await visitor.enroll_otp(person)
    await visitor.advance(90)
    token = await visitor.mfa_token(person)
    assert (await visitor.challenge(token, challenge_type="otp")).content == b'{"challenge_type":"otp"}'
    late = application.at(await visitor.now() - 30)
    too_late = application.at(await visitor.now() - 90)
    assert refusal(await visitor.grant(OTP, mfa_token=token, otp=too_late)) == WRONG_OTP
    assert (await visitor.grant(OTP, mfa_token=token, otp=late)).status_code == 200
    assert refusal(await visitor.grant(OTP, mfa_token=token, otp=late)) == SPENT
    token = await visitor.mfa_token(person)
    assert refusal(await visitor.grant(OTP, mfa_token=token, otp=late)) == WRONG_OTP


async def test_wrong_one_time_passwords_and_wrong_codes_share_one_budget(visitor: Visitor) -> None:
    person = await visitor.person()
    application = await visitor.enroll_otp(person)
    token = await visitor.mfa_token(person)
    wrong = other_than(application.at(await visitor.now()))
    for _ in range(10):
        assert refusal(await visitor.grant(OTP, mfa_token=token, otp=wrong)) == WRONG_OTP
    refused = refusal(await visitor.grant(OTP, mfa_token=token, otp=application.at(await visitor.now())))
    assert refused[2] == "Too many failed codes. Wait for some minutes before retrying."
    assert (await visitor.events(person))[-1] == "gd_otp_rate_limit_exceed"


@pytest.mark.parametrize(
    ("switch", "channel"), [("push_factor", "auth0"), ("otp_factor", "otp"), ("email_factor", "email")]
)
async def test_a_factor_the_tenant_lacks_cannot_be_enrolled(visitor: Visitor, switch: str, channel: str) -> None:
    await visitor.switch(**{switch: False})
    token = await visitor.mfa_token(await visitor.person())
    kind: dict[str, object] = {"authenticator_types": ["oob"], "oob_channels": [channel]}
    answer = await visitor.add(token, **({"authenticator_types": ["otp"]} if channel == "otp" else kind))
    assert refusal(answer) == (403, "access_denied", f"The factor or channel {channel} is not enabled.")


async def enrolled_in_all(visitor: Visitor) -> Person:
    person = await visitor.person(
        authenticators=[
            {"type": "phone", "phone_number": "+15555550177"},
            {"type": "push"},
            {"type": "recovery-code", "recovery_code": "A" * 24},
            {"type": "email", "email": "ada@example.com", "confirmed": False},
        ]
    )
    return person


async def test_a_seeded_user_has_what_was_seeded(visitor: Visitor) -> None:
    person = await enrolled_in_all(visitor)
    token = await visitor.mfa_token(person)
    assert await prefixes(visitor, token) == ["sms", "voice", "push", "totp", "recovery-code", "email"]
    assert [entry["active"] for entry in await visitor.authenticators(token)] == [True] * 5 + [False]


async def test_the_early_access_names_types_and_what_can_be_done_next(visitor: Visitor) -> None:
    await visitor.switch(mfa_requirements=True)
    enrolled, fresh = await enrolled_in_all(visitor), await visitor.person()
    answer = (await visitor.login(enrolled)).json()
    assert list(answer) == ["error", "error_description", "mfa_token", "mfa_requirements"]
    types = ["phone", "push-notification", "otp", "recovery-code"]
    assert answer["mfa_requirements"] == {"challenge": [{"type": type_} for type_ in types]}
    listed = await visitor.authenticators(answer["mfa_token"])
    assert [entry["type"] for entry in listed] == ["phone", *types, "email"]
    answer = (await visitor.login(fresh)).json()
    types = ["otp", "push-notification", "phone", "email"]
    assert answer["mfa_requirements"] == {"enroll": [{"type": type_} for type_ in types]}


async def test_without_an_authenticator_id_the_oldest_that_fits_the_types_is_challenged(visitor: Visitor) -> None:
    person = await enrolled_in_all(visitor)
    token = await visitor.mfa_token(person)
    assert (await visitor.challenge(token, challenge_type="otp")).json() == {"challenge_type": "otp"}
    assert (await visitor.challenge(token, challenge_type="otp oob")).json()["binding_method"] == "prompt"
    await visitor.switch(phone_factor=False)
    assert "binding_method" not in (await visitor.challenge(token)).json()
    await visitor.switch(push_factor=False, otp_factor=False)
    assert refusal(await visitor.challenge(token))[2].endswith("Currently there is no supported challenge available.")


@pytest.mark.parametrize("switch", [{"otp_factor": False}, {"push_factor": False}, {"recovery_codes": False}])
async def test_a_factor_that_was_turned_off_proves_nobody_and_is_not_offered(
    visitor: Visitor, switch: dict[str, bool]
) -> None:
    person = await visitor.person()
    authenticators: list[dict[str, object]] = [{"type": "totp", "secret": "A" * 32}, {"type": "push"}]
    authenticators += [{"type": "recovery-code", "recovery_code": "A" * 24}]
    user = {"email": person.email, "password": PASSWORD, "authenticators": authenticators}
    await visitor.control("POST", "users", user)
    await visitor.switch(mfa_requirements=True, **switch)
    answer = (await visitor.login(person)).json()
    offered = {one["type"] for one in answer["mfa_requirements"]["challenge"]}
    names = {"otp_factor": "otp", "push_factor": "push-notification", "recovery_codes": "recovery-code"}
    assert offered == set(names.values()) - {names[name] for name in switch}
    code = pyotp.TOTP("A" * 32).at(await visitor.now())
    by_code = await visitor.grant(OTP, mfa_token=answer["mfa_token"], otp=code)
    token = (await visitor.login(person)).json()["mfa_token"]
    by_recovery = await visitor.grant(RECOVERY, mfa_token=token, recovery_code="A" * 24)
    refused = (401, 200) if "otp_factor" in switch else (200, 403) if "recovery_codes" in switch else (200, 200)
    assert (by_code.status_code, by_recovery.status_code) == refused


async def test_an_address_is_no_factor_that_makes_the_recovery_code_work(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    associated = (await visitor.add_email(token, person.email)).json()
    await visitor.verify(token, associated["oob_code"], await visitor.code(person.email))
    token = await visitor.mfa_token(person)
    active = {entry["id"].partition("|")[0]: entry["active"] for entry in await visitor.authenticators(token)}
    assert active == {"email": True, "recovery-code": False}
    await visitor.enroll(person)
    assert all(entry["active"] for entry in await visitor.authenticators(token))


async def test_a_push_needs_room_for_the_one_time_passwords_it_brings(visitor: Visitor) -> None:
    await visitor.switch(max_authenticators=2)
    token = await visitor.mfa_token(await visitor.person())
    assert (await visitor.add_otp(token)).status_code == 200
    assert refusal(await visitor.add_push(token))[2] == "The user has too many authenticators."
    assert (await visitor.add_otp(token)).status_code == 200


async def test_scanning_a_code_is_not_worded_or_logged_as_a_push(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll_push(person)
    (message,) = await visitor.messages(person.email)
    assert message["text"] == "Approve or deny to enroll this device with Emulated Tenant."
    assert "gd_send_pn" not in await visitor.events(person)
    await visitor.challenge(await visitor.mfa_token(person))
    assert "gd_send_pn" in await visitor.events(person)


async def test_a_one_time_password_refused_for_another_reason_is_not_used_up(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.control("POST", "clock", {"frozen": True})
    application = await visitor.enroll_otp(person)
    await visitor.advance(60)
    token, code = await visitor.mfa_token(person), application.at(await visitor.now())
    user = {"email": person.email, "password": PASSWORD}
    await visitor.control("POST", "users", user | {"blocked": True})
    assert (await visitor.grant(OTP, mfa_token=token, otp=code)).status_code == 401
    await visitor.control("POST", "users", user)
    assert (await visitor.grant(OTP, mfa_token=token, otp=code)).status_code == 200


async def test_one_time_passwords_work_after_the_clock_is_set_back(visitor: Visitor) -> None:
    person = await visitor.person()
    now = await visitor.now()
    await visitor.advance(86_400)
    application = await visitor.enroll_otp(person)
    await visitor.control("POST", "clock", {"set": now})
    code = application.at(await visitor.now())
    assert (await visitor.grant(OTP, mfa_token=await visitor.mfa_token(person), otp=code)).status_code == 200


async def test_faults_of_messages_do_not_touch_the_scanning_of_a_code(visitor: Visitor) -> None:
    for kind in ("refuse", "drop"):
        await visitor.message_fault(kind, channel="push")
        await visitor.enroll_push(await visitor.person())
    assert len(await visitor.control("GET", "message-faults")) == 2


async def test_a_phone_whose_channel_is_off_is_not_offered(visitor: Visitor) -> None:
    await visitor.switch(channels=["sms"])
    person = await visitor.person()
    await visitor.enroll(person)
    await visitor.switch(channels=["voice"], mfa_requirements=True)
    offered = (await visitor.login(person)).json()["mfa_requirements"]["challenge"]
    assert offered == [{"type": "recovery-code"}]


async def test_an_access_token_challenges_and_proves_where_the_tenant_lets_it(visitor: Visitor) -> None:
    await visitor.switch(challenge_with_access_token=True)
    person = await visitor.person()
    answer = await visitor.login(person, audience=visitor.mfa_audience, scope="read:authenticators")
    token = answer.json()["access_token"]
    application = await visitor.enroll_otp(person)
    assert (await visitor.challenge(token)).json() == {"challenge_type": "otp"}
    await visitor.advance(60)
    code = application.at(await visitor.now())
    assert (await visitor.grant(OTP, mfa_token=token, otp=code)).status_code == 200
