"""MFA journeys of a person who uses a page: what the SDKs for pages have in common.

Each begins with a sign-in without MFA. Renewing the tokens then needs MFA, which the page does by itself.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pyotp

from emulator.tests.sdk.page_application import PageApplication
from emulator.tests.visitor import Person, other_than

MFA_SCOPES = "enroll read:authenticators remove:authenticators"

Journey = Callable[[PageApplication], Awaitable[None]]


async def signed_in(app: PageApplication) -> Person:
    """Sign in without MFA; from then on the tenant requires it."""
    await app.visitor.switch(mfa_required=False)
    person = await app.visitor.person()
    await app.log_in(person)
    await app.visitor.switch(mfa_required=True)
    return person


async def mfa_token(app: PageApplication) -> str:
    """Returns the mfa_token of a refresh that needs MFA."""
    told = await app.renew()
    assert (told["code"], told["message"]) == ("mfa_required", "Multifactor authentication required")
    return str(told["mfaToken"])


async def listed(app: PageApplication, token: str) -> list[tuple[str, str, bool]]:
    found = await app.value("mfa.getAuthenticators", token)
    return [(one["id"].partition("|")[0], one["authenticatorType"], one["active"]) for one in found]


async def enroll_phone(app: PageApplication, person: Person, token: str) -> Any:
    wanted = {"mfaToken": token, "factorType": "sms", "phoneNumber": person.number}
    enrolled = await app.value("mfa.enroll", wanted)
    code = await app.visitor.code(person.number)
    await app.value("mfa.verify", {"mfaToken": token, "oobCode": enrolled["oobCode"], "bindingCode": code})
    return enrolled


async def again(app: PageApplication, person: Person) -> str:
    """Sign in once more, as in another browser. Returns the mfa_token of the refresh after it."""
    await app.visitor.switch(mfa_required=False)
    await app.forget()
    await app.log_in(person)
    await app.visitor.switch(mfa_required=True)
    return await mfa_token(app)


async def enroll_list_and_challenge_a_phone(app: PageApplication, channel: str) -> None:
    person = await signed_in(app)
    token = await mfa_token(app)
    assert await listed(app, token) == []
    wanted = {"mfaToken": token, "factorType": channel, "phoneNumber": person.number}
    enrolled = await app.value("mfa.enroll", wanted)
    assert (enrolled["authenticatorType"], enrolled["oobChannel"]) == ("oob", channel)
    code = await app.visitor.code(person.number)
    proof = {"mfaToken": token, "oobCode": enrolled["oobCode"]}
    wrong = await app.refused("mfa.verify", {**proof, "bindingCode": other_than(code)})
    assert wrong == ("invalid_grant", "Invalid binding_code.")
    await app.value("mfa.verify", {**proof, "bindingCode": code})
    assert await app.value(app.token_method)

    next_login = await again(app, person)
    kinds = [("sms", "oob", True), ("voice", "oob", True), ("recovery-code", "recovery-code", True)]
    assert await listed(app, next_login) == kinds
    already = await app.refused("mfa.enroll", wanted | {"mfaToken": next_login})
    assert already == ("access_denied", "User is already enrolled.")
    [authenticator, *_] = [
        one["id"] for one in await app.value("mfa.getAuthenticators", next_login) if one["id"].startswith(channel)
    ]
    asked = {"mfaToken": next_login, "challengeType": "oob", "authenticatorId": authenticator}
    challenged = await app.value("mfa.challenge", asked)
    assert (challenged["challengeType"], challenged["bindingMethod"]) == ("oob", "prompt")
    message = (await app.visitor.messages(person.number))[-1]
    assert message["channel"] == channel
    answer = {"mfaToken": next_login, "oobCode": challenged["oobCode"], "bindingCode": message["code"]}
    await app.value("mfa.verify", answer)


async def enroll_and_challenge_an_address(app: PageApplication) -> None:
    person = await signed_in(app)
    token = await mfa_token(app)
    enrolled = await app.value("mfa.enroll", {"mfaToken": token, "factorType": "email", "email": person.email})
    assert (enrolled["oobChannel"], enrolled["bindingMethod"]) == ("email", "prompt")
    code = await app.visitor.code(person.email)
    await app.value("mfa.verify", {"mfaToken": token, "oobCode": enrolled["oobCode"], "bindingCode": code})

    # An e-mail address is a factor only in addition to others.
    await enroll_phone(app, person, await again(app, person))
    token = await again(app, person)
    assert ("email", "oob", True) in await listed(app, token)
    found = await app.value("mfa.getAuthenticators", token)
    [address] = [one["id"] for one in found if one["id"].startswith("email|")]
    asked = {"mfaToken": token, "challengeType": "oob", "authenticatorId": address}
    challenged = await app.value("mfa.challenge", asked)
    code = await app.visitor.code(person.email)
    await app.value("mfa.verify", {"mfaToken": token, "oobCode": challenged["oobCode"], "bindingCode": code})


async def enroll_and_use_an_authenticator_application(app: PageApplication) -> None:
    person = await signed_in(app)
    token = await mfa_token(app)
    enrolled = await app.value("mfa.enroll", {"mfaToken": token, "factorType": "otp"})
    assert f"secret={enrolled['secret']}" in enrolled["barcodeUri"]
    application = pyotp.TOTP(enrolled["secret"])
    code = application.at(await app.visitor.now())
    wrong = await app.refused("mfa.verify", {"mfaToken": token, "otp": other_than(code)})
    assert wrong == ("invalid_grant", "Invalid otp_code.")
    assert await app.value("mfa.verify", {"mfaToken": token, "otp": code})

    next_login = await again(app, person)
    assert await listed(app, next_login) == [("totp", "otp", True), ("recovery-code", "recovery-code", True)]
    challenged = await app.value("mfa.challenge", {"mfaToken": next_login, "challengeType": "otp"})
    assert {name: value for name, value in challenged.items() if value} == {"challengeType": "otp"}
    await app.visitor.advance(30)
    later = application.at(await app.visitor.now())
    assert await app.value("mfa.verify", {"mfaToken": next_login, "otp": later})


async def wait_for_a_push_to_be_answered(app: PageApplication) -> None:
    person = await signed_in(app)
    token = await mfa_token(app)
    enrolled = await app.value("mfa.enroll", {"mfaToken": token, "factorType": "push"})
    assert enrolled["oobChannel"] == "auth0"
    assert enrolled["barcodeUri"].startswith("otpauth://totp/")
    proof = {"mfaToken": token, "oobCode": enrolled["oobCode"]}
    assert (await app.refused("mfa.verify", proof))[0] == "authorization_pending"
    await app.visitor.answer_push(person, "approve")
    assert await app.value("mfa.verify", proof)

    next_login = await again(app, person)
    assert ("push", "oob", True) in await listed(app, next_login)
    challenge = {"mfaToken": next_login, "challengeType": "oob"}
    challenged = await app.value("mfa.challenge", challenge)
    assert "bindingMethod" not in challenged
    await app.visitor.answer_push(person, "deny")
    proof = {"mfaToken": next_login, "oobCode": challenged["oobCode"]}
    assert (await app.refused("mfa.verify", proof))[0] == "access_denied"
    challenged = await app.value("mfa.challenge", challenge)
    await app.visitor.answer_push(person, "approve")
    assert await app.value("mfa.verify", {"mfaToken": next_login, "oobCode": challenged["oobCode"]})


async def get_a_new_recovery_code_for_the_old_one(app: PageApplication) -> None:
    person = await signed_in(app)
    [old] = (await enroll_phone(app, person, await mfa_token(app)))["recoveryCodes"]
    token = await again(app, person)
    wrong = await app.refused("mfa.verify", {"mfaToken": token, "recoveryCode": "WRONG"})
    assert wrong == ("invalid_grant", "MFA Authorization rejected.")
    told = await app.value("mfa.verify", {"mfaToken": token, "recoveryCode": old})
    assert len({old, told["recovery_code"]}) == 2


async def remove_a_phone_with_a_token_for_the_mfa_api(app: PageApplication) -> None:
    person = await signed_in(app)
    await enroll_phone(app, person, await mfa_token(app))
    opaque = await again(app, person)
    [phone, *_] = [one["id"] for one in await app.value("mfa.getAuthenticators", opaque)]
    path = f"/mfa/authenticators/{phone.replace('|', '%7C')}"
    assert (await app.api(path, "DELETE", token=opaque))["status"] == 401
    await app.forget()
    token = await app.mfa_access_token(person, MFA_SCOPES)
    assert (await app.api(path, "DELETE", token=token))["status"] == 204
    left = await app.api("/mfa/authenticators", token=token)
    assert ("recovery-code" in left["body"], "sms" in left["body"]) == (True, False)
    assert (await app.api(path, "DELETE", token=token))["status"] == 404


JOURNEYS: dict[str, Journey] = {
    "phone by SMS": partial(enroll_list_and_challenge_a_phone, channel="sms"),
    "phone by voice": partial(enroll_list_and_challenge_a_phone, channel="voice"),
    "e-mail": enroll_and_challenge_an_address,
    "one-time password": enroll_and_use_an_authenticator_application,
    "push": wait_for_a_push_to_be_answered,
    "recovery code": get_a_new_recovery_code_for_the_old_one,
    "deletion": remove_a_phone_with_a_token_for_the_mfa_api,
}
