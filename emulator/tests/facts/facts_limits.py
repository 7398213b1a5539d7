"""Sections 3.5 and 4: budgets and rate limit headers."""

from functools import partial

import httpx

from emulator.tests.facts.facts_row import (
    MFA_REQUIRED,
    PENDING,
    PLAIN,
    TOO_MANY_CODES,
    TOO_MANY_SMS,
    UNLIMITED,
    UTF8,
    WRONG_CODE,
    Answer,
    Fact,
    granted,
    mfa,
    refusal,
    unsettled,
)
from emulator.tests.facts.facts_stage import CODE, EMAIL, PHONE, PUSH, REPORTS, TOTP, Stage
from emulator.tests.facts.facts_template import START
from emulator.tests.visitor import PASSWORD, other_than

_TOO_MANY_CALLS = "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers."
_ONE_CALL = {"burst": 1, "per_seconds": 60}
_ROTATED = granted(after=',"recovery_code":"<RECOVERY>"')


async def custom_policy(stage: Stage) -> httpx.Response:
    body = {"error": "too_many_requests", "error_description": "Rate limit exceeded."}
    headers = {"Retry-After": "7", "Auth0-RateLimit": "client;q=10;t=1;r=9"}
    await stage.visitor.fault("POST", "/oauth/token", "status", status=429, body=body, headers=headers)
    return await stage.login()


async def fail_codes(stage: Stage, times: int) -> tuple[str, str]:
    oob_code, code = await stage.challenged()
    for _ in range(times):
        assert (await stage.verify(oob_code, other_than(code))).status_code == 403
    return oob_code, code


async def wrong(stage: Stage) -> httpx.Response:
    oob_code, code = await stage.challenged()
    return await stage.verify(oob_code, other_than(code))


async def right_after_wrong(stage: Stage, times: int) -> httpx.Response:
    return await stage.verify(*await fail_codes(stage, times))


async def right_after_wrong_and(stage: Stage, seconds: float) -> httpx.Response:
    """Send ten wrong codes, wait, and return the response to a challenge in a new login."""
    await fail_codes(stage, 10)
    await stage.visitor.advance(seconds)
    return await (await stage.again(**REPORTS)).pass_challenge()


async def wrong_after_wrong(stage: Stage) -> httpx.Response:
    """Two windows refill only two tries."""
    await fail_codes(stage, 10)
    await stage.visitor.advance(720)
    login = await stage.again()
    return await login.verify(*await fail_codes(login, 2))


async def otp_after_wrong(stage: Stage) -> httpx.Response:
    await fail_codes(stage, 10)
    return await stage.otp()


async def another_oob_code(stage: Stage) -> httpx.Response:
    await fail_codes(stage, 1)
    return await stage.pass_challenge()


async def recovered_after_wrong(stage: Stage, seconds: float = 0) -> httpx.Response:
    for _ in range(10):
        assert (await stage.recover("WRONG")).status_code == 403
    await stage.visitor.advance(seconds)
    return await stage.recover()


async def send(stage: Stage, times: int, *channels: str) -> None:
    """Associate the phone on each channel in turn."""
    for number in range(times):
        assert (await stage.associate(channels[number % len(channels)])).status_code == 200


async def sent_too_often(stage: Stage) -> httpx.Response:
    await send(stage, 10, "sms", "voice")
    return await stage.associate()


async def sent_after_an_hour(stage: Stage, more: int = 0) -> httpx.Response:
    await send(stage, 10, "sms")
    await stage.visitor.advance(3600)
    login = await stage.again()
    await send(login, more, "sms")
    return await login.associate()


async def letters(stage: Stage, seconds: float = 0) -> httpx.Response:
    for _ in range(20):
        assert (await stage.add("email", email=EMAIL)).status_code == 200
    await stage.visitor.advance(seconds)
    return await stage.add("email", email=EMAIL)


async def pushes(stage: Stage, seconds: float = 0) -> httpx.Response:
    for _ in range(5):
        assert (await stage.challenge()).status_code == 200
    await stage.visitor.advance(seconds)
    return await stage.challenge()


async def polls(stage: Stage, seconds: float = 0) -> httpx.Response:
    oob_code = (await stage.challenge()).json()["oob_code"]
    for _ in range(12):
        assert (await stage.poll(oob_code)).status_code == 400
    await stage.visitor.advance(seconds)
    return await stage.poll(oob_code)


async def polls_of_another_login(stage: Stage) -> httpx.Response:
    await polls(stage)
    login = await stage.again()
    return await login.poll((await login.challenge()).json()["oob_code"])


async def logins(stage: Stage, seconds: float = 0) -> httpx.Response:
    for _ in range(20):
        assert (await stage.login()).status_code == 403
    await stage.visitor.advance(seconds)
    return await stage.login()


async def wrong_passwords(stage: Stage, times: int) -> httpx.Response:
    for _ in range(times):
        await stage.visitor.grant("password", username=stage.person.email, password="wrong")
    return await stage.visitor.grant("password", username=stage.person.email, password=PASSWORD)


def _limit(limit: int, remaining: int) -> dict[str, str | None]:
    return {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(remaining), "retry-after": None}


def over_the_limit(retry_after: str | None) -> Answer:
    return refusal(
        429,
        "too_many_requests",
        _TOO_MANY_CALLS,
        x_ratelimit_limit="1",
        x_ratelimit_remaining="0",
        x_ratelimit_reset=str(START + 60),
        retry_after=retry_after,
    )


FACTS = [
    Fact("3.5", "D", "a limit is told on success", Stage.listed,
         Answer(200, "[]", UTF8, _limit(2, 0) | {"x-ratelimit-reset": str(START + 60)}),
         switches={"rate_limit": {"burst": 2, "per_seconds": 60}}),
    Fact("3.5", "D", "a call over the limit is refused and the second told at which one may be made", Stage.login,
         over_the_limit(None), switches={"rate_limit": _ONE_CALL}),
    Fact("3.5", "U", "Retry-After is not told", Stage.login, over_the_limit(None), switches={"rate_limit": _ONE_CALL}),
    Fact("3.5", "U", "Retry-After is told where the switch says so", Stage.login, over_the_limit("60"),
         switches={"rate_limit": _ONE_CALL, "rate_limit_retry_after": True}),
    Fact("3.5", "D", "the headers of a custom policy can be had by a fault", custom_policy,
         refusal(429, "too_many_requests", "Rate limit exceeded.", retry_after="7",
                 auth0_ratelimit="client;q=10;t=1;r=9")),
    Fact("3.5", "T", "too many texts are told in no header", Stage.associate,
         Answer(400, TOO_MANY_SMS.body, PLAIN, UNLIMITED), switches={"sends": {"burst": 0}}),
    Fact("3.5", "T", "too many wrong codes are told in no header", Stage.challenge,
         Answer(400, TOO_MANY_CODES.body, PLAIN, UNLIMITED), has=[PHONE], switches={"wrong_codes": {"burst": 0}}),
    Fact("3.5", "T", "a wrong code does not tell how many are left", wrong,
         Answer(403, WRONG_CODE.body, PLAIN, UNLIMITED), has=[PHONE]),
    Fact("4", "L", "a wrong code burns nothing", partial(right_after_wrong, times=9), granted(), has=[PHONE],
         login=REPORTS),
    Fact("4", "T", "after ten wrong codes the right one is refused", partial(right_after_wrong, times=10),
         TOO_MANY_CODES, has=[PHONE]),
    Fact("4", "D", "six minutes later one is taken", partial(right_after_wrong_and, seconds=360), granted(),
         has=[PHONE]),
    Fact("4", "D", "six minutes give one and no more", wrong_after_wrong, TOO_MANY_CODES, has=[PHONE]),
    Fact("4", "D", "wrong codes and one-time passwords share a bucket", otp_after_wrong, TOO_MANY_CODES,
         has=[PHONE, TOTP]),
    Fact("4", "U", "wrong codes are counted for the user", another_oob_code, TOO_MANY_CODES, has=[PHONE],
         switches={"wrong_codes": {"burst": 1}, "lockout_blocks_challenge": False}),
    Fact("4", "U", "wrong codes are counted for the oob_code where the switch says so", another_oob_code, granted(),
         has=[PHONE], login=REPORTS, switches={"wrong_codes": {"burst": 1}, "wrong_codes_per": "oob_code"}),
    Fact("4", "D", "after ten wrong recovery codes the right one is refused", recovered_after_wrong, TOO_MANY_CODES,
         has=[PHONE, CODE]),
    Fact("4", "D", "six minutes later a recovery code is taken", partial(recovered_after_wrong, seconds=360), _ROTATED,
         has=[PHONE, CODE], login=REPORTS),
    Fact("4", "D", "after ten texts and calls another is refused", sent_too_often, TOO_MANY_SMS),
    Fact("4", "D", "an hour later one is sent", sent_after_an_hour,
         mfa('{"authenticator_type":"oob","binding_method":"prompt","oob_channel":"sms",'
             '"oob_code":"<SEAL 578 4200>"}')),
    Fact("4", "D", "an hour gives one and no more", partial(sent_after_an_hour, more=1), TOO_MANY_SMS),
    Fact("4", "D", "after twenty letters another is refused", letters, refusal(
        400, "invalid_request", "Too many emails sent by the user. Wait for some minutes before retrying.")),
    Fact("4", "D", "a minute later a letter is sent", partial(letters, seconds=60),
         mfa('{"authenticator_type":"oob","binding_method":"prompt","oob_channel":"email",'
             '"oob_code":"<SEAL 578 660>"}')),
    Fact("4", "D", "after five pushes another is refused", pushes, refusal(
        400, "invalid_request", "Too many push notifications sent by the user. Wait for some minutes before retrying."),
        has=[PUSH]),
    Fact("4", "D", "a fifth of a minute later a push is sent", partial(pushes, seconds=12),
         mfa('{"challenge_type":"oob","oob_code":"<SEAL 620 612>"}'), has=[PUSH]),
    Fact("4", "D", "after twelve exchanges a session must slow down", polls,
         refusal(429, "slow_down", "You are polling faster than allowed. Try again in 5 seconds.", retry_after="5"),
         has=[PUSH]),
    Fact("4", "D", "a twelfth of a minute later it may go on", partial(polls, seconds=5), PENDING, has=[PUSH]),
    Fact("4", "D", "exchanges are counted for the session", polls_of_another_login, PENDING, has=[PUSH]),
    *(Fact("4", "D", f"the plan {plan} lets through {limit} calls", Stage.listed,
           Answer(200, "[]", UTF8, _limit(limit, limit - 2)), switches={"plan": plan})
      for plan, limit in (("free", 300), ("essentials", 25), ("professional", 25), ("enterprise", 100))),
    Fact("4", "D", "the plan free lets through 30 calls for tokens", Stage.login,
         Answer(403, MFA_REQUIRED.body, PLAIN, _limit(30, 28)), switches={"plan": "free"}),
    *unsettled("too_many_logins", "4", "after twenty logins of a user another is refused", logins,
               refusal(429, "too_many_attempts", "Too many login attempts. Try again later."), logged_in=False),
    Fact("4", "D", "a tenth of a minute later a login is let through", partial(logins, seconds=6),
         Answer(403, MFA_REQUIRED.body.replace("1986", "1986 606"), PLAIN), login=None),
    Fact("4", "D", "nine wrong passwords block nobody", partial(wrong_passwords, times=9), MFA_REQUIRED, login=None),
    Fact("4", "D", "how many wrong passwords block is a setting", partial(wrong_passwords, times=1), refusal(
        429, "too_many_attempts", "Your account has been blocked after multiple consecutive login attempts. We've sent "
        "you a notification via your preferred contact method with instructions on how to unblock it."), login=None,
        switches={"brute_force_attempts": 1}),
]  # fmt: skip
