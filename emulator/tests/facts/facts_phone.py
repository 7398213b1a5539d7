"""Push answers, message contents, and provider outcomes."""

from functools import partial

import httpx

from emulator.tests.facts.facts_row import WRONG_CODE, Fact, granted, mfa, refusal, unsettled
from emulator.tests.facts.facts_stage import EMAIL, PHONE, PUSH, REPORTS, Stage
from emulator.tests.visitor import other_than

_ADDRESS = {"type": "email", "email": "ada@example.com"}
_CODES = '"recovery_codes":["<RECOVERY>"]'
_REJECTED = refusal(400, "access_denied", "MFA Authorization rejected.")


async def answered(stage: Stage, answer: str) -> httpx.Response:
    """Challenge the device, answer the push, and poll the result."""
    oob_code = (await stage.challenge()).json()["oob_code"]
    await stage.visitor.answer_push(stage.person, answer)
    return await stage.poll(oob_code)


async def enrolled_push(stage: Stage, answer: str = "approve") -> httpx.Response:
    oob_code = (await stage.add("auth0")).json()["oob_code"]
    await stage.visitor.answer_push(stage.person, answer)
    return await stage.poll(oob_code)


async def listed_after_push(stage: Stage) -> httpx.Response:
    assert (await enrolled_push(stage)).status_code == 200
    return await stage.listed()


async def polled_again(stage: Stage) -> httpx.Response:
    oob_code = (await stage.challenge()).json()["oob_code"]
    await stage.visitor.answer_push(stage.person, "deny")
    await stage.poll(oob_code)
    return await stage.poll(oob_code)


async def confirmed_address(stage: Stage) -> httpx.Response:
    oob_code = (await stage.add("email", email=EMAIL)).json()["oob_code"]
    return await stage.verify(oob_code, await stage.visitor.code(EMAIL))


async def associated_beside_address(stage: Stage) -> httpx.Response:
    await confirmed_address(stage)
    return await (await stage.again()).associate()


async def challenged_address(stage: Stage, address: str) -> httpx.Response:
    oob_code = (await stage.challenge()).json()["oob_code"]
    return await stage.verify(oob_code, await stage.visitor.code(address))


async def wrong_letter(stage: Stage) -> httpx.Response:
    oob_code = (await stage.challenge()).json()["oob_code"]
    return await stage.verify(oob_code, other_than(await stage.visitor.code("ada@example.com")))


async def faulty(stage: Stage, kind: str) -> httpx.Response:
    await stage.visitor.control("POST", "message-faults", {"kind": kind})
    return await stage.associate()


async def faulty_challenge(stage: Stage) -> httpx.Response:
    await stage.visitor.control("POST", "message-faults", {"kind": "refuse"})
    return await stage.challenge()


async def lost(stage: Stage) -> httpx.Response:
    answer = await faulty(stage, "drop")
    assert await stage.visitor.messages(stage.person.number) == []
    return answer


_LISTED = (
    '[{"id":"push|<DEVICE a>","authenticator_type":"oob","active":true,"oob_channel":"auth0","name":"Emulated phone"},'
    '{"id":"totp|<DEVICE b>","authenticator_type":"otp","active":true},'
    '{"id":"recovery-code|<DEVICE c>","authenticator_type":"recovery-code","active":true}]'
)
_ASSOCIATED = f'{{"authenticator_type":"oob","binding_method":"prompt",{_CODES},"oob_channel":"sms",'
_ASSOCIATED += '"oob_code":"<SEAL 578>"}'

FACTS = [
    Fact("3.1", "R", "a push denied is rejected", partial(answered, answer="deny"), _REJECTED, has=[PUSH]),
    Fact("3.4", "R", "a push denied stays rejected", polled_again, _REJECTED, has=[PUSH]),
    Fact("2.8", "D", "a push approved is answered with tokens", partial(answered, answer="approve"), granted(),
         has=[PUSH], login=REPORTS),
    Fact("2.5", "D", "scanning the code confirms a push", enrolled_push, granted(), login=REPORTS),
    Fact("2.6", "D", "a push that was scanned has the name of its device", listed_after_push, mfa(_LISTED)),
    Fact("2.5", "D", "the code of a letter confirms an address", confirmed_address, granted(), login=REPORTS),
    Fact("2.4", "D", "an active address does not block associating", associated_beside_address,
         mfa(_ASSOCIATED.replace(f"{_CODES},", ""))),
    Fact("2.8", "D", "the code of a letter is answered with tokens", partial(
        challenged_address, address="ada@example.com"), granted(), has=[_ADDRESS], login=REPORTS),
    Fact("2.8", "D", "a verified address is as good", partial(challenged_address, address=EMAIL), granted(),
         verified=True, login=REPORTS),
    Fact("3.4", "S", "a wrong code of a letter is refused", wrong_letter, WRONG_CODE, has=[_ADDRESS]),
    *unsettled("provider_failure", "3.2", "a provider that fails is told", partial(faulty, kind="refuse"),
               refusal(502, "bad_gateway", "The message could not be sent by the provider."), grade="L"),
    Fact("3.2", "U", "a message that is lost is told to nobody", lost, mfa(_ASSOCIATED)),
    Fact("3.2", "T", "a provider may find a number invalid", partial(faulty, kind="invalid_number"),
         refusal(400, "invalid_request", "The phone number is invalid.")),
    Fact("3.3", "U", "a provider that fails a challenge is told", faulty_challenge,
         refusal(502, "bad_gateway", "The message could not be sent by the provider."), has=[PHONE]),
]  # fmt: skip
