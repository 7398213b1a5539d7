"""Numbers are taken as people type them, and refused when nobody could have them."""

import pytest

from starter.cli.errors import BadInputError
from starter.cli.phone_numbers import e164


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("+15555550100", None, "+15555550100"),
        ("+1 (555) 555-0100", None, "+15555550100"),
        ("(555) 555-0100", "US", "+15555550100"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("0151/23456789", "de", "+4915123456789"),
        ("020 7183 8750", "GB", "+442071838750"),
        ("+49 151 23456789", "US", "+4915123456789"),
        ("00 49 151 23456789", "FR", "+4915123456789"),
    ],
)
def test_a_number_is_read_by_its_country(typed: str, region: str | None, number: str) -> None:
    assert e164(typed, region).get_secret_value() == number


@pytest.mark.parametrize(
    ("typed", "region", "sentence"),
    [
        ("0151 23456789", None, "phone must start with + and a country code, or be used with --region."),
        ("0151 23456789", "XX", "region must be a two-letter country code, such as DE."),
        ("call me", "DE", "phone is not a phone number."),
        ("", "DE", "phone is not a phone number."),
        ("+999 5555550", None, "phone must start with + and a country code, or be used with --region."),
        ("555-0100", "US", "phone lacks its area code."),
        ("+1 555", None, "phone is too short for its country."),
        ("+1 555 555 0100 0100", None, "phone is too long for its country."),
        ("+1 555 555 0100 ext. 7", None, "phone has an extension, which messages cannot reach: leave it out."),
    ],
)
def test_an_impossible_number_is_refused_without_repeating_it(typed: str, region: str | None, sentence: str) -> None:
    with pytest.raises(BadInputError) as refused:
        e164(typed, region)

    assert str(refused.value) == sentence
