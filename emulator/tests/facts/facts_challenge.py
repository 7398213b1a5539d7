"""Sections 2.7 and 3.3: challenges, and errors."""

import httpx

from emulator.tests.facts.facts_row import (
    CHALLENGED,
    MALFORMED,
    PLAIN,
    TOO_MANY_CODES,
    TOO_MANY_SMS,
    WRONG_CODE,
    Answer,
    Fact,
    granted,
    mfa,
    refusal,
    unsettled,
)
from emulator.tests.facts.facts_stage import CODE, PHONE, PUSH, REPORTS, TOTP, Stage
from emulator.tests.visitor import CREDENTIALS

_PUSHED = mfa('{"challenge_type":"oob","oob_code":"<SEAL 620>"}')
_OTP = mfa('{"challenge_type":"otp"}')
_EMAIL = {"type": "email", "email": "ada@example.com"}
_NONE = (
    "User does not have any confirmed authenticator associated. You can associate a new authenticator calling "
    "/mfa/associate endpoint. If you have one authenticator ready for confirmation, you can confirm it just using "
    "it in /oauth/token"
)


async def by_id(stage: Stage, number: int, channel: str = "", **more: str) -> httpx.Response:
    """Challenge the authenticator at an index, and check that the phone is reached on that channel."""
    answer = await stage.challenge(authenticator_id=(await stage.ids())[number], **more)
    if channel:
        assert (await stage.visitor.messages(stage.person.number))[-1]["channel"] == channel
    return answer


async def with_channel_named(stage: Stage) -> httpx.Response:
    answer = await stage.challenge(oob_channel="voice")
    assert (await stage.visitor.messages(stage.person.number))[-1]["channel"] == "sms"
    return answer


async def listed_after_challenge(stage: Stage) -> httpx.Response:
    assert (await stage.challenge()).status_code == 401
    return await stage.listed()


async def pending(stage: Stage) -> httpx.Response:
    await stage.associate()
    return await stage.challenge()


async def again(stage: Stage, times: int = 2) -> httpx.Response:
    for _ in range(times):
        answer = await stage.challenge()
    return answer


async def old_code(stage: Stage) -> httpx.Response:
    """Make two challenges and return the response to the first code."""
    oob_code, code = await stage.challenged()
    await stage.challenge()
    return await stage.verify(oob_code, code)


async def old_digits(stage: Stage) -> httpx.Response:
    """Challenge until the digits differ, then send the first digits with the last oob_code."""
    _, old = await stage.challenged()
    oob_code, new = await stage.challenged()
    while new == old:
        oob_code, new = await stage.challenged()
    return await stage.verify(oob_code, old)


async def with_token(stage: Stage, token: object) -> httpx.Response:
    return await stage.http.post("/mfa/challenge", json=CREDENTIALS | {"mfa_token": token})


async def expired(stage: Stage) -> httpx.Response:
    await stage.visitor.advance(600)
    return await stage.challenge()


async def of_another_client(stage: Stage) -> httpx.Response:
    await stage.visitor.control("POST", "clients", {"client_id": "public"})
    return await stage.http.post("/mfa/challenge", json={"client_id": "public", "mfa_token": stage.token})


async def as_nobody(stage: Stage) -> httpx.Response:
    return await stage.http.post("/mfa/challenge", json={"mfa_token": stage.token})


FACTS = [
    Fact("2.7", "D", "a challenge by text prompts for a code", lambda stage: by_id(stage, 0, "sms"), mfa(CHALLENGED),
         has=[PHONE]),
    Fact("2.7", "D", "a challenge by voice prompts for a code", lambda stage: by_id(stage, 1, "voice"), mfa(CHALLENGED),
         has=[PHONE]),
    Fact("2.7", "D", "a challenge by email prompts for a code", Stage.challenge, mfa(CHALLENGED), has=[_EMAIL]),
    Fact("2.7", "D", "a verified address can be challenged", Stage.challenge, mfa(CHALLENGED), verified=True),
    Fact("2.7", "R", "a push prompts for nothing", Stage.challenge, _PUSHED, has=[PUSH]),
    Fact("2.7", "R", "one-time passwords have no oob_code", Stage.challenge, _OTP, has=[TOTP]),
    Fact("2.7", "R", "the oob_code of a challenged phone is 620 characters", Stage.challenge,
         mfa(CHALLENGED), has=[PHONE]),
    Fact("2.7", "D", "oob_channel is no parameter", with_channel_named, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.7", "D", "the type is one of those asked for and enrolled", lambda stage: stage.challenge(
        challenge_type="otp"), _OTP, has=[PHONE, TOTP]),
    Fact("2.7", "D", "types are a list with spaces", lambda stage: stage.challenge(challenge_type="otp oob"),
         mfa(CHALLENGED), has=[PHONE, CODE]),
    Fact("2.7", "D", "an authenticator can be named", lambda stage: by_id(stage, 2), _OTP, has=[PHONE, TOTP]),
    Fact("2.7", "D", "one-time passwords need no challenge", Stage.otp, granted(), has=[TOTP],
         login=REPORTS),
    Fact("2.7", "D", "a challenge enrolls nothing", listed_after_challenge, mfa("[]")),
    Fact("2.7", "D", "calling again sends again", again, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.7", "D", "each call spends a send", again, TOO_MANY_SMS, has=[PHONE], switches={"sends": {"burst": 1}}),
    Fact("2.7", "U", "an older code stays good", old_code, granted(), has=[PHONE], login=REPORTS),
    Fact("2.7", "U", "an older code is dead where the switch says so", old_code, WRONG_CODE, has=[PHONE],
         switches={"old_codes_stay_valid": False}),
    Fact("2.7", "U", "each oob_code has digits of its own", old_digits, WRONG_CODE, has=[PHONE]),
    *unsettled("association_required", "3.3", "a user without a confirmed authenticator is told to associate",
               Stage.challenge, refusal(401, "association_required", _NONE), grade="T"),
    Fact("3.3", "T", "a pending authenticator is not confirmed", pending, refusal(401, "association_required", _NONE)),
    Fact("3.3", "C", "a user without the type asked for is told which", lambda stage: stage.challenge(
        challenge_type="oob"), refusal(401, "unsupported_challenge_type",
        "User does not have any enrolled authenticator with the supported challenge type (oob)"), has=[TOTP]),
    Fact("3.3", "C", "an authenticator named has not another type", lambda stage: by_id(
        stage, 0, challenge_type="otp"), refusal(401, "unsupported_challenge_type",
        "User does not have any enrolled authenticator with the supported challenge type (otp)"), has=[PHONE, TOTP]),
    *unsettled("transport_unavailable", "3.3", "a type without a transport left is refused", Stage.challenge,
               refusal(401, "unsupported_challenge_type", "The user does not support the requested challenge type "
                       "(oob). Currently there is no supported challenge available."),
               has=[PHONE], switches={"phone_factor": False}, grade="L"),
    *unsettled("invalid_authenticator", "3.3", "an unknown authenticator_id is refused", lambda stage: stage.challenge(
        authenticator_id="sms|dev_0000000000000000"), refusal(
        400, "invalid_authenticator", "The authenticator does not exist or is not confirmed."), has=[PHONE]),
    Fact("3.3", "D", "a pending authenticator cannot be named", lambda stage: by_id(stage, -1), refusal(
        400, "invalid_authenticator", "The authenticator does not exist or is not confirmed."),
        has=[PHONE, TOTP | {"confirmed": False}]),
    *unsettled("expired_token", "3.3", "an expired mfa_token is refused", expired,
               refusal(403, "expired_token", "mfa_token is expired"), has=[PHONE], grade="L"),
    Fact("3.3", "S", "a garbage mfa_token is refused", lambda stage: with_token(stage, "garbage"), MALFORMED),
    Fact("3.3", "L", "a missing mfa_token is refused", lambda stage: with_token(stage, None),
         refusal(400, "invalid_request", "Missing required parameter: mfa_token")),
    Fact("3.3", "L", "an mfa_token that is no text is refused", lambda stage: with_token(stage, 7),
         refusal(400, "invalid_request", "mfa_token must be a string")),
    Fact("3.3", "L", "the mfa_token of another application is refused", of_another_client,
         refusal(400, "invalid_request", "mfa_token not issued to this client")),
    Fact("3.3", "T", "a user who was sent too many texts is refused", Stage.challenge, TOO_MANY_SMS, has=[PHONE],
         switches={"sends": {"burst": 0}}),
    *unsettled("too_many_pushes", "3.3", "a user who was sent too many pushes is refused", Stage.challenge, refusal(
        400, "invalid_request", "Too many push notifications sent by the user. Wait for some minutes before retrying."),
        has=[PUSH], switches={"pushes": {"burst": 0}}),
    *unsettled("too_many_failed_codes", "3.3", "after too many wrong codes a challenge is refused", Stage.challenge,
               TOO_MANY_CODES, has=[PHONE], switches={"wrong_codes": {"burst": 0}}, grade="T"),
    Fact("3.3", "U", "after too many wrong codes a challenge is sent where the switch says so", Stage.challenge,
         mfa(CHALLENGED), has=[PHONE], switches={"wrong_codes": {"burst": 0}, "lockout_blocks_challenge": False}),
    Fact("3.3", "U", "an application that does not say who it is is refused", as_nobody,
         Answer(401, '{"error":"access_denied","error_description":"Unauthorized"}', PLAIN), has=[PHONE]),
]  # fmt: skip
