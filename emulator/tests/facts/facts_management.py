"""Section 2.10: related calls of the Management API.

Errors of methods are documented in the OpenAPI description of the API (docs-v2, commit 7025885d).
"""

import httpx

from emulator.tests.facts.facts_row import UTF8, Answer, Fact, granted, refusal
from emulator.tests.facts.facts_stage import CODE, PHONE, RECOVERY_CODE, REPORTS, Stage

_NUMBER = "+44207183875044"
_NOW = "2027-01-15T08:00:00.000Z"
_TOTALS = "?include_totals=true&per_page=50"
_RECORDED = (
    '{"id":"phone|<DEVICE a>","type":"phone","confirmed":true,"name":"MyPhone","phone_number":"XXXXXXXXXXX5044",'
    f'"created_at":"{_NOW}",'
    '"preferred_authentication_method":"sms","authentication_methods":[{"id":"sms|<DEVICE a>","type":"sms"}]}'
)
_SEEDED = _RECORDED.replace('"name":"MyPhone",', "")
_CREATED = _RECORDED.replace('"confirmed":true,', "")
_EMAIL = (
    '{"id":"email|<DEVICE e>","type":"email","confirmed":true,"name":"Test","email":"chuc****@exam*******",'
    f'"created_at":"{_NOW}"}}'
)
_EMAIL_CREATED = (
    f'{{"type":"email","name":"Test","created_at":"{_NOW}","email":"chuc****@exam*******","id":"email|<DEVICE e>"}}'
)
_REPLACED = (
    f'[{{"id":"email|<DEVICE e>","type":"email","name":"MyEmail","email":"foo@example.com","created_at":"{_NOW}"}},'
    '{"id":"phone|<DEVICE a>","type":"phone","name":"MyPhone","phone_number":"+44207183875044",'
    f'"created_at":"{_NOW}","preferred_authentication_method":"sms",'
    '"authentication_methods":[{"id":"sms|<DEVICE a>","type":"sms"}]},'
    f'{{"id":"totp|<DEVICE t>","type":"totp","name":"MyTotp","created_at":"{_NOW}"}}]'
)
_LISTED = (
    '{"authenticators":[{"id":"email|<DEVICE e>","type":"email","confirmed":true,"name":"MyEmail",'
    f'"email":"****@exam*******","created_at":"{_NOW}"}},'
    f'{{"id":"totp|<DEVICE t>","type":"totp","confirmed":true,"name":"MyTotp","created_at":"{_NOW}"}},'
    f'{_RECORDED}],"total":3,"start":0,"limit":50}}'
)
_BOTH = _RECORDED.replace('"sms"}]', '"sms"},{"id":"voice|<DEVICE a>","type":"voice"}]')


def _methods(stage: Stage) -> str:
    return f"users/{stage.person.user_id}/authentication-methods"


async def regenerated(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("POST", f"users/{stage.person.user_id}/recovery-code-regeneration")


async def old_code(stage: Stage) -> httpx.Response:
    await regenerated(stage)
    return await stage.recover(RECOVERY_CODE)


async def new_code(stage: Stage) -> httpx.Response:
    return await stage.recover((await regenerated(stage)).json()["recovery_code"])


async def created(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage(
        "POST", _methods(stage), {"type": "phone", "name": "MyPhone", "phone_number": _NUMBER}
    )


async def one(stage: Stage) -> httpx.Response:
    made = (await created(stage)).json()["id"]
    return await stage.visitor.manage("GET", f"{_methods(stage)}/{made}")


async def all_of_them(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("GET", _methods(stage))


async def without_a_message(stage: Stage) -> httpx.Response:
    answer = await created(stage)
    assert await stage.visitor.messages(_NUMBER) == []
    return answer


async def challenged(stage: Stage) -> httpx.Response:
    """A phone stored this way keeps its device id and can be challenged at once."""
    device = (await created(stage)).json()["id"].removeprefix("phone|")
    oob_code = (await stage.challenge(authenticator_id=f"sms|{device}")).json()["oob_code"]
    return await stage.verify(oob_code, await stage.visitor.code(_NUMBER))


async def removed(stage: Stage) -> httpx.Response:
    made = (await created(stage)).json()["id"]
    return await stage.visitor.manage("DELETE", f"{_methods(stage)}/{made}")


async def all_removed(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("DELETE", _methods(stage))


async def reset(stage: Stage) -> httpx.Response:
    """The list of the MFA API after all authenticators were removed."""
    removed = await stage.visitor.manage("DELETE", f"users/{stage.person.user_id}/authenticators")
    assert (removed.status_code, removed.content) == (204, b"")
    return await stage.listed()


async def email(stage: Stage) -> httpx.Response:
    body = {"type": "email", "name": "Test", "email": "chuck334@example.com"}
    return await stage.visitor.manage("POST", _methods(stage), body)


async def email_shown(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("GET", f"{_methods(stage)}/{(await email(stage)).json()['id']}")


async def email_renamed(stage: Stage) -> httpx.Response:
    path = f"{_methods(stage)}/{(await email(stage)).json()['id']}"
    return await stage.visitor.manage("PATCH", path, {"name": "Test2"})


async def with_totals(stage: Stage) -> httpx.Response:
    await email(stage)
    return await stage.visitor.manage("GET", _methods(stage) + _TOTALS)


async def none_with_totals(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("GET", _methods(stage) + _TOTALS)


async def replaced(stage: Stage) -> httpx.Response:
    body = [
        {"type": "email", "name": "MyEmail", "email": "foo@example.com"},
        {"type": "phone", "name": "MyPhone", "phone_number": _NUMBER, "preferred_authentication_method": "sms"},
        {"type": "totp", "name": "MyTotp", "totp_secret": "5HCWXIP2MJNSUBGYVUZFLRB2HWIGXR4SYJQXNBQ"},
    ]
    return await stage.visitor.manage("PUT", _methods(stage), body)


async def listed_after_replacement(stage: Stage) -> httpx.Response:
    await replaced(stage)
    return await stage.visitor.manage("GET", _methods(stage) + _TOTALS)


async def phone_factor(stage: Stage) -> httpx.Response:
    await stage.visitor.manage("PUT", "guardian/factors/sms", {"enabled": False})
    return await stage.associate()


async def created_twice(stage: Stage) -> httpx.Response:
    await created(stage)
    return await created(stage)


async def unknown(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("GET", f"{_methods(stage)}/phone%7Cdev_0000000000000001")


async def named_at_length(stage: Stage) -> httpx.Response:
    body = [{"type": "phone", "name": "n" * 21, "phone_number": _NUMBER}]
    return await stage.visitor.manage("PUT", _methods(stage), body)


def _refused(status: int, error: str, message: str, code: str = "") -> Answer:
    told = f',"errorCode":"{code}"' if code else ""
    return Answer(status, f'{{"statusCode":{status},"error":"{error}","message":"{message}"{told}}}', UTF8)


_EXISTS = _refused(409, "Conflict", "Authentication method already exists.")
_SMS = {"channels": ["sms"]}
_GONE = Answer(204, "", UTF8)

FACTS = [
    Fact("2.10", "R", "a regenerated recovery code is the only member", regenerated,
         Answer(200, '{"recovery_code":"<RECOVERY>"}', UTF8), has=[PHONE, CODE]),
    Fact("2.10", "D", "the old recovery code is dead", old_code,
         refusal(403, "invalid_grant", "MFA Authorization rejected."), has=[PHONE, CODE]),
    Fact("2.10", "D", "the regenerated recovery code works", new_code, granted(after=',"recovery_code":"<RECOVERY>"'),
         has=[PHONE, CODE], login=REPORTS),
    Fact("2.10", "R", "a phone is shown with its channels grouped", one, Answer(200, _RECORDED, UTF8), switches=_SMS),
    Fact("2.10", "R", "all methods are an array of such views", all_of_them, Answer(200, f"[{_SEEDED}]", UTF8),
         has=[PHONE | {"phone_number": _NUMBER}], switches=_SMS),
    Fact("2.10", "D", "both channels are grouped", one, Answer(200, _BOTH, UTF8)),
    Fact("2.10", "D", "a phone is stored confirmed without a message", without_a_message, Answer(201, _CREATED, UTF8),
         switches=_SMS),
    Fact("2.10", "R", "its device is that of the MFA API", challenged, granted(), login=REPORTS),
    Fact("2.10", "R", "a created e-mail is masked and not called confirmed", email, Answer(201, _EMAIL_CREATED, UTF8)),
    Fact("2.10", "R", "a shown e-mail is confirmed", email_shown, Answer(200, _EMAIL, UTF8)),
    Fact("2.10", "R", "a renamed one is answered like a created one", email_renamed,
         Answer(200, _EMAIL_CREATED.replace("Test", "Test2"), UTF8)),
    Fact("2.10", "R", "totals come in an object", with_totals,
         Answer(200, f'{{"authenticators":[{_EMAIL}],"total":1,"start":0,"limit":50}}', UTF8)),
    Fact("2.10", "R", "a total of zero is left out", none_with_totals,
         Answer(200, '{"authenticators":[],"start":0,"limit":50}', UTF8)),
    Fact("2.10", "R", "a replacement is answered unmasked", replaced, Answer(200, _REPLACED, UTF8), switches=_SMS),
    Fact("2.10", "R", "a list has phones last", listed_after_replacement, Answer(200, _LISTED, UTF8), switches=_SMS),
    Fact("2.10", "U", "a method that the user has is refused", created_twice, _EXISTS),
    Fact("2.10", "U", "a method that the user has is added where the switch says so", created_twice,
         Answer(201, _CREATED, UTF8), switches=_SMS | {"same_method": "add"}),
    Fact("2.10", "D", "a user can have only so many methods", created, _refused(
        403, "Forbidden", "You reached the limit of entities of this type for this user."),
        has=[PHONE], switches={"max_authenticators": 1}),
    Fact("2.10", "D", "an unknown method is not found", unknown,
         _refused(404, "Not Found", "The authentication method could not be found.")),
    Fact("2.10", "D", "a name in a replacement has at most 20 characters", named_at_length, _refused(
        400, "Bad Request", "0: name should have at most 20 characters.", "invalid_body")),
    Fact("2.10", "D", "a user without enrollments gets no recovery code", regenerated,
         _refused(404, "Not Found", "Enrollment not found", "enrollment_not_found")),
    Fact("2.10", "D", "one method can be removed", removed, _GONE),
    Fact("2.10", "D", "all methods can be removed", all_removed, _GONE, has=[PHONE, CODE]),
    Fact("2.10", "D", "all authenticators can be removed, pending ones too", reset, Answer(200, "[]", UTF8),
         has=[PHONE, CODE]),
    Fact("2.10", "D", "factors are toggled beside them", phone_factor,
         refusal(403, "access_denied", "The factor or channel sms is not enabled.")),
]  # fmt: skip
