"""auth0-python, as published, logs in at the emulator over plain HTTP."""

from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from auth0.authentication import GetToken
from auth0.authentication.exceptions import Auth0Error, RateLimitError

from emulator.tests.visitor import OOB, PASSWORD, Person, Visitor


@pytest.fixture
def sdk(address: str, monkeypatch: pytest.MonkeyPatch) -> GetToken:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    domain = urlsplit(address).netloc
    return GetToken(domain, "emulator-client", client_secret="emulator-secret", protocol="http")


def login(sdk: GetToken, person: Person, password: str = PASSWORD, **more: str) -> dict[str, Any]:
    answered: dict[str, Any] = sdk.login(username=person.email, password=password, **more)
    return answered


async def test_auth0_python_hands_over_the_mfa_token_of_a_login(visitor: Visitor, sdk: GetToken) -> None:
    person = await visitor.person()
    with pytest.raises(Auth0Error) as wanted:
        login(sdk, person)
    assert (wanted.value.status_code, wanted.value.error_code) == (403, "mfa_required")
    assert wanted.value.message == "Multifactor authentication required"
    assert wanted.value.content
    token = wanted.value.content["mfa_token"]
    oob_code = (await visitor.associate(token, person.number)).json()["oob_code"]
    proof = {"mfa_token": token, "oob_code": oob_code, "binding_code": await visitor.code(person.number)}
    tokens = (await visitor.grant(OOB, **proof)).json()
    assert jwt.decode(tokens["id_token"], options={"verify_signature": False})["sub"] == person.user_id


async def test_auth0_python_gets_and_refreshes_tokens_where_no_mfa_is_needed(visitor: Visitor, sdk: GetToken) -> None:
    await visitor.switch(mfa_required=False)
    tokens = login(sdk, await visitor.person(), scope="openid offline_access", realm="Username-Password-Authentication")
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 86_400)
    assert tokens["scope"] == "openid offline_access"
    refreshed = sdk.refresh_token(tokens["refresh_token"])
    assert refreshed["access_token"] != tokens["access_token"]


async def test_auth0_python_tells_a_wrong_password_and_a_wrong_secret_apart(visitor: Visitor, sdk: GetToken) -> None:
    person = await visitor.person()
    with pytest.raises(Auth0Error) as wrong:
        login(sdk, person, "wrong")
    refused = wrong.value.status_code, wrong.value.error_code, wrong.value.message
    assert refused == (403, "invalid_grant", "Wrong email or password.")
    sdk.client_secret = "wrong"
    with pytest.raises(Auth0Error) as unknown:
        login(sdk, person)
    assert (unknown.value.status_code, unknown.value.error_code) == (401, "access_denied")


async def test_auth0_python_learns_when_a_rate_limit_ends(visitor: Visitor, sdk: GetToken) -> None:
    person = await visitor.person()
    await visitor.switch(rate_limit={"burst": 1, "per_seconds": 60})
    with pytest.raises(Auth0Error, match="Multifactor"):
        login(sdk, person)
    limit = await visitor.login(person)
    assert limit.status_code == 429
    with pytest.raises(RateLimitError) as limited:
        login(sdk, person)
    assert (limited.value.status_code, limited.value.error_code) == (429, limit.json()["error"])
    assert limited.value.reset_at == int(limit.headers["x-ratelimit-reset"])
