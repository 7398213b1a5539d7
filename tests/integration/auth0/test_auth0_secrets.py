"""Whatever Auth0 answers, no error may repeat a secret, be it ours or one that the answer echoes."""

import json
import traceback
from collections.abc import Awaitable, Callable

import pytest
from pydantic import SecretStr

from phone_mfa.auth0 import Association, Auth0, Auth0Error, Authenticator, Challenge, Management, MfaRequired, Tokens
from tests.integration.auth0.tenant import Mischief, Scripted, ScriptedTenant, answer, refusal

PASSWORD = "correct_horse"  # which has the form of an error code
MFA_TOKEN = "Fe26.2*SERVER_7*sealed"
OOB_CODE = "Fe26.2*SERVER_7*oob"
BINDING_CODE = "739146"
RECOVERY_CODE = "MZCRK3YX5V3AKNNYY6JEBQCL"
PHONE_NUMBER = "+15555550123"
SECRETS = (
    PASSWORD,
    MFA_TOKEN,
    OOB_CODE,
    BINDING_CODE,
    RECOVERY_CODE,
    PHONE_NUMBER,
    "client-secret",
    "management-token",
)
ECHO = " ".join(SECRETS)

_token, _oob, _code = SecretStr(MFA_TOKEN), SecretStr(OOB_CODE), SecretStr(BINDING_CODE)
CALLS: list[Callable[[Auth0, Management], Awaitable[object]]] = [
    lambda auth0, _: auth0.log_in("ada", SecretStr(PASSWORD)),
    lambda auth0, _: auth0.refresh(_token),
    lambda auth0, _: auth0.associate(_token, phone_number=SecretStr(PHONE_NUMBER), channel="sms"),
    lambda auth0, _: auth0.authenticators(_token),
    lambda auth0, _: auth0.challenge(_token, "sms|dev_1"),
    lambda auth0, _: auth0.exchange_oob(_token, oob_code=_oob, binding_code=_code),
    lambda auth0, _: auth0.exchange_recovery_code(_token, SecretStr(RECOVERY_CODE)),
    lambda auth0, _: auth0.management_token(),
    lambda _, management: management.message_types(),
]
ANSWERS = [
    answer(200, ECHO.encode()),
    answer(200, {"access_token": 1, "oob_code": 1, "echo": ECHO}),
    answer(200, [{"id": ECHO}]),
    answer(302, None, {"Location": f"/?{MFA_TOKEN}"}),
    answer(400, ECHO.encode()),
    answer(400, {"error": ECHO, "error_description": ECHO, "errorCode": ECHO, "message": ECHO}),
    *(refusal(400, secret, ECHO) for secret in SECRETS),
    refusal(403, "invalid_grant", f"Invalid binding_code. {ECHO}"),
    refusal(403, "mfa_required", ECHO),
    refusal(429, "too_many_requests", ECHO, {"Retry-After": BINDING_CODE[:2], "x-ratelimit-reset": MFA_TOKEN}),
    answer(500, ECHO.encode()),
    Scripted(f"HTTP/1.1 {ECHO}\r\n\r\n".encode()),
    Scripted(f"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{ECHO}".encode(), Mischief.RESET),
]


@pytest.mark.parametrize("scripted", ANSWERS, ids=range(len(ANSWERS)))
async def test_no_error_repeats_a_secret(
    auth0: Auth0, management: Management, tenant: ScriptedTenant, scripted: Scripted
) -> None:
    for call in CALLS:
        tenant.will(scripted)
        with pytest.raises(Auth0Error) as failed:
            await call(auth0, management)
        error = failed.value
        shown = [str(error), repr(error), repr(error.args), repr(vars(error)), *traceback.format_exception(error)]
        assert [secret for secret in SECRETS if secret in "".join(shown)] == []


def test_no_answer_shows_a_secret() -> None:
    secret = SecretStr(MFA_TOKEN)
    answers = [
        Tokens(
            access_token=secret,
            token_type="Bearer",
            expires_in=1,
            id_token=secret,
            refresh_token=secret,
            recovery_code=secret,
        ),
        MfaRequired(mfa_token=secret),
        Association(oob_code=secret, oob_channel="sms", recovery_codes=(secret,)),
        Challenge(oob_code=secret, challenge_type="oob"),
        Authenticator(id="sms|dev_1", authenticator_type="oob", active=True),
    ]
    assert MFA_TOKEN not in repr(answers) + "".join(map(str, answers))
    assert MFA_TOKEN not in json.dumps([each.model_dump(mode="json") for each in answers])


async def test_nothing_in_the_client_shows_its_secret(auth0: Auth0, management: Management) -> None:
    assert [secret for secret in SECRETS if secret in repr([auth0, management])] == []
