"""Sections 2.8, 3.1 and 3.4: MFA grants and their errors."""

from functools import partial

import httpx

from emulator.tests.facts.facts_row import (
    MALFORMED,
    PENDING,
    PLAIN,
    TOO_MANY_CODES,
    WRONG_CODE,
    WRONG_OTP,
    Answer,
    Fact,
    granted,
    refusal,
    unsettled,
)
from emulator.tests.facts.facts_stage import CODE, PHONE, PUSH, REPORTS, SCOPES, TOTP, Stage
from emulator.tests.visitor import CREDENTIALS, OOB, OTP, PASSWORD, RECOVERY, other_than

_ROTATED = granted(after=',"recovery_code":"<RECOVERY>"')
_REJECTED = refusal(403, "invalid_grant", "MFA Authorization rejected.")
_WRONG_LOGIN = refusal(403, "invalid_grant", "Wrong email or password.")
_BLOCKED = (
    "Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your "
    "preferred contact method with instructions on how to unblock it."
)
_SUSPICIOUS = (
    "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator."
)
_GIVEN = {
    OOB: {"oob_code": "x", "binding_code": "123456"},
    OTP: {"otp": "123456"},
    RECOVERY: {"recovery_code": "x"},
}
_NAMES = {OOB: "mfa-oob", OTP: "mfa-otp", RECOVERY: "mfa-recovery-code"}
_PAIRS = [(grant, name) for grant, given in _GIVEN.items() for name in ("mfa_token", *given)]


async def verified_with(stage: Stage, **more: str) -> httpx.Response:
    oob_code, code = await stage.challenged()
    return await stage.exchange(oob_code=oob_code, binding_code=code, **more)


async def verified_with_proof(stage: Stage) -> httpx.Response:
    oob_code, code = await stage.challenged()
    form = CREDENTIALS | {"grant_type": OOB, "mfa_token": stage.token, "oob_code": oob_code, "binding_code": code}
    return await stage.http.post("/oauth/token", data=form, headers={"DPoP": "eyJ.eyJ.x"})


async def for_mfa(stage: Stage) -> httpx.Response:
    return await (await stage.again(audience=stage.visitor.mfa_audience, scope=SCOPES)).pass_challenge()


async def old_recovery_code(stage: Stage) -> httpx.Response:
    assert (await stage.recover()).status_code == 200
    return await (await stage.again(**REPORTS)).recover()


async def new_recovery_code(stage: Stage) -> httpx.Response:
    code = (await stage.recover()).json()["recovery_code"]
    return await (await stage.again(**REPORTS)).recover(code)


async def wrong_code(stage: Stage) -> httpx.Response:
    oob_code, code = await stage.challenged()
    return await stage.verify(oob_code, other_than(code))


async def wrong_otp(stage: Stage) -> httpx.Response:
    return await stage.otp(other_than(await stage.password()))


async def polled(stage: Stage) -> httpx.Response:
    return await stage.poll((await stage.challenge()).json()["oob_code"])


async def polled_in_recorded_words(stage: Stage) -> httpx.Response:
    """A push that is associated only, its QR code not scanned yet."""
    return await stage.poll((await stage.add("auth0")).json()["oob_code"])


async def malformed(stage: Stage, **garbage: str) -> httpx.Response:
    oob_code, code = await stage.challenged()
    return await stage.exchange(**{"oob_code": oob_code, "binding_code": code} | garbage)


async def expired(stage: Stage, seconds: int) -> httpx.Response:
    oob_code, code = await stage.challenged()
    await stage.visitor.advance(seconds)
    return await stage.verify(oob_code, code)


async def of_another_login(stage: Stage) -> httpx.Response:
    oob_code, code = await stage.challenged()
    return await (await stage.again()).verify(oob_code, code)


async def without(stage: Stage, grant_type: str, name: str, value: object = None) -> httpx.Response:
    return await stage.exchange(grant_type, **{**_GIVEN[grant_type], name: value})


async def as_nobody(stage: Stage, grant_type: str) -> httpx.Response:
    return await stage.http.post("/oauth/token", json={"grant_type": grant_type})


async def of_another_client(stage: Stage) -> httpx.Response:
    await stage.visitor.control("POST", "clients", {"client_id": "public"})
    form = {"client_id": "public", "grant_type": OTP, "mfa_token": stage.token, "otp": "123456"}
    return await stage.http.post("/oauth/token", data=form)


async def login_with(stage: Stage, password: str = "wrong", times: int = 1) -> httpx.Response:
    for _ in range(times):
        answer = await stage.visitor.grant("password", username=stage.person.email, password=password)
    return answer


async def blocked_by_force(stage: Stage) -> httpx.Response:
    await login_with(stage, times=10)
    return await login_with(stage, PASSWORD)


async def blocked_user(stage: Stage) -> httpx.Response:
    user = {"email": stage.person.email, "password": PASSWORD, "blocked": True}
    await stage.visitor.control("POST", "users", user)
    return await stage.login()


async def of_a_blocked_user(stage: Stage) -> httpx.Response:
    oob_code, code = await stage.challenged()
    await blocked_user(stage)
    return await stage.verify(oob_code, code)


async def twice(stage: Stage) -> httpx.Response:
    oob_code, code = await stage.challenged()
    assert (await stage.verify(oob_code, code)).status_code == 200
    return await stage.verify(oob_code, code)


async def late(stage: Stage) -> httpx.Response:
    oob_code = (await stage.associate()).json()["oob_code"]
    code = await stage.visitor.code(stage.person.number)
    await (await stage.again()).confirm()
    return await stage.verify(oob_code, code)


async def faulty(stage: Stage, status: int, error: str, description: str, **headers: str) -> httpx.Response:
    body = {"error": error, "error_description": description}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    await stage.visitor.fault("POST", "/oauth/token", "status", status=status, body=body, headers=named)
    return await stage.login()


FACTS = [
    Fact("2.8", "R", "a right code is answered with tokens", Stage.pass_challenge, granted(), has=[PHONE],
         login=REPORTS),
    Fact("2.8", "R", "a right one-time password is answered with tokens", Stage.otp, granted(), has=[TOTP],
         login=REPORTS),
    Fact("2.8", "R", "a recovery code is answered with another, last", Stage.recover, _ROTATED, has=[PHONE, CODE],
         login=REPORTS),
    Fact("2.8", "R", "a recovery code works once", old_recovery_code, _REJECTED, has=[PHONE, CODE], login=REPORTS),
    Fact("2.8", "R", "the new recovery code works", new_recovery_code, _ROTATED, has=[PHONE, CODE], login=REPORTS),
    Fact("2.8", "D", "openid brings an id_token", Stage.pass_challenge,
         granted("openid profile", before='"id_token":"<JWT>",'), has=[PHONE], login={"scope": "openid profile"}),
    Fact("2.8", "D", "offline_access brings a refresh_token", Stage.pass_challenge,
         granted("offline_access", before='"refresh_token":"<REFRESH>",'), has=[PHONE],
         login={"scope": "offline_access"}),
    Fact("2.8", "D", "openid brings an id_token with a recovery code", Stage.recover,
         granted("openid profile", before='"id_token":"<JWT>",', after=',"recovery_code":"<RECOVERY>"'),
         has=[PHONE, CODE], login={"scope": "openid profile"}),
    Fact("2.8", "D", "the audience decides the lifetime", for_mfa, granted(SCOPES, seconds=600), has=[PHONE]),
    Fact("2.8", "I", "audience and scope of the login need not be sent again", Stage.pass_challenge,
         granted("read:reports write:reports"), has=[PHONE],
         login={"scope": "read:reports write:reports", "audience": "https://api.example.com"}),
    Fact("2.8", "S", "an audience may be sent again", partial(verified_with, audience="https://api.example.com"),
         granted(), has=[PHONE], login=REPORTS),
    Fact("2.8", "D", "a DPoP header is no matter", verified_with_proof, granted(), has=[PHONE], login=REPORTS),
    Fact("2.8", "L", "tokens are not to be cached", Stage.pass_challenge, granted(), has=[PHONE], login=REPORTS),
    Fact("3.1", "R", "a push nobody answered is pending", polled, PENDING, has=[PUSH]),
    Fact("3.1", "R", "a push nobody scanned is pending", polled_in_recorded_words, PENDING),
    Fact("3.4", "S", "a wrong code is refused", wrong_code, WRONG_CODE, has=[PHONE]),
    Fact("3.4", "S", "a wrong one-time password is refused", wrong_otp, WRONG_OTP, has=[TOTP]),
    Fact("3.4", "T", "a wrong recovery code is refused", lambda stage: stage.recover("WRONG"), _REJECTED,
         has=[PHONE, CODE]),
    *unsettled("slow_down", "3.4", "polling too fast is refused", polled,
               refusal(429, "slow_down", "You are polling faster than allowed. Try again in 5 seconds.",
                       retry_after="5"), has=[PUSH], switches={"exchanges": {"burst": 0}}),
    Fact("3.4", "L", "an expired mfa_token is refused", partial(expired, seconds=600),
         refusal(403, "expired_token", "mfa_token is expired"), has=[PHONE]),
    Fact("3.4", "T", "an expired oob_code is refused", partial(expired, seconds=300),
         refusal(403, "expired_token", "oob_code is expired"), has=[PHONE]),
    Fact("3.4", "U", "the status of expired tokens is a switch", partial(expired, seconds=300),
         refusal(401, "expired_token", "oob_code is expired"), has=[PHONE],
         switches={"refusals": {"expired_token": {"status": 401}}}),
    Fact("3.4", "S", "a garbage mfa_token is refused", partial(malformed, mfa_token="garbage"), MALFORMED, has=[PHONE]),
    Fact("3.4", "S", "a garbage oob_code is refused", partial(malformed, oob_code="garbage"),
         refusal(403, "invalid_grant", "Malformed oob_code"), has=[PHONE]),
    Fact("3.4", "L", "the oob_code of another login is refused", of_another_login,
         refusal(400, "invalid_request", "The oob_code doesn't match the mfa_token"), has=[PHONE]),
    *(Fact("3.4", "L", f"{_NAMES[grant]} without {name} is refused", partial(without, grant_type=grant, name=name),
           refusal(400, "invalid_request", f"Missing required parameter: {name}")) for grant, name in _PAIRS),
    *(Fact("3.4", "L", f"{_NAMES[grant]} with a number for {name} is refused",
           partial(without, grant_type=grant, name=name, value=7),
           refusal(400, "invalid_request", f"{name} must be a string")) for grant, name in _PAIRS),
    Fact("3.4", "S", "a one-time password of a user without an application is refused",
         lambda stage: stage.otp("123456"), refusal(401, "unsupported_challenge_type",
         "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.")),
    Fact("3.4", "S", "a recovery code of a user without one is refused", Stage.recover,
         refusal(403, "unsupported_challenge_type", "User does not have a recovery-code."), has=[PHONE]),
    *(Fact("3.4", "T", f"{name} without the grant is refused", partial(without, grant_type=grant, name="x"),
           refusal(403, "unauthorized_client", f"Grant type '{grant}' not allowed for the client."),
           switches={"mfa_grant": False}) for grant, name in _NAMES.items()),
    *unsettled("unsupported_grant_type", "3.4", "an unknown grant is refused",
               lambda stage: stage.visitor.grant("magic"),
               refusal(403, "unsupported_grant_type", "Unsupported grant type: magic")),
    *(Fact("3.4", "T", f"{name} without credentials is refused", partial(as_nobody, grant_type=grant),
           refusal(401, "access_denied", "Unauthorized")) for grant, name in _NAMES.items()),
    Fact("3.4", "L", "the mfa_token of another application is refused", of_another_client,
         refusal(400, "invalid_request", "mfa_token not issued to this client")),
    Fact("3.4", "S", "a wrong password is refused", login_with, _WRONG_LOGIN, login=None),
    Fact("3.4", "S", "a user nobody knows is refused as a wrong password is", lambda stage: stage.visitor.grant(
        "password", username="nobody@example.com", password="wrong"), _WRONG_LOGIN, login=None),
    Fact("3.4", "R", "a wrong authorization code is refused", lambda stage: stage.visitor.grant(
        "authorization_code", code="wrong", redirect_uri="https://app.example.com"),
        refusal(403, "invalid_grant", "Invalid authorization code")),
    Fact("3.4", "D", "too many wrong passwords block the user", blocked_by_force,
         refusal(429, "too_many_attempts", _BLOCKED), login=None),
    Fact("3.4", "D", "an address under suspicion is refused", Stage.login,
         refusal(429, "too_many_attempts", _SUSPICIOUS), login=None, switches={"suspicious_ip": True}),
    *unsettled("user_blocked", "3.4", "a blocked user is refused", blocked_user,
               refusal(401, "unauthorized", "user is blocked"), logged_in=False),
    Fact("3.4", "U", "a blocked user is refused with a right code", of_a_blocked_user,
         refusal(401, "unauthorized", "user is blocked"), has=[PHONE]),
    *(Fact("3.4", "D", f"{name} can be had by a fault", partial(faulty, status=status, error=error, description=text),
           Answer(status, f'{{"error":"{error}","error_description":"{text}"}}', PLAIN))
      for name, status, error, text in (
          ("the limit of a custom policy", 429, "too_many_requests", "Rate limit exceeded."),
          ("the quota of an application", 429, "too_many_requests", "Client quota exceeded"),
          ("a fault of the server", 500, "server_error", "Internal Server Error"))),
    Fact("3.4", "T", "a recovery code of a pending phone is none yet", Stage.recover,
         refusal(403, "unsupported_challenge_type", "User does not have a recovery-code."),
         has=[CODE | {"confirmed": False}]),
    *unsettled("spent_oob_code", "3.4", "a code that was taken is wrong", twice, WRONG_CODE,
               has=[PHONE], switches={"mfa_token_single_use": False}),
    *unsettled("late_confirmation", "3.4", "a phone left pending by a login before proves nobody who enrolled", late,
               refusal(403, "access_denied", "User is already enrolled.")),
    Fact("3.4", "U", "it proves them where the switch says so", late,
         granted("openid", before='"id_token":"<JWT>",'), switches={"late_confirmation": True},
         login={"scope": "openid"}),
    Fact("3.4", "T", "while locked out a right code is refused", Stage.pass_challenge, TOO_MANY_CODES, has=[PHONE],
         switches={"wrong_codes": {"burst": 0}, "lockout_blocks_challenge": False}),
]  # fmt: skip
