"""Sign-in by redirect, which the reference does not cover: the source stands beside each row.

The rows of grade R are cassettes of go-auth0 (`TestLoginWithAuthCode`). Errors at callbacks are as documented (silent
authentication, user consent), or as reports to Auth0's own repositories show them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from emulator.tests.facts.facts_row import PLAIN, UTF8, Answer, Fact, refusal, unsettled
from emulator.tests.facts.facts_stage import PHONE, Stage
from emulator.tests.signing_in import CALLBACK, CLIENT, Browser, callback, claims
from emulator.tests.visitor import CREDENTIALS

_ORIGIN = "https://app.example.com"


@asynccontextmanager
async def _browser(stage: Stage, **client: object) -> AsyncIterator[Browser]:
    members = CLIENT | {"callbacks": [CALLBACK], "web_origins": [_ORIGIN]} | client
    await stage.visitor.control("POST", "clients", members)
    async with httpx.AsyncClient(base_url=stage.http.base_url, trust_env=False) as http:
        yield Browser(stage.visitor, http)


async def invalid_code(stage: Stage) -> httpx.Response:
    form = CREDENTIALS | {"grant_type": "authorization_code", "code": "my-invalid-code"}
    return await stage.http.post("/oauth/token", data=form)


async def exchanged(stage: Stage, **parameters: str) -> httpx.Response:
    async with _browser(stage) as browser:
        return await browser.exchange(callback(await browser.login(stage.person))["code"], **parameters)


async def exchanged_twice(stage: Stage) -> httpx.Response:
    async with _browser(stage) as browser:
        code = callback(await browser.login(stage.person))["code"]
        await browser.exchange(code)
        return await browser.exchange(code)


async def asked(stage: Stage, **parameters: str) -> httpx.Response:
    async with _browser(stage) as browser:
        return await browser.open(**parameters)


async def silently(stage: Stage, *, first_party: bool = True, **switches: object) -> httpx.Response:
    """Log in, and ask silently."""
    async with _browser(stage) as browser:
        callback(await browser.login(stage.person))
        await stage.visitor.switch(**switches)
        await stage.visitor.control("POST", "clients", CLIENT | {"is_first_party": first_party})
        return await browser.open(prompt="none")


async def silently_for_mfa(stage: Stage) -> httpx.Response:
    return await silently(stage, mfa_required=True)


async def silently_for_a_third_party(stage: Stage) -> httpx.Response:
    return await silently(stage, first_party=False)


async def discovered(stage: Stage, name: str = "openid-configuration") -> httpx.Response:
    return await stage.http.get(f"/.well-known/{name}")


async def later(stage: Stage, *seconds: int) -> httpx.Response:
    """Log in, and ask silently after each of these times."""
    async with _browser(stage) as browser:
        answer = await browser.login(stage.person)
        for one in seconds:
            await stage.visitor.advance(one)
            answer = await browser.open(prompt="none")
        return answer


async def identified(stage: Stage, **parameters: str) -> httpx.Response:
    """Sign in with MFA, and return the claims of the id token that depend on how."""
    async with _browser(stage) as browser:
        answer = await browser.exchange((await browser.signed_in(stage.person, **parameters))["code"])
    found = claims(answer.json()["id_token"])
    told = {name: found[name] for name in ("nonce", "auth_time", "acr", "amr") if name in found}
    return httpx.Response(200, json=told, request=answer.request)


async def unregistered_origin(stage: Stage) -> httpx.Response:
    async with _browser(stage, web_origins=[]) as browser:
        page = await browser.open(response_mode="web_message", prompt="none")
        told = "The specified redirect_uri &#x27;https://app.example.com/callback&#x27; does not have a registered"
        assert told in page.text
        return httpx.Response(page.status_code, request=page.request)


def _told(error: str, description: str) -> Answer:
    text = description.replace(" ", "%20").replace(":", "%3A").replace("/", "%2F")
    location = f"{CALLBACK}?error={error}&error_description={text}&state=s1"
    return Answer(302, "", None, {"location": location})


_POLICY = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
_NO_MFA = {"mfa_required": False}
_GRANT = "http://auth0.com/oauth/grant-type"
_DISCOVERED = (
    '{"issuer":"<ISSUER>","authorization_endpoint":"<ISSUER>authorize","token_endpoint":"<ISSUER>oauth/token",'
    '"device_authorization_endpoint":"<ISSUER>oauth/device/code",'
    '"userinfo_endpoint":"<ISSUER>userinfo","mfa_challenge_endpoint":"<ISSUER>mfa/challenge",'
    '"jwks_uri":"<ISSUER>.well-known/jwks.json","revocation_endpoint":"<ISSUER>oauth/revoke",'
    '"scopes_supported":["openid","profile","offline_access","email","phone","address"],'
    '"response_types_supported":["code"],"code_challenge_methods_supported":["S256","plain"],'
    '"response_modes_supported":["query","fragment","form_post"],"subject_types_supported":["public"],'
    '"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","private_key_jwt","none"],'
    '"token_endpoint_auth_signing_alg_values_supported":["RS256","RS384","PS256"],'
    '"claims_supported":["aud","auth_time","email","email_verified","exp","family_name","given_name","iat","iss","name",'
    '"nickname","phone_number","picture","sub"],"grant_types_supported":["authorization_code","password",'
    f'"{_GRANT}/password-realm","refresh_token","client_credentials","urn:ietf:params:oauth:grant-type:device_code","{_GRANT}/mfa-oob",'
    f'"{_GRANT}/mfa-otp","{_GRANT}/mfa-recovery-code"],'
    '"request_uri_parameter_supported":false,"request_parameter_supported":false,'
    '"id_token_signing_alg_values_supported":["RS256"],"end_session_endpoint":"<ISSUER>oidc/logout"}'
)

FACTS = [
    Fact("sign-in", "R", "a code that was never issued is invalid", invalid_code,
         refusal(403, "invalid_grant", "Invalid authorization code"), login=None),
    Fact("sign-in", "D", "a code works once", exchanged_twice,
         refusal(403, "invalid_grant", "Invalid authorization code"), login=None, switches=_NO_MFA),
    Fact("sign-in", "C", "discovery names what sign-in needs, as tenants' documents do", discovered,
         Answer(200, _DISCOVERED, UTF8), login=None),
    Fact("sign-in", "D", "and at its alias (OIDC discovery)", lambda stage: discovered(
        stage, "oauth-authorization-server"), Answer(200, _DISCOVERED, UTF8), login=None),
    Fact("sign-in", "D", "prompt=none without a session is login_required", lambda stage: asked(stage, prompt="none"),
         _told("login_required", "Login required"), login=None),
    Fact("sign-in", "S", "prompt=none that needs MFA is login_required, too (auth0-spa-js)", silently_for_mfa,
         _told("login_required", "Multifactor authentication required"), login=None, switches=_NO_MFA),
    Fact("sign-in", "U", "or another error where the switch says so", silently_for_mfa,
         _told("mfa_required", "Multifactor authentication required"), login=None,
         switches={"mfa_required": False, "silent_mfa_error": "mfa_required"}),
    Fact("sign-in", "D", "prompt=none that needs consent is consent_required", silently_for_a_third_party,
         _told("consent_required", "Consent required"), login=None, switches=_NO_MFA),
    Fact("sign-in", "T", "an audience that is no API is not found (auth0-samples/auth0-python-web-app #18)",
         lambda stage: asked(stage, audience="https://api.example.com/"),
         _told("access_denied", "Service not found: https://api.example.com/"), login=None),
    Fact("sign-in", "T", "web_message needs a registered web origin", unregistered_origin, Answer(403, "", None),
         login=None),
    Fact("sign-in", "D", "a session ends after three days without use (enable SSO)",
         lambda stage: later(stage, 259_201), _told("login_required", "Login required"), login=None, switches=_NO_MFA),
    Fact("sign-in", "D", "a session ends after seven days (tenant settings)",
         lambda stage: later(stage, 259_000, 259_000, 86_801), _told("login_required", "Login required"), login=None,
         switches=_NO_MFA),
    Fact("sign-in", "D", "after MFA the id token has acr and amr (step-up for web apps)", identified,
         Answer(200, f'{{"acr":"{_POLICY}","amr":["mfa"]}}', PLAIN), has=[PHONE], login=None),
    Fact("sign-in", "D", "with max_age it has auth_time (force reauthentication)",
         lambda stage: identified(stage, max_age="60", nonce="n"),
         Answer(200, f'{{"nonce":"n","auth_time":1800000000,"acr":"{_POLICY}","amr":["mfa"]}}', PLAIN),
         has=[PHONE], login=None),
    Fact("sign-in", "D", "with prompt=login, too", lambda stage: identified(stage, prompt="login"),
         Answer(200, f'{{"auth_time":1800000000,"acr":"{_POLICY}","amr":["mfa"]}}', PLAIN), has=[PHONE], login=None),
    *unsettled("wrong_code_verifier", "sign-in", "a wrong code verifier is refused",
               lambda stage: exchanged(stage, code_verifier="x" * 43),
               refusal(403, "invalid_grant", "Failed to verify code verifier"),
               logged_in=False, switches=_NO_MFA, grade="T"),
    *unsettled("missing_code_verifier", "sign-in", "a missing code verifier is refused",
               lambda stage: exchanged(stage, code_verifier=""),
               refusal(400, "invalid_request", "Parameter 'code_verifier' is required"),
               logged_in=False, switches=_NO_MFA, grade="T"),
    *unsettled("wrong_redirect_uri", "sign-in", "a code is exchanged for the callback it was sent to",
               lambda stage: exchanged(stage, redirect_uri="https://app.example.com/other"),
               refusal(403, "unauthorized_client", "The redirect URI is wrong. You sent https://app.example.com/other, "
                       "and we expected https://app.example.com/callback"),
               logged_in=False, switches=_NO_MFA, grade="T"),
]  # fmt: skip
