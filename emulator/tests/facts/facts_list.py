"""Sections 2.6 and 2.9: listing authenticators, masks, and removing them."""

from functools import partial

import httpx

from emulator.tests.facts.facts_row import BAD_BEARER, UTF8, Answer, Fact, mfa, refusal, unsettled
from emulator.tests.facts.facts_stage import CODE, PHONE, PUSH, TOTP, Stage
from emulator.tests.visitor import bearer

_ONE_CHANNEL = {"channels": ["sms"]}
_MASK = "XXXXXXXXX9167"


def entry(
    prefix: str, authenticator_type: str, *, active: bool = False, channel: str = "", name: str = "", type_: str = "",
    device: str = "",
) -> str:  # fmt: skip
    label = f" {device}" if device else ""
    early = f'"type":"{type_}",' if type_ else ""
    told = f'"authenticator_type":"{authenticator_type}","active":{str(active).lower()}'
    more = "".join(f',"{key}":"{value}"' for key, value in (("oob_channel", channel), ("name", name)) if value)
    return f'{{"id":"{prefix}|<DEVICE{label}>",{early}{told}{more}}}'


RECORDED = ",".join(
    [
        entry("sms", "oob", channel="sms", name=_MASK),
        entry("recovery-code", "recovery-code"),
        entry("push", "oob", channel="auth0"),
        entry("totp", "otp"),
        entry("totp", "otp"),
        entry("email", "oob", active=True, channel="email", name="****@exam*******"),
    ]
)
PHONES = {
    "+44207183875044": "XXXXXXXXXXX5044",
    "+12025558730": "XXXXXXXX8730",
    "+919876549167": "XXXXXXXXX9167",
    "+919876542046": "XXXXXXXXX2046",
    "+919876540368": "XXXXXXXXX0368",
    "+12025556220": "XXXXXXXX6220",
}
EMAILS = {
    "chuck334@example.com": "chuc****@exam*******",
    "dlozabcdefgh@example.com": "dloz********@exam*******",
    "foo@example.com": "****@exam*******",
    "user@example.com": "****@exam*******",
    "users@x.io": "user*@x.io",
}


async def as_recorded(stage: Stage) -> httpx.Response:
    """Associate sms, push and one-time passwords back to back, as in the recording."""
    for answer in (await stage.associate(), await stage.add("auth0"), await stage.add("otp")):
        assert answer.status_code == 200, answer.text
    return await stage.listed()


async def twins(stage: Stage) -> httpx.Response:
    await stage.associate()
    return await stage.listed()


async def one_of(stage: Stage, channel: str) -> httpx.Response:
    await stage.associate(channel)
    return await stage.listed()


async def newest(stage: Stage) -> httpx.Response:
    await stage.associate()
    return await stage.listed()


async def managed(stage: Stage) -> httpx.Response:
    await stage.associate()
    return await stage.visitor.manage("GET", f"users/{stage.person.user_id}/authentication-methods")


async def remove(stage: Stage, number: int = 0, encoded: str = "%7C", bearing: str | None = None) -> httpx.Response:
    """Remove the authenticator at an index, with an access token or another bearer."""
    path = (await stage.ids())[number].replace("|", encoded)
    token = await stage.access() if bearing is None else bearing
    return await stage.http.delete(f"/mfa/authenticators/{path}", headers=bearer(token))


async def remove_with_mfa_token(stage: Stage) -> httpx.Response:
    answer = await remove(stage, bearing=stage.token)
    assert len(answer.content) == 107
    return answer


async def listed_after_removing(stage: Stage, number: int) -> httpx.Response:
    assert (await remove(stage, number)).status_code == 204
    return await stage.listed()


async def remove_unknown(stage: Stage, scope: str = "remove:authenticators") -> httpx.Response:
    return await stage.delete("sms|dev_0000000000000000", await stage.access(scope))


_GONE = Answer(204, "", None)
_SMS = entry("sms", "oob", channel="sms", name=_MASK, device="a")
_VOICE = entry("voice", "oob", channel="voice", name=_MASK, device="a")
_CODE = entry("recovery-code", "recovery-code")
_EARLY = ",".join(
    [
        entry("sms", "oob", active=True, channel="sms", name=_MASK, type_="phone"),
        entry("totp", "otp", active=True, type_="otp"),
        entry("recovery-code", "recovery-code", active=True, type_="recovery-code"),
        entry("push", "oob", active=True, channel="auth0", name="Emulated phone", type_="push-notification"),
        entry("totp", "otp", active=True, type_="otp"),
        entry("email", "oob", active=True, channel="email", name="****@exam*******", type_="email"),
    ]
)

FACTS = [
    Fact("2.6", "R", "the list is as recorded", as_recorded, mfa(f"[{RECORDED}]"), switches=_ONE_CHANNEL,
         verified=True),
    Fact("2.6", "R", "nothing enrolled is an empty array", Stage.listed, mfa("[]")),
    Fact("2.6", "D", "with both channels a phone is two of one device", twins, mfa(f"[{_SMS},{_VOICE},{_CODE}]")),
    *(Fact("2.6", "D", f"with {channel} alone a phone is one", partial(one_of, channel=channel),
           mfa(f"[{entry(channel, 'oob', channel=channel, name=_MASK)},{_CODE}]"), switches={"channels": [channel]})
      for channel in ("sms", "voice")),
    Fact("2.6", "U", "with one channel a phone is two where the switch says so", twins,
         mfa(f"[{_SMS},{_VOICE},{_CODE}]"), switches=_ONE_CHANNEL | {"twins_always": True}),
    Fact("2.6", "U", "the oldest comes first", newest,
         mfa(f"[{entry('sms', 'oob', channel='sms', name=_MASK)},{_CODE}]"), switches=_ONE_CHANNEL),
    Fact("2.6", "U", "the newest comes first where the switch says so", newest,
         mfa(f"[{_CODE},{entry('sms', 'oob', channel='sms', name=_MASK)}]"),
         switches=_ONE_CHANNEL | {"newest_first": True}),
    Fact("2.6", "R", "a pending push has no name", Stage.listed,
         mfa(f"[{entry('push', 'oob', channel='auth0')},{entry('totp', 'otp')}]"),
         has=[PUSH | {"confirmed": False}]),
    Fact("2.6", "D", "a confirmed push has the name of its device", Stage.listed,
         mfa(f"[{entry('push', 'oob', active=True, channel='auth0', name='Pixel')},"
             f"{entry('totp', 'otp', active=True)}]"),
         has=[PUSH | {"name": "Pixel"}]),
    Fact("2.6", "I", "a name is written as it is and not escaped", Stage.listed,
         mfa(f"[{entry('push', 'oob', active=True, channel='auth0', name='Zoë の 📱')},"
             f"{entry('totp', 'otp', active=True)}]"), has=[PUSH | {"name": "Zoë の 📱"}]),
    Fact("2.6", "D", "the early access tells types", Stage.listed, mfa(f"[{_EARLY}]"), has=[PHONE, TOTP, CODE, PUSH],
         switches=_ONE_CHANNEL | {"mfa_requirements": True}, verified=True),
    *(Fact("2.6", "R", f"{number} is masked", Stage.listed,
           mfa(f"[{entry('sms', 'oob', active=True, channel='sms', name=mask)}]"),
           has=[PHONE | {"phone_number": number}], switches=_ONE_CHANNEL) for number, mask in PHONES.items()),
    *(Fact("2.6", "R", f"{email} is masked", Stage.listed,
           mfa(f"[{entry('email', 'oob', active=True, channel='email', name=mask)}]"),
           has=[{"type": "email", "email": email}]) for email, mask in EMAILS.items()),
    Fact("2.6", "T", "pending authenticators are not in the Management API", managed, Answer(200, "[]", UTF8)),
    Fact("2.6", "D", "a verified address is not listed where the factor is off", Stage.listed, mfa("[]"),
         verified=True, switches={"email_factor": False}),
    Fact("2.9", "R", "the bar of an id may be encoded", remove, _GONE, has=[PHONE]),
    Fact("2.9", "D", "what is removed is answered with nothing", partial(remove, encoded="|"), _GONE, has=[PHONE]),
    Fact("2.9", "I", "an mfa_token is refused in 107 bytes", remove_with_mfa_token, BAD_BEARER, has=[PHONE]),
    Fact("2.9", "D", "a bearer that is garbage is refused", partial(remove, bearing="garbage"), BAD_BEARER,
         has=[PHONE]),
    *unsettled("unknown_authenticator", "2.9", "an unknown id is not found", remove_unknown,
               refusal(404, "not_found", "The authenticator does not exist."), has=[PHONE], grade="D"),
    Fact("2.9", "U", "an access token without remove:authenticators is refused",
         partial(remove_unknown, scope="enroll"),
         refusal(403, "insufficient_scope", "Insufficient scope, expected any of: remove:authenticators"), has=[PHONE]),
    *(Fact("2.9", "D", f"removing {name} removes its twin", partial(listed_after_removing, number=number),
           mfa(f"[{entry('recovery-code', 'recovery-code', active=True)}]"), has=[PHONE, CODE])
      for number, name in enumerate(("sms", "voice"))),
    *(Fact("2.9", "D", f"removing {name} removes what came with it", partial(listed_after_removing, number=number),
           mfa(f"[{entry('sms', 'oob', active=True, channel='sms', name=_MASK)}]"), has=[PHONE, PUSH],
           switches=_ONE_CHANNEL)
      for number, name in ((1, "a push"), (2, "one-time passwords of a push"))),
    Fact("2.9", "D", "one-time passwords of their own are removed alone", partial(listed_after_removing, number=1),
         mfa(f"[{entry('sms', 'oob', active=True, channel='sms', name=_MASK)},"
             f"{entry('push', 'oob', active=True, channel='auth0', name='Emulated phone')},"
             f"{entry('totp', 'otp', active=True)}]"), has=[PHONE, TOTP, PUSH], switches=_ONE_CHANNEL),
    *unsettled("undeletable", "2.9", "a verified address cannot be removed", partial(remove, number=-1),
               refusal(400, "invalid_request", "Recovery codes and verified emails cannot be removed."),
               has=[PHONE], verified=True),
    Fact("2.9", "U", "a recovery code cannot be removed", partial(remove, number=-1),
         refusal(400, "invalid_request", "Recovery codes and verified emails cannot be removed."), has=[PHONE, CODE]),
]  # fmt: skip
