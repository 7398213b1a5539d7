"""Requests take numbers and codes as people paste them."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.schemas import CodeRequest, EnrollmentRequest, NumberRequest, RecoveryCodeRequest
from phone_mfa.contracts import StartEnrollment, reveal
from tests.typed_cases import BINDING_CODES, PHONE_NUMBERS, RECOVERY_CODES


@pytest.mark.parametrize(("typed", "region", "number"), PHONE_NUMBERS)
@pytest.mark.parametrize(("request_", "other"), [(EnrollmentRequest, {"user": "ada"}), (NumberRequest, {})])
def test_what_people_paste_is_the_number_they_mean_or_refused(
    request_: type[EnrollmentRequest | NumberRequest],
    other: dict[str, Any],
    typed: str,
    region: str | None,
    number: str | None,
) -> None:
    body = {"phone_number": typed, "region": region, **other}
    if number:
        assert reveal(request_.model_validate(body).phone_number) == number
        return
    with pytest.raises(ValidationError) as refused:
        request_.model_validate(body)
    assert [error["loc"] for error in refused.value.errors()] == [("phone_number",)]
    assert typed not in str(refused.value)


@pytest.mark.parametrize("region", ["", "XX", "Germany", "\u00df"])
def test_a_region_that_does_not_exist_is_named_first(region: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NumberRequest.model_validate({"phone_number": "0172 1234567", "region": region})

    first = refused.value.errors()[0]
    assert (first["loc"], first["msg"]) == (
        ("region",),
        "Value error, must be a two-letter country code, such as DE",
    )


@pytest.mark.parametrize("given", [None, 15555550123, ["+15555550123"], {}])
def test_a_number_is_text(given: object) -> None:
    with pytest.raises(ValidationError) as refused:
        NumberRequest.model_validate({"phone_number": given, "region": "US"})

    assert [error["loc"] for error in refused.value.errors()] == [("phone_number",)]


def test_the_document_promises_no_form_of_a_number() -> None:
    for request in (EnrollmentRequest, NumberRequest):
        told = request.model_json_schema()["properties"]["phone_number"]
        assert (told["maxLength"], "pattern" in told) == (64, False)
        assert "`region`" in told["description"]


def test_the_flow_gets_the_number_in_e164_and_no_region() -> None:
    request = EnrollmentRequest.model_validate({"user": "ada", "phone_number": "0172 1234567", "region": "DE"})

    assert request.contract == StartEnrollment.model_validate({"phone_number": "+491721234567"})


@pytest.mark.parametrize(("typed", "code"), BINDING_CODES)
def test_what_people_paste_as_a_code_is_the_code_or_refused(typed: str, code: str | None) -> None:
    if code:
        request = CodeRequest.model_validate({"code": typed})
        assert (request.normalized, request.problem) == (code, None)
        return
    with pytest.raises(ValidationError, match="must have at most 64 characters"):
        CodeRequest.model_validate({"code": typed})


@pytest.mark.parametrize(("typed", "code"), RECOVERY_CODES)
def test_what_people_paste_as_a_recovery_code_is_the_code(typed: str, code: str) -> None:
    request = RecoveryCodeRequest.model_validate({"recovery_code": typed})

    assert (request.normalized, request.problem) == (code, None)
