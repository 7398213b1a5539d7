"""The device authorization flow, which the reference does not cover: the source stands beside each row.

The rows of grade D are Auth0's guide, "Call your API using the device authorization flow", and its API reference.
"""

import httpx

from emulator.tests.facts.facts_row import UTF8, Answer, Fact, refusal, tokens, unsettled
from emulator.tests.facts.facts_stage import Stage
from emulator.tests.visitor import PASSWORD

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_DEVICE = {"client_id": "device"}


async def _register(stage: Stage, **client: object) -> None:
    await stage.visitor.control("POST", "clients", _DEVICE | {"grant_types": [GRANT], "app_type": "native"} | client)


async def begun(stage: Stage, **parameters: str) -> httpx.Response:
    await _register(stage)
    return await stage.http.post("/oauth/device/code", data=_DEVICE | {"scope": "openid"} | parameters)


async def without_the_grant(stage: Stage) -> httpx.Response:
    await _register(stage, grant_types=["authorization_code"])
    return await stage.http.post("/oauth/device/code", data=_DEVICE)


async def with_a_secret(stage: Stage) -> httpx.Response:
    return await begun(stage, client_secret="secret")


async def polled(stage: Stage, device_code: str) -> httpx.Response:
    return await stage.http.post("/oauth/token", data=_DEVICE | {"grant_type": GRANT, "device_code": device_code})


async def waited(stage: Stage, *seconds: float) -> httpx.Response:
    """Poll once, and again after each of these times."""
    device_code = (await begun(stage)).json()["device_code"]
    answer = await polled(stage, device_code)
    for one in seconds:
        await stage.visitor.advance(one)
        answer = await polled(stage, device_code)
    return answer


async def unknown(stage: Stage) -> httpx.Response:
    await _register(stage)
    return await polled(stage, "unknown")


async def answered(stage: Stage, action: str, *, again: bool = False) -> httpx.Response:
    """Open the page, confirm or cancel, log in, and poll, once or twice."""
    device = (await begun(stage)).json()
    async with httpx.AsyncClient(base_url=stage.http.base_url, trust_env=False) as browser:
        page = (await browser.get(device["verification_uri_complete"])).headers["location"]
        following = await browser.post(page, data={"action": action})
        if action == "confirm":
            login = {"username": stage.person.email, "password": PASSWORD}
            assert "Congratulations" in (await browser.post(following.headers["location"], data=login)).text
    answer = await polled(stage, device["device_code"])
    return await polled(stage, device["device_code"]) if again else answer


_NO_MFA = {"mfa_required": False}
_PENDING = refusal(403, "authorization_pending", "User has yet to authorize device code.")
_FAST = refusal(429, "slow_down", "You are polling faster than the specified interval of 5 seconds.")

FACTS = [
    Fact("device", "D", "a device code lives for 15 minutes, and is polled for every five seconds", begun,
         Answer(200, '{"device_code":"<KEY>","user_code":"<KEY code>","verification_uri":"<ISSUER>activate",'
                '"expires_in":900,"interval":5,"verification_uri_complete":'
                '"<ISSUER>activate?user_code=<KEY code>"}', UTF8), login=None),
    Fact("device", "T", "the application needs the grant (auth0-lab/auth0-unity #13)", without_the_grant,
         refusal(403, "unauthorized_client", f"Grant type '{GRANT}' not allowed for the client."), login=None),
    Fact("device", "D", "a user who has not finished is pending", lambda stage: waited(stage, 5), _PENDING, login=None),
    Fact("device", "D", "who polls too fast is told to slow down", lambda stage: waited(stage, 4), _FAST, login=None),
    Fact("device", "D", "an expired code is told once", lambda stage: waited(stage, 900),
         refusal(403, "expired_token", "device_code is expired"), login=None),
    Fact("device", "D", "and is then no valid grant", lambda stage: waited(stage, 900, 5),
         refusal(403, "invalid_grant", "Invalid or expired device code."), login=None),
    Fact("device", "D", "who cancels denies access", lambda stage: answered(stage, "cancel"),
         refusal(403, "access_denied", "User cancelled the confirmation prompt."), login=None),
    Fact("device", "D", "who confirms and signs in grants tokens", lambda stage: answered(stage, "confirm"),
         tokens('{"access_token":"<JWT>","id_token":"<JWT>","scope":"openid","expires_in":86400,'
                '"token_type":"Bearer"}'), login=None, switches=_NO_MFA),
    Fact("device", "D", "once", lambda stage: answered(stage, "confirm", again=True),
         refusal(403, "invalid_grant", "Invalid or expired device code."), login=None, switches=_NO_MFA),
    *unsettled("unknown_device_code", "device", "a code that was never issued is no valid grant", unknown,
               refusal(403, "invalid_grant", "Invalid or expired device code."), logged_in=False),
    *unsettled("device_with_credentials", "device", "credentials are refused (auth0/ruby-auth0 #794)", with_a_secret,
               refusal(403, "unauthorized_client",
                       "The device authorization flow is for applications without credentials."),
               logged_in=False, grade="T"),
    *unsettled("device_audience", "device", "an audience that is no API is not found",
               lambda stage: begun(stage, audience="https://nowhere"),
               refusal(403, "access_denied", "Service not found: https://nowhere"), logged_in=False),
]  # fmt: skip
