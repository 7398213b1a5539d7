import gzip
import json

import pytest
from pydantic import SecretStr

from phone_mfa.auth0 import Auth0, Auth0Error, InvalidResponseError, RateLimitedError, ServerFailedError
from tests.integration.auth0.tenant import ScriptedTenant, answer

TOKEN = SecretStr("Fe26.2*token")
HTML = b"<html><body>502 Bad Gateway</body></html>"
AUTHENTICATOR = {"id": "sms|dev_1", "authenticator_type": "oob", "active": True, "oob_channel": "sms"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        HTML,
        b'[{"id":"sms|dev_1"',
        b"\xff\xfe[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        gzip.compress(b"[]", mtime=0),
        b'{"error":"invalid_grant","error_description":"x"}',
        json.dumps([AUTHENTICATOR | {"active": "true"}]).encode(),
        json.dumps([AUTHENTICATOR | {"active": 1}]).encode(),
        json.dumps([AUTHENTICATOR | {"id": 7}]).encode(),
        json.dumps([AUTHENTICATOR | {"id": ""}]).encode(),
        json.dumps([AUTHENTICATOR | {"name": []}]).encode(),
        b"[]" + b" " * 300_000,
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
async def test_a_success_that_auth0_does_not_give_is_unintelligible(
    auth0: Auth0, tenant: ScriptedTenant, body: bytes
) -> None:
    tenant.will(answer(200, body))
    with pytest.raises(InvalidResponseError) as puzzled:
        await auth0.authenticators(TOKEN)
    assert puzzled.value.status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 1},
        {"expires_in": "86400"},
        {"expires_in": -1},
        {"expires_in": True},
        {"scope": ["openid"]},
        {"recovery_code": 5},
        {"error": "mfa_required", "mfa_token": "Fe26"},
    ],
    ids=str,
)
async def test_tokens_of_the_wrong_types_are_unintelligible(
    auth0: Auth0, tenant: ScriptedTenant, change: dict[str, object]
) -> None:
    tenant.will(answer(200, {"access_token": "at", "token_type": "Bearer", "expires_in": 1} | change))
    with pytest.raises(InvalidResponseError):
        await auth0.log_in("ada", SecretStr("pw"))


@pytest.mark.parametrize("mfa_token", [{}, {"mfa_token": None}, {"mfa_token": 1}, {"mfa_token": ""}], ids=str)
async def test_a_factor_wanted_without_a_token_is_unintelligible(
    auth0: Auth0, tenant: ScriptedTenant, mfa_token: dict[str, object]
) -> None:
    tenant.will(answer(403, {"error": "mfa_required", "error_description": "x"} | mfa_token))
    with pytest.raises(InvalidResponseError):
        await auth0.log_in("ada", SecretStr("pw"))


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (400, HTML, InvalidResponseError),
        (403, b'{"error":"access_den', InvalidResponseError),
        (403, b'{"error":7}', InvalidResponseError),
        (403, b'{"error":"access_denied","error_description":{}}', InvalidResponseError),
        (429, HTML, RateLimitedError),
        (429, b"", RateLimitedError),
        (500, b"", ServerFailedError),
        (502, HTML, ServerFailedError),
        (503, b"x" * 300_000, ServerFailedError),
    ],
)
async def test_a_refusal_without_auth0s_words_is_told_by_its_status(
    auth0: Auth0, tenant: ScriptedTenant, status: int, body: bytes, means: type[Auth0Error]
) -> None:
    tenant.will(answer(status, body, {"Retry-After": "3"}))
    with pytest.raises(Auth0Error) as failed:
        await auth0.log_in("ada", SecretStr("pw"))
    assert (type(failed.value), failed.value.status, failed.value.error) == (means, status, "")
    assert failed.value.retry_after_seconds == 3.0


async def test_only_204_deletes_without_a_word(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(200, HTML))
    with pytest.raises(InvalidResponseError):
        await auth0.delete_authenticator(TOKEN, "sms|dev_1")


async def test_a_failure_that_asks_for_a_factor_is_a_failure(auth0: Auth0, tenant: ScriptedTenant) -> None:
    tenant.will(answer(504, {"error": "mfa_required", "mfa_token": "Fe26"}))
    with pytest.raises(ServerFailedError):
        await auth0.log_in("ada", SecretStr("pw"))
