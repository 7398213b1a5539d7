"""Section 4: lifetimes and reuse of tokens, codes and seals."""

import re
from functools import partial

import httpx

from emulator.tests.facts.facts_row import (
    BAD_BEARER,
    CHALLENGED,
    MALFORMED,
    MFA_REQUIRED,
    PENDING,
    PLAIN,
    WRONG_OTP,
    Answer,
    Fact,
    granted,
    mfa,
    refusal,
)
from emulator.tests.facts.facts_stage import PHONE, PUSH, REPORTS, TOTP, Stage

_EXPIRED_CODE = refusal(403, "expired_token", "oob_code is expired")


async def verified_after(stage: Stage, seconds: float) -> httpx.Response:
    oob_code, code = await stage.challenged()
    await stage.visitor.advance(seconds)
    return await stage.verify(oob_code, code)


async def listed_after(stage: Stage, seconds: float) -> httpx.Response:
    await stage.visitor.advance(seconds)
    return await stage.listed()


async def challenged_after(stage: Stage, seconds: float) -> httpx.Response:
    await stage.visitor.advance(seconds)
    return await stage.challenge()


async def logged_in_after(stage: Stage, seconds: float) -> httpx.Response:
    await stage.visitor.advance(seconds)
    return await stage.login()


async def six_digits(stage: Stage) -> httpx.Response:
    oob_code, code = await stage.challenged()
    assert re.fullmatch("[0-9]{6}", code)
    return await stage.verify(oob_code, code)


async def reused(stage: Stage) -> httpx.Response:
    """Reuse accepted digits in another login."""
    oob_code, code = await stage.challenged()
    await stage.verify(oob_code, code)
    return await (await stage.again()).verify(oob_code, code)


async def otp_of(stage: Stage, seconds_ago: int) -> httpx.Response:
    return await stage.otp(await stage.password(seconds_ago))


async def otp_twice(stage: Stage) -> httpx.Response:
    code = await stage.password()
    assert (await stage.otp(code)).status_code == 200
    return await (await stage.again()).otp(code)


async def scanned_at(stage: Stage, seconds: float) -> httpx.Response:
    oob_code = (await stage.add("auth0")).json()["oob_code"]
    await stage.visitor.advance(seconds)
    return await stage.poll(oob_code)


async def challenged_after_tokens(stage: Stage) -> httpx.Response:
    assert (await stage.pass_challenge()).status_code == 200
    return await stage.challenge()


FACTS = [
    Fact("4", "T", "an mfa_token is good for ten minutes", partial(listed_after, seconds=599), mfa("[]")),
    Fact("4", "T", "an mfa_token is good no longer", partial(listed_after, seconds=600), BAD_BEARER),
    Fact("4", "D", "a code is good for five minutes", partial(verified_after, seconds=299), granted(), has=[PHONE],
         login=REPORTS),
    Fact("4", "D", "a code is good no longer", partial(verified_after, seconds=300), _EXPIRED_CODE, has=[PHONE]),
    Fact("4", "D", "a code is six digits", six_digits, granted(), has=[PHONE], login=REPORTS),
    Fact("4", "D", "a code cannot be used again", reused,
         refusal(400, "invalid_request", "The oob_code doesn't match the mfa_token"), has=[PHONE]),
    Fact("4", "I", "the seal of an oob_code lives as long as an mfa_token from its own making",
         partial(challenged_after, seconds=15), mfa('{"challenge_type":"oob","oob_code":"<SEAL 620 615>"}'),
         has=[PUSH]),
    Fact("4", "I", "the seal of an mfa_token lives ten minutes from its making", partial(logged_in_after, seconds=15),
         Answer(403, MFA_REQUIRED.body.replace("1986", "1986 615"), PLAIN)),
    Fact("4", "I", "the seal follows the lifetime of mfa_tokens and not that of codes", Stage.challenge,
         mfa(CHALLENGED.replace("620", "620 900")), has=[PHONE],
         switches={"mfa_token_seconds": 900, "code_seconds": 60}),
    Fact("4", "T", "a one-time password of the step before is taken", partial(otp_of, seconds_ago=30), granted(),
         has=[TOTP], login=REPORTS),
    Fact("4", "T", "a one-time password of two steps before is not", partial(otp_of, seconds_ago=60), WRONG_OTP,
         has=[TOTP]),
    Fact("4", "D", "a one-time password cannot be used again", otp_twice, WRONG_OTP, has=[TOTP]),
    Fact("4", "D", "the code of a push can be scanned for five minutes", partial(scanned_at, seconds=299), PENDING),
    Fact("4", "D", "the code of a push can be scanned no longer", partial(scanned_at, seconds=300), _EXPIRED_CODE),
    Fact("4", "U", "an mfa_token that brought tokens brings no more", challenged_after_tokens, MALFORMED, has=[PHONE]),
    Fact("4", "U", "an mfa_token that brought tokens brings more where the switch says so", challenged_after_tokens,
         mfa(CHALLENGED), has=[PHONE], switches={"mfa_token_single_use": False}),
]  # fmt: skip
