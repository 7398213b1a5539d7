"""Section 2.10: related calls of the Management API."""

import httpx

from emulator.tests.facts.facts_row import UTF8, Answer, Fact, granted, refusal
from emulator.tests.facts.facts_stage import CODE, PHONE, RECOVERY_CODE, Stage

_NUMBER = "+44207183875044"
_API = {"scope": "read:reports"}
_RECORDED = (
    '{"id":"phone|<DEVICE a>","type":"phone","confirmed":true,"phone_number":"XXXXXXXXXXX5044",'
    '"preferred_authentication_method":"sms","authentication_methods":[{"id":"sms|<DEVICE a>","type":"sms"}]}'
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
    return await stage.visitor.manage("POST", _methods(stage), {"type": "phone", "phone_number": _NUMBER})


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


async def phone_factor(stage: Stage) -> httpx.Response:
    await stage.visitor.manage("PUT", "guardian/factors/sms", {"enabled": False})
    return await stage.associate()


_SMS = {"channels": ["sms"]}
_GONE = Answer(204, "", None)

FACTS = [
    Fact("2.10", "R", "a regenerated recovery code is the only member", regenerated,
         Answer(200, '{"recovery_code":"<RECOVERY>"}', UTF8), has=[PHONE, CODE]),
    Fact("2.10", "D", "the old recovery code is dead", old_code,
         refusal(403, "invalid_grant", "MFA Authorization rejected."), has=[PHONE, CODE]),
    Fact("2.10", "D", "the regenerated recovery code works", new_code, granted(after=',"recovery_code":"<RECOVERY>"'),
         has=[PHONE, CODE], login=_API),
    Fact("2.10", "R", "a phone is shown with its channels grouped", one, Answer(200, _RECORDED, UTF8), switches=_SMS),
    Fact("2.10", "R", "all methods are an array of such views", all_of_them, Answer(200, f"[{_RECORDED}]", UTF8),
         has=[PHONE | {"phone_number": _NUMBER}], switches=_SMS),
    Fact("2.10", "D", "both channels are grouped", one, Answer(200, _BOTH, UTF8)),
    Fact("2.10", "D", "a phone is stored confirmed without a message", without_a_message, Answer(201, _RECORDED, UTF8),
         switches=_SMS),
    Fact("2.10", "R", "its device is that of the MFA API", challenged, granted(), login=_API),
    Fact("2.10", "D", "one method can be removed", removed, _GONE),
    Fact("2.10", "D", "all methods can be removed", all_removed, _GONE, has=[PHONE, CODE]),
    Fact("2.10", "D", "factors are toggled beside them", phone_factor,
         refusal(403, "access_denied", "The factor or channel sms is not enabled.")),
]  # fmt: skip
