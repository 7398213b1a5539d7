import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pydantic import SecretStr

from phone_mfa.auth0 import Auth0, ClientSecret, Credentials, PrivateKeyJwt, PublicClient
from tests.integration.auth0.tenant import Heard, ScriptedTenant, answer

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA_PEM = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC_PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
OPENSSH_PEM = RSA.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
ENCRYPTED_PEM = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hush")).decode()
EC_PEM = (
    ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
)


async def challenge(http: httpx.AsyncClient, tenant: ScriptedTenant, credentials: Credentials) -> Heard:
    tenant.will(answer(200, {"challenge_type": "oob", "oob_code": "oob"}))
    await Auth0(http, base_url=tenant.base_url, credentials=credentials).challenge(SecretStr("mfa"))
    return tenant.heard[-1]


async def test_an_application_without_credentials_sends_its_id_alone(
    http: httpx.AsyncClient, tenant: ScriptedTenant
) -> None:
    request = await challenge(http, tenant, PublicClient("client-1"))
    assert request.body == {"mfa_token": "mfa", "challenge_type": "oob", "client_id": "client-1"}


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "PS256"])
async def test_an_assertion_proves_who_asks_for_a_minute(
    http: httpx.AsyncClient, tenant: ScriptedTenant, algorithm: str
) -> None:
    request = await challenge(http, tenant, PrivateKeyJwt("client-1", SecretStr(RSA_PEM), "key-1", algorithm))
    assertion = request.body.pop("client_assertion")
    assert request.body == {
        "mfa_token": "mfa",
        "challenge_type": "oob",
        "client_id": "client-1",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    assert jwt.get_unverified_header(assertion) == {"alg": algorithm, "kid": "key-1", "typ": "JWT"}
    claims = jwt.decode(assertion, RSA.public_key(), [algorithm], audience=f"{tenant.base_url}/")
    assert (claims["iss"], claims["sub"], claims["exp"] - claims["iat"]) == ("client-1", "client-1", 60)
    assert claims["iat"] == pytest.approx(time.time(), abs=5)


async def test_every_request_has_an_assertion_of_its_own(http: httpx.AsyncClient, tenant: ScriptedTenant) -> None:
    credentials = PrivateKeyJwt("client-1", SecretStr(RSA_PEM))
    assertions = [(await challenge(http, tenant, credentials)).body["client_assertion"] for _ in range(2)]
    ids = {jwt.decode(each, options={"verify_signature": False})["jti"] for each in assertions}
    assert len(ids) == 2
    assert "kid" not in jwt.get_unverified_header(assertions[0])


@pytest.mark.parametrize("pem", ["", "no key", PUBLIC_PEM, EC_PEM, OPENSSH_PEM, ENCRYPTED_PEM, RSA_PEM[:200]])
def test_a_key_that_cannot_sign_is_refused_by_name(pem: str) -> None:
    with pytest.raises(
        ValueError, match=r"^private_key_pem must be a private key in PEM that RS256 can use$"
    ) as refused:
        PrivateKeyJwt("client-1", SecretStr(pem))
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES256", ""])
def test_an_algorithm_that_auth0_does_not_take_is_refused(algorithm: str) -> None:
    with pytest.raises(ValueError, match=r"^algorithm must be one of RS256, RS384, PS256$"):
        PrivateKeyJwt("client-1", SecretStr(RSA_PEM), algorithm=algorithm)


def test_credentials_hide_their_secret() -> None:
    assert "hush" not in repr(ClientSecret("client-1", SecretStr("hush")))
    assert "PRIVATE KEY" not in repr(PrivateKeyJwt("client-1", SecretStr(RSA_PEM)))
