"""What crosses a wire: secrets whole in the payload and masked to the eye, tolerant of tomorrow's fields."""

import json

import pytest
from pydantic import SecretStr, ValidationError
from temporalio.converter import WorkflowSerializationContext

from phone_mfa.contracts import (
    BindingCode,
    Channel,
    EnrollmentResult,
    FlowPolicy,
    FlowView,
    Outcome,
    ProvideMfaToken,
    RecoveryCode,
    StartChallenge,
    StartEnrollment,
    TokenSet,
    is_access_token,
    masked,
    problem_with,
    reveal,
)
from phone_mfa.contracts.calls import Associate, CheckCode, SendAnswer
from phone_mfa.contracts.types import Contract
from phone_mfa.temporal import data_converter
from tests.keys import KEYS

SECRETS = {
    "number": "+15555550123",
    "token": "Fe26.2*secret*token",
    "code": "314159",
    "oob": "oob-secret",
    "recovery": "ABCDEFGHJKLMNPQRSTUVWX23",
}
HOLDERS: list[Contract] = [
    StartEnrollment(phone_number=SecretStr(SECRETS["number"]), mfa_token=SecretStr(SECRETS["token"])),
    StartChallenge(mfa_token=SecretStr(SECRETS["token"])),
    ProvideMfaToken(mfa_token=SecretStr(SECRETS["token"])),
    BindingCode(code=SecretStr(SECRETS["code"]), submission_id="s"),
    Associate(token=SecretStr(SECRETS["token"]), phone_number=SecretStr(SECRETS["number"]), channel=Channel.SMS),
    CheckCode(token=SecretStr(SECRETS["token"]), oob_code=SecretStr(SECRETS["oob"]), code=SecretStr(SECRETS["code"])),
    SendAnswer(oob_code=SecretStr(SECRETS["oob"]), recovery_code=SecretStr(SECRETS["recovery"])),
    EnrollmentResult(
        outcome=Outcome.ENROLLED,
        recovery_code=SecretStr(SECRETS["recovery"]),
        tokens=TokenSet(access_token=SecretStr(SECRETS["token"])),
    ),
]


@pytest.mark.parametrize("value", HOLDERS, ids=lambda value: type(value).__name__)
async def test_a_secret_is_masked_to_the_eye_and_whole_after_the_wire(value: Contract) -> None:
    for secret in SECRETS.values():
        assert secret not in repr(value)
        assert secret not in str(value)
    converter = data_converter(KEYS, "default").with_context(WorkflowSerializationContext("default", "enroll-1"))
    [back] = await converter.decode(await converter.encode([value]), [type(value)])
    assert back == value
    assert "**" not in value.model_dump_json()


@pytest.mark.parametrize("value", HOLDERS, ids=lambda value: type(value).__name__)
def test_a_field_of_tomorrow_is_tolerated(value: Contract) -> None:
    payload = json.loads(value.model_dump_json()) | {"a_field_of_tomorrow": {"deep": [1]}}
    assert type(value).model_validate(payload) == value


@pytest.mark.parametrize(
    "number", ["", "5555550123", "+0555", "+1555555012a", "+1 555 555 0123", "+" + "1" * 16, "+123456"]
)
def test_a_number_that_is_not_e164_is_refused_without_being_repeated(number: str) -> None:
    with pytest.raises(ValidationError) as refused:
        StartEnrollment.model_validate({"phone_number": number})
    assert "must be an E.164 number" in str(refused.value)
    assert not number or number not in str(refused.value)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "umläut"])
def test_a_token_that_could_not_stand_in_a_header_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ProvideMfaToken.model_validate({"mfa_token": token})
    assert "visible ASCII" in str(refused.value)
    assert not token or token not in str(refused.value)


@pytest.mark.parametrize(
    ("contract", "field", "longest"),
    [(BindingCode, "code", 64), (RecoveryCode, "recovery_code", 64), (ProvideMfaToken, "mfa_token", 16_384)],
)
def test_a_secret_that_is_too_long_is_refused_in_characters(contract: type[Contract], field: str, longest: int) -> None:
    contract.model_validate({field: "1" * longest})
    with pytest.raises(ValidationError) as refused:
        contract.model_validate({field: "1" * (longest + 1)})
    assert problem_with("the message", refused.value) == f"{field}: must have at most {longest} characters."
    assert contract.model_json_schema()["properties"][field]["maxLength"] == longest


@pytest.mark.parametrize(
    "typed",
    [
        "314159",
        " 314 159 ",
        "314-159",
        "\uff13\uff11\uff14\uff11\uff15\uff19",
        "\u0663\u0661\u0664\u0661\u0665\u0669",
        "314\u2011159",
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    code = BindingCode(code=SecretStr(typed))
    assert (code.normalized, code.problem) == ("314159", None)


@pytest.mark.parametrize("typed", ["", "31415", "3141592", "31415a", "½14159"])
def test_a_code_auth0_cannot_have_sent_is_a_problem(typed: str) -> None:
    assert BindingCode(code=SecretStr(typed)).problem == "code must be 6 digits."


@pytest.mark.parametrize(
    "fields",
    [{"sends": 0}, {"sends": 11}, {"wrong_codes": 11}, {"resend_after_seconds": []}, {"voice_after_seconds": 5}],
)
def test_a_policy_beyond_auth0s_own_limits_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FlowPolicy.model_validate(fields)


@pytest.mark.parametrize("seconds", [59, 7 * 24 * 3600 + 1])
def test_a_flow_shorter_than_a_minute_or_longer_than_a_week_is_refused(seconds: int) -> None:
    with pytest.raises(ValidationError):
        StartChallenge(flow_seconds=seconds)


def test_a_time_is_kept_in_utc_however_it_was_written() -> None:
    given = ProvideMfaToken.model_validate({"mfa_token": "x", "sent_at": "2026-01-01T05:30:00+05:30"})
    assert str(given.sent_at) == "2026-01-01 00:00:00+00:00"


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:00-05:00", "2026-01-01T00:00:00"])
def test_a_time_that_is_no_moment_in_utc_is_refused(time: str) -> None:
    with pytest.raises(ValidationError, match="sent_at"):
        ProvideMfaToken.model_validate({"mfa_token": "x", "sent_at": time})


def test_a_view_holds_no_secret_type_at_all() -> None:
    assert "Secret" not in str({name: field.annotation for name, field in FlowView.model_fields.items()})


def test_a_masked_number_keeps_its_length_and_its_last_four() -> None:
    assert masked("+15555550123") == "XXXXXXXX0123"
    assert masked("123") == "123"


def test_a_jwt_is_told_from_an_opaque_token() -> None:
    assert is_access_token(SecretStr("a.b.c"))
    assert not is_access_token(SecretStr("Fe26.2*opaque"))
    assert reveal(SecretStr("x")) == "x"
