"""The number of a command: an option, or a line of standard input. One sentence tells what is wrong with it."""

import io

import pytest

from starter.cli.errors import BadInputError
from starter.cli.phone_numbers import phone_number
from tests.typed_cases import PHONE_NUMBERS


@pytest.mark.parametrize(("typed", "region", "number"), PHONE_NUMBERS)
def test_what_people_paste_is_the_number_they_mean_or_refused(
    typed: str, region: str | None, number: str | None
) -> None:
    if number:
        assert phone_number(typed, region).get_secret_value() == number
        return
    with pytest.raises(BadInputError, match=r"^phone must [^0-9]+\.$"):
        phone_number(typed, region)


@pytest.mark.parametrize(("typed", "region", "number"), PHONE_NUMBERS)
def test_the_same_is_read_from_standard_input(
    typed: str, region: str | None, number: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed.rstrip("\n") + "\n"))
    if number:
        assert phone_number("-", region).get_secret_value() == number
        return
    with pytest.raises(BadInputError, match=r"^phone must [^0-9]+\.$"):
        phone_number("-", region)


@pytest.mark.parametrize(
    ("typed", "region", "sentence"),
    [
        ("0151 23456789", None, "phone must start with + and a country code, or be used with --region."),
        ("0151 23456789", "XX", "region must be a two-letter country code, such as DE."),
        ("", "DE", "phone must not be empty."),
        ("+1 555 555 0100 ext. 7", None, "phone must have no extension, which messages cannot reach."),
    ],
)
def test_a_refusal_names_the_option(typed: str, region: str | None, sentence: str) -> None:
    with pytest.raises(BadInputError) as refused:
        phone_number(typed, region)

    assert str(refused.value) == sentence


PREMIUM = "+1 900 555 0190"


def test_a_premium_number_is_refused_before_a_flow_learns_of_it() -> None:
    with pytest.raises(BadInputError) as refused:
        phone_number(PREMIUM, None)

    assert str(refused.value) == "phone must be of a country, and of a kind, that messages are sent to."


@pytest.mark.parametrize(
    ("name", "value"), [("PHONE_MFA_NUMBER_KINDS", "mobile,premium_rate"), ("PHONE_MFA_BUDGETS", "report")]
)
def test_an_operator_may_allow_it(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    assert phone_number(PREMIUM, None).get_secret_value() == "+19005550190"


def test_countries_that_an_operator_left_out_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONE_MFA_NUMBER_COUNTRIES", "DE")

    with pytest.raises(BadInputError, match="of a country"):
        phone_number("+33612345678", None)
