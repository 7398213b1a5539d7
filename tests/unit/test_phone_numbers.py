"""One number is read as people type it. A text that may be another number, or more than one, is refused."""

import contextlib
import unicodedata

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from phone_mfa.phone_numbers import REGIONS, NumberKind, PhoneNumberError, Refusal, e164, parsed
from tests.typed_cases import PHONE_NUMBERS


@pytest.mark.parametrize(("typed", "region", "number"), PHONE_NUMBERS)
def test_what_people_paste_is_the_number_they_mean_or_refused(
    typed: str, region: str | None, number: str | None
) -> None:
    assert number_in(typed, region) == number


def number_in(typed: str, region: str | None) -> str | None:
    """The number, or None if it is refused."""
    with contextlib.suppress(PhoneNumberError):
        return e164(typed, region).get_secret_value()
    return None


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("+15555550100", None, "+15555550100"),
        ("+1 (555) 555-0100", None, "+15555550100"),
        ("(+49) 151 23456789", None, "+4915123456789"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("0151/23456789", "de", "+4915123456789"),
        ("030 / 1234567", "DE", "+49301234567"),
        ("+49/151/23456789", None, "+4915123456789"),
        ("020 7183 8750", "GB", "+442071838750"),
        ("447400 123456", "GB", "+447400123456"),
        ("+49 151 23456789", "US", "+4915123456789"),
        ("00 49 151 23456789", "FR", "+4915123456789"),
        ("06.12.34.56.78", "FR", "+33612345678"),
        ("8 912 345-67-89", "RU", "+79123456789"),
        ("8 029 491-19-11", "BY", "+375294911911"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("91234 56789", "IN", "+919123456789"),
        ("\uff10\uff13\u30fc\uff13\uff12\uff11\uff12\u30fc\uff15\uff16\uff17\uff18", "JP", "+81332125678"),
        ("TEL: +1 555 555 0100", None, "+15555550100"),
    ],
)
def test_a_number_is_read_by_its_country(typed: str, region: str | None, number: str) -> None:
    assert number_in(typed, region) == number


@pytest.mark.parametrize(
    ("typed", "region", "refusal"),
    [
        ("0151 23456789", None, Refusal.NO_REGION),
        ("0049 172 1234567", None, Refusal.NO_REGION),
        ("0151 23456789", "XX", Refusal.UNKNOWN_REGION),
        ("0151 23456789", "", Refusal.UNKNOWN_REGION),
        ("+4915123456789", "Germany", Refusal.UNKNOWN_REGION),
        ("+4915123456789", "\u00df", Refusal.UNKNOWN_REGION),  # SS in upper case, which is South Sudan
        ("call me", "DE", Refusal.LETTERS),
        ("", "DE", Refusal.NOT_A_NUMBER),
        ("+", None, Refusal.NOT_A_NUMBER),
        ("1+5555550123", "US", Refusal.SEVERAL),
        ("4915123456789.0", "DE", Refusal.NOT_A_NUMBER),
        ("+" + "1" * 64, None, Refusal.TOO_LONG_TEXT),
        ("+999 5555550", None, Refusal.NO_SUCH_COUNTRY),
        ("555-0100", "US", Refusal.NO_AREA_CODE),
        ("+1 555", None, Refusal.TOO_SHORT),
        ("+1 555 555 0100 0100", None, Refusal.TOO_LONG),
        ("030 12345 030 12346", "DE", Refusal.TOO_LONG),
        ("+1 555 555 0100,7", None, Refusal.EXTENSION),
        ("+1 555 555 0100 x7", None, Refusal.EXTENSION),
        ("tel:+1-555-555-0100;ext=7", None, Refusal.EXTENSION),
        ("0301234\n0301235", "DE", Refusal.SEVERAL),
        ("0301234\t0301235", "DE", Refusal.SEVERAL),
        ("0301234; 0301235678", "DE", Refusal.SEVERAL),
        ("030 123456/78", "DE", Refusal.SEVERAL),
        ("030 12345/12346", "DE", Refusal.SEVERAL),
        ("0301234/0301235", "DE", Refusal.SEVERAL),
        ("06 12 34 56 78", "US", Refusal.NOT_POSSIBLE),  # from France, where the zero is a trunk prefix
        ("+1 1 555 555 0100", None, Refusal.NOT_POSSIBLE),
        ("4915123456789", "DE", Refusal.AMBIGUOUS),  # as a spreadsheet leaves it, or a number in an area 4915
        ("359 1234", "BS", Refusal.AMBIGUOUS),  # the library adds an area code
        ("011 15 2312-3456", "AR", Refusal.AMBIGUOUS),  # the library replaces the 15 by a 9
    ],
)
def test_a_text_that_is_not_exactly_one_number_is_refused_with_the_reason(
    typed: str, region: str | None, refusal: Refusal
) -> None:
    with pytest.raises(PhoneNumberError) as refused:
        e164(typed, region)

    assert refused.value.refusal is refusal
    assert not any(char.isdecimal() for char in str(refused.value).replace("64", ""))


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+1 900 555 0190", NumberKind.PREMIUM_RATE),
        ("+49 900 1234567", NumberKind.PREMIUM_RATE),
        ("+49 180 3 123456", NumberKind.SHARED_COST),
        ("+870 773 111 632", NumberKind.SATELLITE),
        ("+800 1234 5678", NumberKind.TOLL_FREE),
        ("+49 151 23456789", NumberKind.MOBILE),
        ("+44 20 7183 8750", NumberKind.FIXED_LINE),
        ("+1 201 555 0123", NumberKind.FIXED_LINE_OR_MOBILE),
        ("+1 555 555 0123", NumberKind.UNKNOWN),
    ],
)
def test_the_kind_of_a_number_is_told_for_whoever_decides_on_it(number: str, kind: NumberKind) -> None:
    assert parsed(number).kind is kind


EXAMPLES = [
    (region, number)
    for region in sorted(REGIONS)
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    if (number := phonenumbers.example_number_for_type(region, kind))
]
FORMATS = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)


def test_numbers_of_all_countries_are_read_as_they_are_written_there() -> None:
    """But for mobile numbers of Argentina, whose national form has other digits."""
    misread = {
        (region, written)
        for region, number in EXAMPLES
        for written in (phonenumbers.format_number(number, each) for each in FORMATS)
        if number_in(written, region) != phonenumbers.format_number(number, PhoneNumberFormat.E164)
    }

    assert misread == {("AR", "011 15-2345-6789")}


PASTED = "".join(map(chr, (0x200B, 0x2068, 0x2069, 0xFEFF, 0x2013, 0x2212, 0x00A0, 0xFF0B, 0xFF11, 0x0661, 0x30FC)))
TEXTS = st.one_of(
    st.text(max_size=70),
    st.text(alphabet=f"0123456789+ -./()[]~,;#x\n{PASTED}", max_size=30),
    st.from_regex(r"[ (]?(\+|00|0|)[1-9][0-9]{0,2}[ )/-]?(\(0\))?[ ./-]?[0-9]{3,4}[ ./-]?[0-9]{3,8}", fullmatch=True),
)
REGION = st.one_of(st.none(), st.sampled_from(sorted(REGIONS)))


@given(TEXTS, REGION)
@example("\ufdfa" * 64, "DE")
@example("0" * 64, "DE")
@example("1;" * 32, "US")
def test_any_text_is_a_number_or_refused_and_a_number_stays_as_it_is(typed: str, region: str | None) -> None:
    if number := number_in(typed, region):
        assert number_in(number, region) == number_in(number, None) == number


@given(TEXTS, REGION)
@example("+115555550123", None)
@example("0 15 11 91234-5678", "BR")
def test_a_number_has_the_digits_that_were_typed(typed: str, region: str | None) -> None:
    if number := number_in(typed, region):
        digits, with_code = digits_in(typed), "+" in unicodedata.normalize("NFKC", typed)
        assert any(is_spelling_of(number[1:], digits, code, with_code) for code in (1, 2, 3))


@pytest.mark.parametrize(
    ("typed", "number"),
    [("441234567890", "11234567890"), ("491721234567", "391721234567"), ("01234567890", "811234567890")],
)
def test_another_country_is_no_spelling(typed: str, number: str) -> None:
    assert not any(is_spelling_of(number, typed, code, with_code=True) for code in (1, 2, 3))


def digits_in(typed: str) -> str:
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(str(unicodedata.decimal(char)) for char in plain if char.isdecimal())


def is_spelling_of(number: str, digits: str, code: int, with_code: bool) -> bool:
    """Whether digits are a number whose country code has so many digits, with nothing but prefixes before it.

    ``with_code``: the country code was typed, so that nothing but a trunk zero may come in addition.
    """
    country, national = number[:code], number[code:]
    if with_code:
        return digits in (number, f"{country}0{national}")
    prefix = digits.removesuffix(national)
    trunk_or_none = len(prefix) <= 2
    return digits.endswith(national) and (trunk_or_none or prefix.removesuffix("0").endswith(country))


@given(st.text(max_size=5))
@example("")
@example("de")
def test_any_region_is_a_country_or_refused(region: str) -> None:
    with contextlib.suppress(PhoneNumberError):
        assert e164("+15555550100", region).get_secret_value() == "+15555550100"
