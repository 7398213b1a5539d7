"""Sections 2.2 and 2.3: the first step of a login, and access tokens for the MFA API itself."""

import httpx

from emulator.tests.facts.facts_row import (
    CHALLENGED,
    MALFORMED,
    MFA_REQUIRED,
    PHONE_ASSOCIATED,
    PLAIN,
    Answer,
    Fact,
    granted,
    mfa,
    refusal,
)
from emulator.tests.facts.facts_stage import CODE, PHONE, PUSH, REPORTS, SCOPES, TOTP, Stage
from emulator.tests.visitor import CREDENTIALS, PASSWORD

_REALM = "http://auth0.com/oauth/grant-type/password-realm"
_OFF = {"mfa_required": False}
_EARLY = {"mfa_requirements": True}
_ELSEWHERE = "https://tenant.example.com/mfa/"
_REFRESH = '"refresh_token":"<REFRESH>",'
_ID_TOKEN = '"id_token":"<JWT>",'


async def realm(stage: Stage, **more: str) -> httpx.Response:
    return await stage.visitor.grant(_REALM, username=stage.person.email, password=PASSWORD, **more)


async def login_in_json(stage: Stage) -> httpx.Response:
    body = CREDENTIALS | {"grant_type": "password", "username": stage.person.email, "password": PASSWORD}
    return await stage.http.post("/oauth/token", json=body)


async def minted(stage: Stage, scope: str = SCOPES) -> httpx.Response:
    return await stage.login(audience=stage.visitor.mfa_audience, scope=scope)


async def without_slash(stage: Stage) -> httpx.Response:
    return await stage.login(audience=stage.visitor.mfa_audience.rstrip("/"), scope="enroll")


async def of_another_domain(stage: Stage) -> httpx.Response:
    return await stage.login(audience=_ELSEWHERE, scope="enroll")


async def refreshed(stage: Stage) -> httpx.Response:
    """Log in without MFA, then request the MFA API."""
    token = (await stage.login(scope="offline_access")).json()["refresh_token"]
    return await stage.visitor.grant(
        "refresh_token", refresh_token=token, audience=stage.visitor.mfa_audience, scope="enroll"
    )


async def minted_by_a_factor(stage: Stage) -> httpx.Response:
    login = await stage.again(audience=stage.visitor.mfa_audience, scope=SCOPES)
    return await login.pass_challenge()


async def refreshed_after_a_factor(stage: Stage) -> httpx.Response:
    token = (await stage.pass_challenge()).json()["refresh_token"]
    return await stage.visitor.grant(
        "refresh_token", refresh_token=token, audience=stage.visitor.mfa_audience, scope="enroll"
    )


async def listed_by_access(stage: Stage) -> httpx.Response:
    return await stage.listed(await stage.access())


async def added_by_access(stage: Stage) -> httpx.Response:
    return await stage.visitor.associate(await stage.access(), stage.person.number + "1")


async def confirmed_by_access(stage: Stage) -> httpx.Response:
    access, number = await stage.access(), stage.person.number + "1"
    oob_code = (await stage.visitor.associate(access, number)).json()["oob_code"]
    return await stage.verify(oob_code, await stage.visitor.code(number), access)


async def challenged_by_access(stage: Stage) -> httpx.Response:
    return await stage.visitor.challenge(await stage.access())


def _with(requirements: str) -> Answer:
    return Answer(403, f'{MFA_REQUIRED.body[:-1]},"mfa_requirements":{requirements}}}', PLAIN)


_CHALLENGES = '{"challenge":[{"type":"otp"},{"type":"push-notification"},{"type":"phone"},{"type":"recovery-code"},'
_CHALLENGES += '{"type":"email"}]}'
_SMS_LIST = (
    '[{"id":"sms|<DEVICE>","authenticator_type":"oob","active":true,"oob_channel":"sms","name":"XXXXXXXXX9167"}]'
)
_NO_MFA = "openid profile email address phone"

FACTS = [
    Fact("2.2", "D", "a password answers that MFA is required", Stage.login, MFA_REQUIRED, login=None),
    Fact("2.2", "R", "an mfa_token is a seal of 1986 characters that ends in ten minutes", Stage.login, MFA_REQUIRED),
    Fact("2.2", "D", "a password may come in JSON", login_in_json, MFA_REQUIRED),
    Fact("2.2", "D", "a login may name its audience and scope", lambda stage: stage.login(
        audience="https://api.example.com", scope="openid profile offline_access"), MFA_REQUIRED),
    Fact("2.2", "D", "a password may name its realm", lambda stage: realm(
        stage, realm="Username-Password-Authentication"), MFA_REQUIRED),
    Fact("2.2", "D", "the early access says what can be challenged", Stage.login, _with(_CHALLENGES),
         has=[TOTP, PUSH, PHONE, CODE], verified=True, switches=_EARLY),
    Fact("2.2", "S", "the early access says what can be enrolled", Stage.login,
         _with('{"enroll":[{"type":"otp"},{"type":"phone"}]}'),
         switches=_EARLY | {"email_factor": False, "push_factor": False}),
    Fact("2.2", "R", "without MFA a password is answered with tokens", lambda stage: stage.login(**REPORTS),
         granted(), switches=_OFF),
    Fact("2.2", "R", "without a scope the scopes of OpenID are granted", Stage.login,
         granted(_NO_MFA, before=_ID_TOKEN), switches=_OFF),
    Fact("2.2", "D", "a refresh may need MFA as well", refreshed, MFA_REQUIRED, has=[PHONE], switches=_OFF, login=None),
    Fact("2.3", "D", "the audience is the tenant's address and mfa with a slash", lambda stage: minted(stage, "enroll"),
         granted("enroll", seconds=600)),
    Fact("2.3", "D", "an audience without the slash is another", without_slash,
         granted("enroll"), switches=_OFF),
    Fact("2.3", "D", "there are three scopes", lambda stage: minted(stage, f"{SCOPES} read:reports"),
         granted(SCOPES, seconds=600)),
    Fact("2.3", "D", "such a token lives ten minutes whatever others live", minted,
         granted(SCOPES, seconds=600), switches={"access_token_seconds": 7200}),
    Fact("2.3", "D", "asking for it needs MFA when there is a factor", minted, MFA_REQUIRED, has=[PHONE],
         switches=_OFF),
    Fact("2.3", "D", "asking for it needs no MFA without a factor", minted, granted(SCOPES, seconds=600)),
    Fact("2.3", "D", "a verified address is no factor", minted, granted(SCOPES, seconds=600), verified=True),
    Fact("2.3", "D", "it is had by a password and MFA", minted_by_a_factor, granted(SCOPES, seconds=600), has=[PHONE]),
    Fact("2.3", "D", "it is had by a refresh token", refreshed, granted("enroll", seconds=600, before=_REFRESH),
         switches=_OFF, login=None),
    Fact("2.3", "T", "it is had by a refresh token of a login that passed MFA", refreshed_after_a_factor,
         granted("enroll", seconds=600, before=_REFRESH), has=[PHONE], login={"scope": "offline_access"}),
    Fact("2.3", "T", "it is a JWT", minted, granted(SCOPES, seconds=600)),
    Fact("2.3", "D", "an mfa_token may list", Stage.listed, mfa(_SMS_LIST), has=[PHONE],
         switches={"channels": ["sms"]}),
    Fact("2.3", "D", "it may list with its scope", listed_by_access, mfa(_SMS_LIST), has=[PHONE],
         switches={"channels": ["sms"]}),
    Fact("2.3", "D", "an mfa_token may associate while no factor is active", Stage.associate, mfa(PHONE_ASSOCIATED),
         switches={"recovery_codes": False}, verified=True),
    Fact("2.3", "D", "it may associate with its scope whatever is active", added_by_access, mfa(PHONE_ASSOCIATED),
         has=[PHONE, CODE]),
    Fact("2.3", "D", "an mfa_token may challenge", Stage.challenge, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.3", "U", "it may not challenge", challenged_by_access, MALFORMED, has=[PHONE]),
    Fact("2.3", "U", "it may challenge where the switch says so", challenged_by_access, mfa(CHALLENGED), has=[PHONE],
         switches={"challenge_with_access_token": True}),
    Fact("2.3", "T", "it confirms what was associated with it", confirmed_by_access,
         granted(SCOPES, seconds=600), has=[PHONE, CODE]),
    Fact("2.3", "U", "the MFA audience of another domain is any audience", of_another_domain,
         granted("enroll"), switches=_OFF),
    Fact("2.3", "U", "the MFA audience a custom domain left behind is a switch", of_another_domain,
         granted("enroll", seconds=600), switches=_OFF | {"mfa_audience": _ELSEWHERE}),
    Fact("2.2", "D", "an unknown realm is refused", lambda stage: realm(stage, realm="elsewhere"),
         refusal(400, "invalid_request", "the connection was not found")),
]  # fmt: skip
