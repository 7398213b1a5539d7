"""Section 2.1: what an application needs, and how it authenticates."""

import time

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from emulator.tests.facts.facts_row import (
    CHALLENGED,
    MFA_REQUIRED,
    PHONE_ASSOCIATED,
    UTF8,
    Answer,
    Fact,
    granted,
    mfa,
    refusal,
    unsettled,
)
from emulator.tests.facts.facts_stage import PHONE, REPORTS, Stage
from emulator.tests.visitor import CREDENTIALS, OOB, PASSWORD, bearer

_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PEM = _KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
_BASIC = ("emulator-client", "emulator-secret")
_MFA = '"http://auth0.com/oauth/grant-type/mfa-oob","http://auth0.com/oauth/grant-type/mfa-otp",'
_MFA += '"http://auth0.com/oauth/grant-type/mfa-recovery-code"'
_LOGIN = '"authorization_code","password","http://auth0.com/oauth/grant-type/password-realm","refresh_token"'
_NO_CODES = {"recovery_codes": False}
_UNAUTHORIZED = refusal(401, "access_denied", "Unauthorized")


async def grants(stage: Stage) -> httpx.Response:
    return await stage.visitor.manage("GET", "clients/emulator-client?fields=grant_types")


async def password(stage: Stage, **credentials: str) -> httpx.Response:
    form = credentials | {"grant_type": "password", "username": stage.person.email, "password": PASSWORD}
    return await stage.http.post("/oauth/token", data=form)


async def asserted(stage: Stage) -> dict[str, str]:
    """Register an application that signs with its key, and return its credentials."""
    await stage.visitor.control("POST", "clients", {"client_id": "keyed", "public_key_pem": _PEM})
    claims = {"iss": "keyed", "sub": "keyed", "aud": f"{stage.http.base_url}/", "exp": int(time.time()) + 60}
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    signed = jwt.encode(claims, _KEY, "RS256")
    return {"client_id": "keyed", "client_assertion": signed, "client_assertion_type": kind}


async def login_by_assertion(stage: Stage) -> httpx.Response:
    return await password(stage, **await asserted(stage))


async def challenge_by(stage: Stage, credentials: dict[str, str]) -> httpx.Response:
    token = (await password(stage, **credentials)).json()["mfa_token"]
    return await stage.http.post("/mfa/challenge", json=credentials | {"mfa_token": token})


async def challenge_by_assertion(stage: Stage) -> httpx.Response:
    return await challenge_by(stage, await asserted(stage))


async def challenge_publicly(stage: Stage) -> httpx.Response:
    await stage.visitor.control("POST", "clients", {"client_id": "public"})
    return await challenge_by(stage, {"client_id": "public"})


async def login_by_basic(stage: Stage) -> httpx.Response:
    form = {"grant_type": "password", "username": stage.person.email, "password": PASSWORD}
    return await stage.http.post("/oauth/token", data=form, auth=_BASIC)


async def challenge_by_basic(stage: Stage) -> httpx.Response:
    return await stage.http.post("/mfa/challenge", json={"mfa_token": stage.token}, auth=_BASIC)


async def challenge_in_a_form(stage: Stage) -> httpx.Response:
    return await stage.http.post("/mfa/challenge", data=CREDENTIALS | {"mfa_token": stage.token})


async def exchange_in_json(stage: Stage) -> httpx.Response:
    oob_code, code = await stage.challenged()
    return await stage.exchange(oob_code=oob_code, binding_code=code)


async def forwarded(stage: Stage) -> httpx.Response:
    form = CREDENTIALS | {"grant_type": "password", "username": stage.person.email, "password": PASSWORD}
    return await stage.http.post("/oauth/token", data=form, headers={"auth0-forwarded-for": "192.0.2.1"})


async def discovered(stage: Stage) -> httpx.Response:
    found = (await stage.http.get("/.well-known/openid-configuration")).json()
    assert not [name for name in found if "associate" in name or "authenticators" in name]
    body = CREDENTIALS | {"mfa_token": stage.token}
    return await stage.http.post(found["mfa_challenge_endpoint"], json=body)


async def associate_as_another(stage: Stage) -> httpx.Response:
    other = {"client_id": "management-client", "client_secret": "management-secret"}
    return await stage.associate(**other)


async def mixed_up_bearer(stage: Stage) -> httpx.Response:
    body = CREDENTIALS | {"mfa_token": stage.token}
    return await stage.http.post("/mfa/challenge", json=body, headers=bearer("garbage"))


FACTS = [
    Fact("2.1", "D", "one checkbox gives an application three MFA grants", grants,
         Answer(200, f'{{"grant_types":[{_LOGIN},{_MFA}]}}', UTF8)),
    Fact("2.1", "D", "and takes them all away", grants,
         Answer(200, f'{{"grant_types":[{_LOGIN}]}}', UTF8), switches={"mfa_grant": False}),
    Fact("2.1", "D", "without the MFA grant nothing is associated", Stage.associate,
         refusal(403, "unauthorized_client", f"Grant type '{OOB}' not allowed for the client."),
         switches={"mfa_grant": False}),
    Fact("2.1", "D", "without the MFA grant nothing is challenged", Stage.challenge,
         refusal(403, "unauthorized_client", f"Grant type '{OOB}' not allowed for the client."),
         has=[PHONE], switches={"mfa_grant": False}),
    Fact("2.1", "D", "a phone can be enrolled for the one channel the tenant has", Stage.associate,
         mfa(PHONE_ASSOCIATED), switches={"channels": ["sms"], **_NO_CODES}),
    Fact("2.1", "D", "a challenge takes the secret in the body", Stage.challenge, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.1", "D", "the token endpoint takes a signed assertion", login_by_assertion, MFA_REQUIRED),
    Fact("2.1", "D", "a challenge takes a signed assertion", challenge_by_assertion, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.1", "D", "a public application sends its client_id only", challenge_publicly, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.1", "D", "the token endpoint takes HTTP Basic", login_by_basic, MFA_REQUIRED),
    Fact("2.1", "U", "a challenge takes HTTP Basic", challenge_by_basic, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.1", "U", "a challenge takes no HTTP Basic where the switch says so", challenge_by_basic, _UNAUTHORIZED,
         has=[PHONE], switches={"challenge_with_basic": False}),
    Fact("2.1", "S", "associate needs no client fields", Stage.associate, mfa(PHONE_ASSOCIATED), switches=_NO_CODES),
    Fact("2.1", "D", "associate takes client fields", lambda stage: stage.associate(**CREDENTIALS),
         mfa(PHONE_ASSOCIATED), switches=_NO_CODES),
    Fact("2.1", "D", "associate checks client fields", lambda stage: stage.associate(
        client_id="emulator-client", client_secret="wrong"), _UNAUTHORIZED),
    Fact("2.1", "L", "associate is for the application that logged in", associate_as_another,
         refusal(400, "invalid_request", "mfa_token not issued to this client")),
    Fact("2.1", "R", "a challenge takes JSON", Stage.challenge, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.1", "D", "a challenge takes a form", challenge_in_a_form, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.1", "R", "the token endpoint takes a form", Stage.pass_challenge, granted(),
         has=[PHONE], login=REPORTS),
    Fact("2.1", "T", "the token endpoint takes JSON", exchange_in_json, granted(),
         has=[PHONE], login=REPORTS),
    Fact("2.1", "D", "an application may tell the address of the user", forwarded, MFA_REQUIRED, login=None),
    Fact("2.1", "T", "discovery names the endpoint of challenges and no other of MFA", discovered,
         mfa(CHALLENGED), has=[PHONE]),
    Fact("2.1", "R", "a challenge reads no bearer", mixed_up_bearer, mfa(CHALLENGED), has=[PHONE]),
    Fact("2.1", "D", "tokens are verified with a public key", lambda stage: stage.http.get("/.well-known/jwks.json"),
         mfa('{"keys":[{"kty":"RSA","use":"sig","n":"<KEY>","e":"AQAB","kid":"<KEY>","x5t":"<KEY>","x5c":["<DER>"],'
             '"alg":"RS256"}]}')),
]  # fmt: skip
FACTS += unsettled("invalid_client", "2.1", "a wrong secret is told in one word",
                   lambda stage: stage.visitor.http.post("/oauth/token", json={"grant_type": "password"}),
                   _UNAUTHORIZED, grade="T")  # fmt: skip
