"""@auth0/auth0-auth-js, as published, does its MFA journeys against the emulator."""

import re
from typing import Any

import jwt
import pytest

from emulator.tests.sdk import javascript
from emulator.tests.secured import Secured

ALREADY = ("MfaEnrollmentError", 403, "access_denied", "User is already enrolled.")
BAD_BEARER = (401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")


pytestmark = javascript.NEEDS_NODE


def journey(name: str, emulator: Secured) -> Any:
    return javascript.journey("auth_js.mjs", name, emulator)


def refusal(told: dict[str, Any]) -> tuple[str, int, str, str]:
    return told["raised"], told["statusCode"], told["error"], told["message"]


def kinds(listed: list[dict[str, Any]]) -> list[tuple[str, str, bool]]:
    return [(one["id"].partition("|")[0], one["authenticatorType"], one["active"]) for one in listed]


def phone_of(*, active: bool) -> list[tuple[str, str, bool]]:
    return [("sms", "oob", active), ("voice", "oob", active), ("recovery-code", "recovery-code", active)]


@pytest.mark.parametrize("channel", ["sms", "voice"])
def test_auth_js_enrolls_and_challenges_a_phone(fresh: Secured, channel: str) -> None:
    told = journey(channel, fresh)
    assert told["nothing"] == []
    enrolled = told["enrolled"]
    assert (enrolled["authenticatorType"], enrolled["oobChannel"]) == ("oob", channel)
    assert enrolled["bindingMethod"] == "prompt"
    assert re.fullmatch("[1-9A-Z]{24}", *enrolled["recoveryCodes"])
    assert kinds(told["pending"]) == phone_of(active=False)
    assert refusal(told["wrong"]) == ("MfaVerifyError", 403, "invalid_grant", "Invalid binding_code.")
    assert kinds(told["confirmed"]) == phone_of(active=True)
    assert refusal(told["again"]) == ALREADY
    assert told["messages"] == ["sms", "voice"]
    assert (told["challenged"]["challengeType"], told["challenged"]["bindingMethod"]) == ("oob", "prompt")
    for tokens in (told["tokens"], told["tokensAgain"]):
        assert (tokens["tokenType"], tokens["scope"]) == ("bearer", "openid profile email")
        assert (tokens["claims"]["sub"], tokens["claims"]["amr"]) == (told["userId"], ["mfa"])
        assert tokens["claims"]["iss"] == f"https://{fresh.domain}/"


def test_auth_js_enrolls_and_uses_an_authenticator_application(fresh: Secured) -> None:
    told = journey("otp", fresh)
    assert told["enrolled"]["authenticatorType"] == "otp"
    assert f"secret={told['enrolled']['secret']}" in told["enrolled"]["barcodeUri"]
    assert refusal(told["wrong"])[:3] == ("MfaVerifyError", 403, "invalid_grant")
    assert kinds(told["confirmed"]) == [("totp", "otp", True), ("recovery-code", "recovery-code", True)]
    assert told["challenged"] == {"challengeType": "otp"}
    assert told["tokens"]["claims"]["sub"] == told["tokensAgain"]["claims"]["sub"] == told["userId"]


def test_auth_js_enrolls_and_challenges_an_address(fresh: Secured) -> None:
    told = journey("email", fresh)
    assert (told["enrolled"]["oobChannel"], told["enrolled"]["bindingMethod"]) == ("email", "prompt")
    assert refusal(told["wrong"]) == ("MfaVerifyError", 403, "invalid_grant", "Invalid binding_code.")
    assert ("email", "oob", True) in kinds(told["confirmed"])
    assert (told["challenged"]["challengeType"], told["challenged"]["bindingMethod"]) == ("oob", "prompt")
    assert told["tokens"]["claims"]["sub"] == told["tokensAgain"]["claims"]["sub"] == told["userId"]


def test_auth_js_waits_for_a_push_to_be_answered(fresh: Secured) -> None:
    told = journey("push", fresh)
    assert told["enrolled"]["oobChannel"] == "auth0"
    assert told["enrolled"]["barcodeUri"].startswith("otpauth://totp/")
    assert "bindingMethod" not in told["enrolled"]
    assert refusal(told["pending"])[:3] == ("MfaVerifyError", 400, "authorization_pending")
    assert ("push", "oob", True) in kinds(told["confirmed"])
    assert refusal(told["denied"])[:3] == ("MfaVerifyError", 400, "access_denied")
    assert "bindingMethod" not in told["challenged"]
    assert told["tokens"]["claims"]["sub"] == told["tokensAgain"]["claims"]["sub"] == told["userId"]


def test_auth_js_gets_a_new_recovery_code_for_the_old_one(fresh: Secured) -> None:
    told = journey("recovery", fresh)
    assert len({told["old"], told["tokens"]["recoveryCode"], told["next"]["recoveryCode"]}) == 3
    assert refusal(told["dead"]) == ("MfaVerifyError", 403, "invalid_grant", "MFA Authorization rejected.")


def test_auth_js_removes_a_phone_with_an_access_token_and_not_with_an_mfa_token(fresh: Secured) -> None:
    told = journey("removal", fresh)
    assert refusal(told["byOpaque"]) == ("MfaDeleteAuthenticatorError", *BAD_BEARER)
    claims = jwt.decode(told["tokens"]["accessToken"], options={"verify_signature": False})
    assert (claims["aud"], claims["exp"] - claims["iat"]) == (f"https://{fresh.domain}/mfa/", 600)
    assert kinds(told["left"]) == [("recovery-code", "recovery-code", True)]
    assert refusal(told["gone"])[:3] == ("MfaDeleteAuthenticatorError", 404, "not_found")


def test_auth_js_gets_tokens_at_once_where_no_mfa_is_needed(fresh: Secured) -> None:
    told = journey("withoutMfa", fresh)
    assert told["tokens"]["claims"]["sub"] == told["userId"]
    assert "amr" not in told["tokens"]["claims"]


def test_auth_js_understands_every_refusal(fresh: Secured) -> None:
    told = journey("refusals", fresh)
    del told["userId"]
    assert {call: (one["raised"], one["statusCode"], one["error"]) for call, one in told.items()} == {
        "badGateway": ("MfaListAuthenticatorsError", 502, "unknown_error"),
        "wrongPassword": ("TokenByPasswordError", 403, "invalid_grant"),
        "garbageList": ("MfaListAuthenticatorsError", 401, "invalid_grant"),
        "garbageEnroll": ("MfaEnrollmentError", 401, "invalid_grant"),
        "garbageChallenge": ("MfaChallengeError", 403, "invalid_grant"),
        "garbageVerify": ("MfaVerifyError", 403, "invalid_grant"),
        "garbageDelete": ("MfaDeleteAuthenticatorError", 401, "invalid_grant"),
        "nothingEnrolled": ("MfaChallengeError", 401, "association_required"),
    }


def test_the_lock_file_names_no_registry_and_every_hash() -> None:
    lock = (javascript.FOLDER / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')
