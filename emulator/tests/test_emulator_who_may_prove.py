"""What a pending authenticator proves, and what each kind of token permits."""

import pyotp

from emulator.tests.visitor import ALREADY_ENROLLED, BAD_BEARER, OTP, RECOVERY, Person, Visitor, bearer, refusal

ENROLL = {"scope": "enroll read:authenticators"}
NO_SCOPE = (403, "insufficient_scope", "Insufficient scope, expected any of: enroll")
MALFORMED = (403, "invalid_grant", "Malformed mfa_token")
STRANGER = "+15555559999"


async def pending_phone(visitor: Visitor, token: str) -> tuple[str, str]:
    """Associate a stranger's phone without confirming it; return its oob_code and code."""
    oob_code = (await visitor.associate(token, STRANGER)).json()["oob_code"]
    return oob_code, await visitor.code(STRANGER)


async def access_token(visitor: Visitor, person: Person, scope: str) -> str:
    """Returns a token for the MFA API, which a user without a factor gets by password alone."""
    answer = await visitor.login(person, audience=visitor.mfa_audience, scope=scope)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def test_a_phone_left_pending_by_another_login_cannot_prove_a_user_who_enrolled_since(visitor: Visitor) -> None:
    person = await visitor.person()
    theirs = await visitor.mfa_token(person)
    oob_code, code = await pending_phone(visitor, theirs)
    await visitor.enroll(person)
    assert refusal(await visitor.verify(theirs, oob_code, code)) == ALREADY_ENROLLED
    pending = {entry["name"][-4:] for entry in await visitor.authenticators(theirs) if not entry["active"]}
    assert pending == {STRANGER[-4:]}


async def test_a_switch_lets_what_was_pending_be_confirmed_late(visitor: Visitor) -> None:
    await visitor.switch(late_confirmation=True)
    person = await visitor.person()
    theirs = await visitor.mfa_token(person)
    oob_code, code = await pending_phone(visitor, theirs)
    await visitor.enroll(person)
    assert (await visitor.verify(theirs, oob_code, code)).status_code == 200


async def test_one_time_passwords_that_nobody_confirmed_do_not_prove_an_enrolled_user(visitor: Visitor) -> None:
    person = await visitor.person()
    theirs = await visitor.mfa_token(person)
    application = pyotp.TOTP((await visitor.add_otp(theirs)).json()["secret"])
    await visitor.enroll(person)
    answer = await visitor.grant(OTP, mfa_token=theirs, otp=application.at(await visitor.now()))
    assert refusal(answer) == ALREADY_ENROLLED


async def test_an_access_token_confirms_a_further_authenticator_of_an_enrolled_user(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await access_token(visitor, person, **ENROLL)
    await visitor.enroll(person)
    oob_code, code = await pending_phone(visitor, token)
    assert (await visitor.verify(token, oob_code, code)).status_code == 200
    application = pyotp.TOTP((await visitor.add_otp(token)).json()["secret"])
    answer = await visitor.grant(OTP, mfa_token=token, otp=application.at(await visitor.now()))
    assert answer.status_code == 200
    await visitor.advance(30)
    again = await visitor.grant(OTP, mfa_token=token, otp=application.at(await visitor.now()))
    assert refusal(again) == MALFORMED  # it confirms, but does not log in


async def test_an_access_token_without_the_scope_confirms_nothing(visitor: Visitor) -> None:
    person = await visitor.person()
    application = pyotp.TOTP((await visitor.add_otp(await visitor.mfa_token(person))).json()["secret"])
    token = await access_token(visitor, person, "read:authenticators")
    answer = await visitor.grant(OTP, mfa_token=token, otp=application.at(await visitor.now()))
    assert refusal(answer) == NO_SCOPE


async def test_a_recovery_code_is_for_logins_alone(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await access_token(visitor, person, **ENROLL)
    (recovery_code,) = await visitor.enroll(person)
    assert refusal(await visitor.grant(RECOVERY, mfa_token=token, recovery_code=recovery_code)) == MALFORMED


async def test_a_spent_mfa_token_cannot_associate(visitor: Visitor) -> None:
    person = await visitor.person(email_verified=True)  # not a factor, so the user is not enrolled
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.challenge(token)).json()["oob_code"]
    assert (await visitor.verify(token, oob_code, await visitor.code(person.email))).status_code == 200
    assert refusal(await visitor.associate(token, person.number)) == BAD_BEARER
    assert (await visitor.http.get("/mfa/authenticators", headers=bearer(token))).status_code == 200
