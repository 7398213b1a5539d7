"""auth0-server-python, as published, does its MFA journeys against the emulator."""

import re
import sys
from typing import Any

import jwt
import pytest

from emulator.tests.sdk.journey import travel
from emulator.tests.secured import Secured

ALREADY = {"raised": "MfaEnrollmentError", "message": "User is already enrolled.", "error": "access_denied"}
WRONG = {"raised": "MfaVerifyError", "message": "Invalid binding_code.", "error": "invalid_grant"}


def journey(name: str, emulator: Secured) -> Any:
    command = (sys.executable, "-m", "emulator.tests.sdk.server_python", name, emulator.domain)
    return travel(*command, SSL_CERT_FILE=str(emulator.authority))


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def kinds(listed: list[dict[str, Any]]) -> list[tuple[str, str | None, bool]]:
    return [(one["id"].partition("|")[0], one.get("oob_channel"), one["active"]) for one in listed]


def phone_of(*, active: bool) -> list[tuple[str, str | None, bool]]:
    return [("sms", "sms", active), ("voice", "voice", active), ("recovery-code", None, active)]


@pytest.mark.parametrize("channel", ["sms", "voice"])
def test_server_python_enrolls_and_challenges_a_phone(fresh: Secured, channel: str) -> None:
    told = journey(channel, fresh)
    assert told["nothing"] == []
    enrolled = told["enrolled"]
    assert (enrolled["authenticator_type"], enrolled["oob_channel"]) == ("oob", channel)
    assert enrolled["binding_method"] == "prompt"
    assert re.fullmatch("[1-9A-Z]{24}", *enrolled["recovery_codes"])
    assert kinds(told["pending"]) == phone_of(active=False)
    assert told["wrong"] == WRONG
    assert kinds(told["confirmed"]) == phone_of(active=True)
    assert {one["name"] for one in told["confirmed"] if "name" in one} == {f"XXXXXXXX{told['number'][-4:]}"}
    assert told["again"] == ALREADY
    assert told["messages"] == ["sms", "voice"]
    assert told["challenged"] == {"challenge_type": "oob", "binding_method": "prompt"}
    for tokens in (told["tokens"], told["tokens_again"]):
        assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 86_400)
        assert tokens["scope"] == "openid profile email"
        assert claims(tokens["access_token"])["iss"] == f"https://{fresh.domain}/"
        assert claims(tokens["id_token"])["aud"] == "emulator-client"


def test_server_python_enrolls_and_uses_an_authenticator_application(fresh: Secured) -> None:
    told = journey("otp", fresh)
    enrolled = told["enrolled"]
    assert enrolled["authenticator_type"] == "otp"
    assert re.fullmatch("[A-Z2-7]{32}", enrolled["secret"])
    assert f"secret={enrolled['secret']}" in enrolled["barcode_uri"]
    assert re.fullmatch("[1-9A-Z]{24}", *enrolled["recovery_codes"])
    assert (told["wrong"]["raised"], told["wrong"]["error"]) == ("MfaVerifyError", "invalid_grant")
    assert kinds(told["confirmed"]) == [("totp", None, True), ("recovery-code", None, True)]
    assert told["challenged"] == {"challenge_type": "otp"}
    assert claims(told["tokens"]["id_token"])["sub"] == claims(told["tokens_again"]["id_token"])["sub"]


def test_server_python_enrolls_and_challenges_an_address(fresh: Secured) -> None:
    told = journey("email", fresh)
    assert (told["enrolled"]["oob_channel"], told["enrolled"]["binding_method"]) == ("email", "prompt")
    assert told["wrong"] == WRONG
    assert ("email", "email", True) in kinds(told["confirmed"])
    assert told["challenged"] == {"challenge_type": "oob", "binding_method": "prompt"}
    assert claims(told["tokens"]["id_token"])["sub"] == claims(told["tokens_again"]["id_token"])["sub"]


def test_server_python_waits_for_a_push_to_be_answered(fresh: Secured) -> None:
    told = journey("push", fresh)
    assert told["enrolled"]["oob_channel"] == "auth0"
    assert told["enrolled"]["barcode_uri"].startswith("otpauth://totp/")
    assert "binding_method" not in told["enrolled"]
    assert (told["pending"]["raised"], told["pending"]["error"]) == ("MfaVerifyError", "authorization_pending")
    assert ("push", "auth0", True) in kinds(told["confirmed"])
    assert (told["denied"]["raised"], told["denied"]["error"]) == ("MfaVerifyError", "access_denied")
    assert told["challenged"] == {"challenge_type": "oob"}
    assert claims(told["tokens"]["id_token"])["sub"] == claims(told["tokens_again"]["id_token"])["sub"]


def test_server_python_gets_a_new_recovery_code_for_the_old_one(fresh: Secured) -> None:
    told = journey("recovery", fresh)
    assert len({told["old"], told["tokens"]["recovery_code"], told["next"]["recovery_code"]}) == 3
    assert told["dead"] == {
        "raised": "MfaVerifyError",
        "message": "MFA Authorization rejected.",
        "error": "invalid_grant",
    }


def test_server_python_raises_mfa_required_for_a_session_and_steps_it_up(fresh: Secured) -> None:
    told = journey("step_up", fresh)
    assert (told["raised"], told["message"]) == ("MfaRequiredError", "Multifactor authentication required")
    assert told["held"] == told["tokens"]["access_token"]
    assert claims(told["held"])["aud"][0] == "https://api.example.com"


def test_server_python_makes_a_session_of_an_id_token_it_has_checked(fresh: Secured) -> None:
    told = journey("first_session", fresh)
    user = told["user"]
    assert (user["sub"], user["email"], user["amr"]) == (told["id"], told["email"], ["mfa"])
    assert user["iss"] == f"https://{fresh.domain}/"


def test_server_python_logs_in_by_redirect_and_out_again(fresh: Secured) -> None:
    told = journey("redirect", fresh)
    assert (told["user"]["sub"], told["user"]["amr"]) == (told["id"], ["mfa"])
    assert (told["page"], told["challenge"]) == ("/u/login", "/u/mfa-sms-challenge")
    assert told["left"] == "http://localhost:8000"


def test_server_python_goes_on_after_a_wish_for_one_more_factor(fresh: Secured) -> None:
    told = journey("chained", fresh)
    assert (told["raised"], told["message"]) == ("MfaRequiredError", "One more.")
    assert kinds(told["listed"]) == phone_of(active=True)


def test_server_python_understands_every_refusal(fresh: Secured) -> None:
    told = journey("refusals", fresh)
    assert {call: (refusal["raised"], refusal["error"]) for call, refusal in told.items()} == {
        "bad_gateway": ("MfaListAuthenticatorsError", None),
        "garbage_list": ("MfaListAuthenticatorsError", "invalid_grant"),
        "garbage_enroll": ("MfaEnrollmentError", "invalid_grant"),
        "garbage_challenge": ("MfaChallengeError", "invalid_grant"),
        "garbage_verify": ("MfaVerifyError", "invalid_grant"),
        "not_sealed": ("MfaTokenInvalidError", None),
        "bad_number": ("MfaEnrollmentError", "invalid_request"),
        "nothing_enrolled": ("MfaChallengeError", "association_required"),
    }
    assert told["bad_gateway"]["message"] == "Request failed with status 502"
    assert told["garbage_verify"]["message"] == "Malformed mfa_token"
