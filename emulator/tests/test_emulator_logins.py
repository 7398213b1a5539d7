"""First login step: grants, client authentication, tokens and key discovery."""

import base64
import hashlib
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from emulator.tests.visitor import CREDENTIALS, OOB, PASSWORD, Visitor, refusal

REALM = "http://auth0.com/oauth/grant-type/password-realm"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_without_mfa_a_login_is_answered_with_tokens_that_the_published_key_verifies(visitor: Visitor) -> None:
    await visitor.switch(mfa_required=False)
    person = await visitor.person(email_verified=True)
    answer = (await visitor.login(person, scope="openid email", audience="https://api.example.com")).json()
    assert list(answer) == ["access_token", "id_token", "scope", "expires_in", "token_type"]
    discovered = (await visitor.http.get("/.well-known/openid-configuration")).json()
    key = jwt.PyJWK((await visitor.http.get("/.well-known/jwks.json")).json()["keys"][0])
    access = jwt.decode(answer["access_token"], key, audience="https://api.example.com", issuer=discovered["issuer"])
    assert (access["sub"], access["scope"]) == (person.user_id, "openid email")
    identity = jwt.decode(answer["id_token"], key, audience="emulator-client", issuer=discovered["issuer"])
    assert (identity["email"], identity["email_verified"]) == (person.email, True)


async def test_the_published_certificate_is_that_of_the_signing_key(visitor: Visitor) -> None:
    await visitor.switch(mfa_required=False)
    token = (await visitor.login(await visitor.person(), scope="openid")).json()["access_token"]
    (key,) = (await visitor.http.get("/.well-known/jwks.json")).json()["keys"]
    der = base64.b64decode(key["x5c"][0])
    certificate = x509.load_der_x509_certificate(der)
    certificate.verify_directly_issued_by(certificate)
    assert base64.urlsafe_b64encode(hashlib.sha1(der, usedforsecurity=False).digest()) == key["x5t"].encode() + b"="
    pem = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    userinfo = visitor.mfa_audience.replace("/mfa/", "/userinfo")
    assert jwt.decode(token, pem, ["RS256"], audience=userinfo)["scope"] == "openid"
    await visitor.control("POST", "reset", {})
    assert (await visitor.http.get("/.well-known/jwks.json")).json()["keys"] == [key]


async def test_discovery_names_the_address_the_caller_used(visitor: Visitor) -> None:
    answer = await visitor.http.get("/.well-known/openid-configuration", headers={"Host": "tenant.example:81"})
    assert answer.json()["issuer"] == "http://tenant.example:81/"
    assert answer.json()["mfa_challenge_endpoint"] == "http://tenant.example:81/mfa/challenge"


async def test_the_realm_grant_takes_json_with_nulls(visitor: Visitor) -> None:
    person = await visitor.person()
    body = dict(CREDENTIALS, grant_type=REALM, username=person.email, password=PASSWORD)
    nulls = {"realm": None, "scope": None, "audience": None}
    answer = await visitor.http.post("/oauth/token", json=body | nulls)
    assert (answer.status_code, answer.json()["error"]) == (403, "mfa_required")
    unknown = await visitor.http.post("/oauth/token", json=body | {"realm": "elsewhere"})
    assert refusal(unknown)[:2] == (400, "invalid_request")


async def test_a_wrong_password_and_an_unknown_user_are_the_same_refusal(visitor: Visitor) -> None:
    person = await visitor.person()
    for email, password in ((person.email, "wrong"), ("nobody@example.com", PASSWORD)):
        answer = await visitor.grant("password", username=email, password=password)
        assert refusal(answer) == (403, "invalid_grant", "Wrong email or password.")


async def test_a_blocked_user_gets_no_tokens_at_any_step(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    blocked = {"email": person.email, "password": PASSWORD, "blocked": True}
    assert await visitor.control("POST", "users", blocked) == {"user_id": person.user_id}
    assert refusal(await visitor.login(person)) == (401, "unauthorized", "user is blocked")
    verified = await visitor.verify(token, oob_code, await visitor.code(person.number))
    assert refusal(verified) == (401, "unauthorized", "user is blocked")


async def test_a_token_for_the_mfa_api_needs_mfa_exactly_when_there_is_a_factor(visitor: Visitor) -> None:
    await visitor.switch(mfa_required=False)
    person = await visitor.person()
    asked = {"audience": visitor.mfa_audience.replace("http:", "https:"), "scope": "enroll read:other"}
    minted = (await visitor.login(person, **asked)).json()
    assert (minted["scope"], minted["expires_in"]) == ("enroll", 600)
    associated = (await visitor.associate(minted["access_token"], person.number)).json()
    code = await visitor.code(person.number)
    await visitor.verify(minted["access_token"], associated["oob_code"], code)
    assert (await visitor.login(person)).status_code == 200
    assert (await visitor.login(person, **asked)).json()["error"] == "mfa_required"


async def test_a_login_that_passed_mfa_can_be_refreshed_into_a_token_for_the_mfa_api(visitor: Visitor) -> None:
    person = await visitor.person()
    await visitor.enroll(person)
    answer = await visitor.pass_challenge(person, scope="openid offline_access")
    refreshed = await visitor.grant(
        "refresh_token", refresh_token=answer["refresh_token"], audience=visitor.mfa_audience, scope="enroll"
    )
    assert (refreshed.status_code, refreshed.json()["scope"]) == (200, "enroll")
    plain = (await visitor.grant("refresh_token", refresh_token=answer["refresh_token"])).json()
    assert (plain["scope"], plain["refresh_token"]) == ("openid offline_access", answer["refresh_token"])
    unknown = await visitor.grant("refresh_token", refresh_token="nonsense")
    assert refusal(unknown) == (403, "invalid_grant", "Unknown or invalid refresh token.")


@pytest.mark.parametrize("credentials", [{}, {"client_id": "emulator-client"}, CREDENTIALS | {"client_secret": "no"}])
async def test_an_application_that_cannot_prove_who_it_is_is_refused(
    visitor: Visitor, credentials: dict[str, str]
) -> None:
    for path, more in (("/oauth/token", {"grant_type": OOB}), ("/mfa/challenge", {"mfa_token": "x"})):
        assert refusal(await visitor.http.post(path, json=credentials | more)) == (
            401,
            "access_denied",
            "Unauthorized",
        )


async def test_http_basic_is_as_good_as_a_secret_in_the_body(visitor: Visitor) -> None:
    person = await visitor.person()
    body = {"grant_type": "password", "username": person.email, "password": PASSWORD}
    for secret, status in (("emulator-secret", 403), ("wrong", 401)):
        basic = httpx.BasicAuth("emulator-client", secret)
        assert (await visitor.http.post("/oauth/token", data=body, auth=basic)).status_code == status
    for header in ("Basic !!!", "Basic /w==", "Basic"):
        answer = await visitor.http.post("/oauth/token", data=body, headers={"Authorization": header})
        assert refusal(answer)[:2] == (401, "access_denied")


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({}, True),
        ({"aud": "token endpoint"}, True),
        ({"aud": ["https://elsewhere/"]}, False),
        ({"iss": "emulator-client"}, False),
        ({"sub": "emulator-client"}, False),
        ({"exp": 1}, False),
        ({"exp": None}, False),
        ({"jti": 5}, False),
    ],
)
async def test_a_signed_assertion_proves_the_application(
    visitor: Visitor, change: dict[str, Any], accepted: bool
) -> None:
    await visitor.advance(86_400)  # the application signs by real time, regardless of the tenant's clock
    await visitor.control("POST", "clients", {"client_id": "keyed", "public_key_pem": PEM})
    issuer = visitor.mfa_audience.removesuffix("mfa/")
    claims: dict[str, Any] = {"iss": "keyed", "sub": "keyed", "aud": issuer, "exp": int(time.time()) + 60} | change
    if claims["aud"] == "token endpoint":
        claims["aud"] = f"{issuer}oauth/token"
    signed = jwt.encode({name: value for name, value in claims.items() if value is not None}, KEY, "RS256")
    body = {"client_assertion": signed, "client_assertion_type": ASSERTION_TYPE, "grant_type": "password"}
    person = await visitor.person()
    answer = await visitor.http.post("/oauth/token", json=body | {"username": person.email, "password": PASSWORD})
    assert answer.json()["error"] == ("mfa_required" if accepted else "access_denied")


async def test_an_assertion_signed_by_another_key_or_of_another_type_is_refused(visitor: Visitor) -> None:
    await visitor.control("POST", "clients", {"client_id": "keyed", "public_key_pem": PEM})
    claims = {"iss": "keyed", "sub": "keyed", "aud": f"{visitor.http.base_url}/", "exp": int(time.time()) + 60}
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = {"client_assertion": jwt.encode(claims, other, "RS256"), "client_assertion_type": ASSERTION_TYPE}
    untyped = {"client_assertion": jwt.encode(claims, KEY, "RS256")}
    nested = {"client_assertion": jwt.encode(claims, KEY, "RS256") + "x", "client_assertion_type": ASSERTION_TYPE}
    for credentials in (forged, untyped, nested):
        answer = await visitor.http.post("/oauth/token", json=credentials | {"grant_type": "password"})
        assert refusal(answer)[:2] == (401, "access_denied")


async def test_only_an_rsa_public_key_can_be_registered(visitor: Visitor) -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    elliptic = curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for pem in ("", "garbage", elliptic):
        answer = await visitor.http.post("/_control/clients", json={"client_id": "keyed", "public_key_pem": pem})
        assert answer.status_code == 400
        assert answer.json() == {"error": "public_key_pem: Input should be an RSA public key in PEM."}


async def test_a_grant_the_application_lacks_or_nobody_knows_is_refused(visitor: Visitor) -> None:
    lacking = await visitor.grant("client_credentials", audience="x")
    assert refusal(lacking)[:2] == (403, "unauthorized_client")
    assert lacking.json()["error_description"] == "Grant type 'client_credentials' not allowed for the client."
    assert refusal(await visitor.grant("magic")) == (403, "unsupported_grant_type", "Unsupported grant type: magic")


async def test_without_the_mfa_grant_nothing_is_sent_or_verified(visitor: Visitor) -> None:
    person = await visitor.person()
    token = await visitor.mfa_token(person)
    await visitor.switch(mfa_grant=False)
    refused = (403, "unauthorized_client", f"Grant type '{OOB}' not allowed for the client.")
    assert refusal(await visitor.associate(token, person.number)) == refused
    assert refusal(await visitor.challenge(token)) == refused
    assert refusal(await visitor.verify(token, "x", "1")) == refused
    await visitor.switch(mfa_grant=True)
    assert (await visitor.associate(token, person.number)).status_code == 200


async def test_an_otp_of_a_user_without_an_authenticator_application_is_refused(visitor: Visitor) -> None:
    token = await visitor.mfa_token(await visitor.person())
    answer = await visitor.grant("http://auth0.com/oauth/grant-type/mfa-otp", mfa_token=token, otp="123456")
    assert refusal(answer)[:2] == (401, "unsupported_challenge_type")
