"""Sections 2.4, 2.5 and 3.2: associating and confirming an authenticator, and errors."""

from functools import partial

import httpx
import pyotp

from emulator.tests.facts.facts_row import (
    BAD_BEARER,
    PHONE_ASSOCIATED,
    TOO_MANY_SMS,
    Answer,
    Fact,
    Scene,
    granted,
    mfa,
    refusal,
    unsettled,
)
from emulator.tests.facts.facts_stage import CODE, EMAIL, NUMBER, PHONE, PUSH, REPORTS, TOTP, Stage
from emulator.tests.visitor import CREDENTIALS, OOB, OTP, bearer

_LABEL = "otpauth://totp/My%20Test%20Tenant:user%40example.com"
_CODES = '"recovery_codes":["<RECOVERY>"],'
_PUSH_URI = f'"barcode_uri":"{_LABEL}?enrollment_tx_id=<TRANSACTION>&base_url=http%3A%2F%2F<HOST>",'
_OTP = f'"secret":"<SECRET a>","barcode_uri":"{_LABEL}?secret=<SECRET a>'
_OTP += '&issuer=My%20Test%20Tenant&algorithm=SHA1&digits=6&period=30"'


def phone(channel: str = "sms", *, codes: str = "") -> str:
    head = f'{{"authenticator_type":"oob","binding_method":"prompt",{codes}'
    return f'{head}"oob_channel":"{channel}","oob_code":"<SEAL 578>"}}'


def push(codes: str = "") -> str:
    return f'{{"authenticator_type":"oob",{_PUSH_URI}{codes}"oob_channel":"auth0","oob_code":"<SEAL 620>"}}'


def otp(codes: str = "") -> str:
    return f'{{"authenticator_type":"otp",{_OTP}{codes}}}'


async def twice(stage: Stage) -> httpx.Response:
    await stage.associate()
    return await stage.associate()


async def push_after_phone(stage: Stage) -> httpx.Response:
    await stage.associate()
    return await stage.add("auth0")


async def otp_after_push(stage: Stage) -> httpx.Response:
    await push_after_phone(stage)
    return await stage.add("otp")


async def listed_after_two(stage: Stage) -> httpx.Response:
    await twice(stage)
    return await stage.listed()


async def confirmed_otp(stage: Stage) -> httpx.Response:
    secret = (await stage.add("otp")).json()["secret"]
    return await stage.exchange(OTP, otp=pyotp.TOTP(secret).at(await stage.visitor.now()))


async def push_scanned_late(stage: Stage) -> httpx.Response:
    oob_code = (await stage.add("auth0")).json()["oob_code"]
    await stage.visitor.advance(301)
    return await stage.poll(oob_code)


async def confirmed_with_bearer(stage: Stage) -> httpx.Response:
    oob_code = (await stage.associate()).json()["oob_code"]
    form = CREDENTIALS | {"grant_type": OOB, "mfa_token": stage.token, "oob_code": oob_code}
    form["binding_code"] = await stage.visitor.code(stage.person.number)
    return await stage.http.post("/oauth/token", data=form, headers=bearer(stage.token))


async def listed_after_confirming(stage: Stage) -> httpx.Response:
    await stage.confirm()
    return await stage.listed()


async def with_bearer(stage: Stage, *, header: dict[str, str], list_: bool = False) -> httpx.Response:
    if list_:
        return await stage.http.get("/mfa/authenticators", headers=header)
    return await stage.http.post("/mfa/associate", json={}, headers=header)


async def too_late(stage: Stage, *, list_: bool = False) -> httpx.Response:
    await stage.visitor.advance(600)
    return await with_bearer(stage, header=bearer(stage.token), list_=list_)


async def without_scope(stage: Stage) -> httpx.Response:
    return await stage.add("otp", token=await stage.access("read:authenticators"))


async def list_without_scope(stage: Stage) -> httpx.Response:
    return await stage.listed(await stage.access("enroll"))


def body(**members: object) -> Scene:
    return partial(_associate, members=members)


async def _associate(stage: Stage, members: dict[str, object]) -> httpx.Response:
    return await stage.visitor.add(stage.token, **members)


_SMS: dict[str, object] = {"authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": NUMBER}
_ENTRIES = [
    f'{{"id":"{channel}|<DEVICE {device}>","authenticator_type":"oob","active":false,'
    f'"oob_channel":"{channel}","name":"XXXXXXXXX9167"}}'
    for channel, device in (("sms", "a"), ("sms", "b"))
]
_CODE_ENTRY = '{"id":"recovery-code|<DEVICE>","authenticator_type":"recovery-code","active":false}'
_NOT_ENABLED: dict[str, dict[str, object]] = {
    "sms": {"phone_factor": False},
    "voice": {"channels": ["sms"]},
    "email": {"email_factor": False},
    "auth0": {"push_factor": False},
    "otp": {"otp_factor": False},
}
_NEEDS: dict[str, dict[str, str]] = {
    "sms": {"phone_number": NUMBER},
    "voice": {"phone_number": NUMBER},
    "email": {"email": EMAIL},
}


def add(channel: str) -> Scene:
    return partial(_add, channel=channel)


async def _add(stage: Stage, channel: str) -> httpx.Response:
    return await stage.add(channel, **_NEEDS.get(channel, {}))


def missing(name: str) -> Answer:
    return refusal(400, "invalid_request", f"Missing required parameter: {name}")


FACTS = [
    Fact("2.4", "R", "the first associate of a phone shows the recovery code", Stage.associate,
         mfa(phone(codes=_CODES))),
    Fact("2.4", "D", "a voice call is associated as a text is", add("voice"), mfa(phone("voice", codes=_CODES))),
    Fact("2.4", "D", "the first associate of an address shows the recovery code", add("email"),
         mfa(phone("email", codes=_CODES))),
    Fact("2.4", "R", "a push after a phone shows neither prompt nor recovery code", push_after_phone, mfa(push())),
    Fact("2.4", "D", "the first associate of a push shows the recovery code", add("auth0"), mfa(push(_CODES))),
    Fact("2.4", "R", "one-time passwords after others show no recovery code", otp_after_push, mfa(otp())),
    Fact("2.4", "D", "the first associate of one-time passwords shows the recovery code", add("otp"),
         mfa(otp(f',{_CODES[:-1]}'))),
    Fact("2.4", "R", "the recovery code is shown once though nothing was confirmed", twice, mfa(phone())),
    Fact("2.4", "D", "no recovery code is shown where the tenant has none", Stage.associate, mfa(PHONE_ASSOCIATED),
         switches={"recovery_codes": False}),
    Fact("2.4", "T", "each associate stores another authenticator", listed_after_two,
         mfa(f"[{_ENTRIES[0]},{_CODE_ENTRY},{_ENTRIES[1]}]"), switches={"channels": ["sms"]}),
    Fact("2.4", "R", "one-time passwords are six digits of SHA1 every 30 seconds", confirmed_otp, granted(),
         login=REPORTS),
    Fact("2.4", "D", "the code of a push must be scanned in five minutes", push_scanned_late,
         refusal(403, "expired_token", "oob_code is expired")),
    Fact("2.4", "R", "the parameter is not called authentication_types", body(
        authentication_types=["oob"], oob_channels=["sms"], phone_number=NUMBER), missing("authenticator_types")),
    Fact("2.4", "D", "a number is E.164", body(**_SMS | {"phone_number": "15555550100"}),
         refusal(400, "invalid_request", "The phone number is invalid.")),
    Fact("2.5", "D", "the code of the associate confirms it", Stage.confirm, granted(),
         login=REPORTS),
    Fact("2.5", "D", "a bearer on that call is no matter", confirmed_with_bearer, granted(),
         login=REPORTS),
    Fact("2.5", "D", "confirming makes phone and recovery code active", listed_after_confirming,
         mfa(f"[{_ENTRIES[0]},{_CODE_ENTRY}]".replace("false", "true")), switches={"channels": ["sms"]}),
    *(Fact("3.2", "C", f"an mfa_token cannot associate beside an active {name}", Stage.associate,
           refusal(403, "access_denied", "User is already enrolled."), has=[factor])
      for name, factor in (("phone", PHONE), ("push", PUSH), ("application", TOTP))),
    *(Fact("3.2", "C", f"{call} refuses a bearer that is {name}", partial(with_bearer, header=header, list_=list_),
           BAD_BEARER)
      for call, list_ in (("associate", False), ("a list", True))
      for name, header in (("missing", {}), ("garbage", bearer("garbage")))),
    Fact("3.2", "C", "associate refuses a bearer that is expired", too_late, BAD_BEARER),
    Fact("3.2", "C", "a list refuses a bearer that is expired", partial(too_late, list_=True), BAD_BEARER),
    *(Fact("3.2", "D", f"associate without {name} is refused", body(**{**_SMS, name: None}), missing(name))
      for name in _SMS),
    Fact("3.2", "D", "associate of an address without email is refused", body(
        authenticator_types=["oob"], oob_channels=["email"]), missing("email")),
    *(Fact("3.2", "D", f"{name} is an array of one string", body(**{**_SMS, name: value}),
           refusal(400, "invalid_request", f"{name} must be an array of one string"))
      for name, value in (("authenticator_types", "oob"), ("oob_channels", ["sms", "voice"]))),
    *unsettled("unsupported_authenticator_type", "3.2", "an unknown type is refused", body(
        **_SMS | {"authenticator_types": ["pigeon"]}),
        refusal(400, "invalid_request", "authenticator_types must be one of: oob, otp")),
    *unsettled("unsupported_oob_channel", "3.2", "an unknown channel is refused", body(
        **_SMS | {"oob_channels": ["pigeon"]}),
        refusal(400, "invalid_request", "oob_channels must be one of: sms, voice, email, auth0")),
    *unsettled("invalid_phone", "3.2", "an invalid number is refused", body(**_SMS | {"phone_number": "+1"}),
               refusal(400, "invalid_request", "The phone number is invalid."), grade="T"),
    *unsettled("invalid_email", "3.2", "an invalid address is refused", body(
        authenticator_types=["oob"], oob_channels=["email"], email="nobody"),
        refusal(400, "invalid_request", "The email is invalid.")),
    *unsettled("too_many_sms", "3.2", "a user who was sent too many texts is refused", Stage.associate, TOO_MANY_SMS,
               switches={"sends": {"burst": 0}}, grade="T"),
    *unsettled("too_many_emails", "3.2", "a user who was sent too many letters is refused", add("email"), refusal(
        400, "invalid_request", "Too many emails sent by the user. Wait for some minutes before retrying."),
        switches={"emails": {"burst": 0}}),
    *unsettled("factor_unavailable", "3.2", "a disabled phone factor is refused", add("sms"),
               refusal(403, "access_denied", "The factor or channel sms is not enabled."),
               switches=_NOT_ENABLED["sms"]),
    *(Fact("3.2", "U", f"disabled {channel} is refused", add(channel),
           refusal(403, "access_denied", f"The factor or channel {channel} is not enabled."), switches=switches)
      for channel, switches in _NOT_ENABLED.items() if channel != "sms"),
    *unsettled("insufficient_scope", "3.2", "an access token without enroll cannot associate", without_scope,
               refusal(403, "insufficient_scope", "Insufficient scope, expected any of: enroll")),
    Fact("3.2", "U", "an access token without read:authenticators cannot list", list_without_scope,
         refusal(403, "insufficient_scope", "Insufficient scope, expected any of: read:authenticators")),
    *unsettled("too_many_authenticators", "3.2", "a user with fifty authenticators cannot add another", Stage.associate,
               refusal(400, "invalid_request", "The user has too many authenticators."),
               has=[{"type": "totp", "confirmed": False}] * 50, grade="T"),
    Fact("3.2", "U", "how many are too many is a switch", Stage.associate,
         refusal(400, "invalid_request", "The user has too many authenticators."),
         has=[{"type": "totp", "confirmed": False}], switches={"max_authenticators": 1}),
    *unsettled("same_number", "3.2", "a number the user has is refused where the switch says so", twice,
               refusal(400, "invalid_request", "The phone number is already associated."),
               switches={"same_number": "refuse"}),
    Fact("3.2", "U", "a number the user has is added again", twice, mfa(phone())),
    Fact("3.2", "U", "a pending number is replaced where the switch says so", listed_after_two,
         mfa(f"[{_CODE_ENTRY},{_ENTRIES[1]}]"), switches={"channels": ["sms"], "same_number": "replace_pending"}),
    Fact("3.2", "T", "forty-nine are not too many", Stage.associate, mfa(phone()),
         has=[CODE] + [{"type": "totp", "confirmed": False}] * 49),
]  # fmt: skip
