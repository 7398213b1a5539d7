"""Parses phone numbers as people type or paste them: one parser for the command, the gateway and its page.

Never guesses a recipient: a text that is not exactly one number is refused. A parsed number has the digits that were
typed, apart from the country code of the region, a trunk prefix such as Germany's 0, and a dialing prefix such as 00.
Independent of Auth0, Temporal and HTTP.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)
from pydantic import SecretStr

from phone_mfa.contracts.typed_text import folded

LONGEST_TYPED_NUMBER: Final = 64
"""Maximum length of a number as typed or pasted, in characters."""

SHORTEST_NUMBER, LONGEST_NUMBER = 7, 15
"""Digits of a number, including its country code: at most 15 by ITU-T E.164; fewer than 7 receive no messages."""

REGIONS: Final[Mapping[str, int]] = {
    region: code
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    for region in regions
    if region in phonenumbers.SUPPORTED_REGIONS
}
"""Countries with a numbering plan, by ISO 3166-1 alpha-2 code, each with its country code for phone calls."""


class Refusal(StrEnum):
    """Why a number or a region is refused, in words that follow the name of the field."""

    UNKNOWN_REGION = "must be a two-letter country code, such as DE"
    NOT_A_NUMBER = "must be a phone number"
    TOO_LONG_TEXT = f"must have at most {LONGEST_TYPED_NUMBER} characters"
    LETTERS = "must have no letters or words"
    SEVERAL = "must be one number, not several"
    EXTENSION = "must have no extension, which messages cannot reach"
    NO_REGION = "must start with + and a country code, or come with a region"
    NO_SUCH_COUNTRY = "must start with the code of an existing country"
    AMBIGUOUS = "must start with + and its country code, as it can be read in two ways"
    NO_AREA_CODE = "must include its area code"
    TOO_SHORT = "must be longer: it is too short for its country"
    TOO_LONG = "must be shorter: it is too long for its country"
    NOT_POSSIBLE = "must be a possible number of its country"


class PhoneNumberError(ValueError):
    """A number or a region is refused. The message follows the name of the field, and repeats nothing of the input."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal

    @property
    def of_region(self) -> bool:
        """Whether the region is refused, and not the number."""
        return self.refusal is Refusal.UNKNOWN_REGION


class NumberKind(StrEnum):
    """What a number is used for, by the numbering plan of its country. Numbers for tests are mostly ``unknown``."""

    MOBILE = "mobile"
    FIXED_LINE = "fixed_line"
    FIXED_LINE_OR_MOBILE = "fixed_line_or_mobile"
    SATELLITE = "satellite"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    TOLL_FREE = "toll_free"
    VOIP = "voip"
    PERSONAL = "personal"
    OTHER = "other"
    UNKNOWN = "unknown"


_KINDS: Final = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    PhoneNumberType.UNKNOWN: NumberKind.UNKNOWN,
}

_SATELLITE_CODES: Final = frozenset({870, 881})
"""Inmarsat and the other global mobile satellite systems (ITU-T E.164, assigned country codes)."""


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """A phone number. ``country``: ISO 3166-1 alpha-2, or ``001`` for numbers of no country.

    A number that no country with the country code has in use counts as one of the largest of them. ``reaches``: the
    number that a network reaches if it ignores surplus digits at the end; ``country`` and ``kind`` are of that.
    """

    e164: SecretStr
    country: str
    kind: NumberKind
    reaches: SecretStr


def e164(typed: str, region: str | None = None) -> SecretStr:
    """Return a number in E.164 format. For arguments and errors, see ``parsed``."""
    return parsed(typed, region).e164


def parsed(typed: str, region: str | None = None) -> ParsedNumber:
    """Parse one number.

    Args:
        typed: With ``+`` and country code, or as dialed within ``region``. May be a ``tel:`` link.
        region: ISO 3166-1 alpha-2 code, such as ``DE``; case-insensitive. Makes no difference to a number with ``+``.

    Raises:
        PhoneNumberError: The text is not exactly one possible number, or the region does not exist.
    """
    country = None if region is None else known_region(region)
    dialed = _dialed(typed)
    number = _number(dialed, country)
    _refuse_impossible(number)
    _refuse_ambiguous(dialed, number, country)
    reached = _without_surplus(number)
    return ParsedNumber(_e164(number), _country_of(reached), _kind_of(reached), _e164(reached))


def known_region(region: str) -> str:
    """Return a region in upper case. Raises ``PhoneNumberError`` if it does not exist."""
    code = region.upper() if region.isascii() else ""
    if code not in REGIONS:
        raise PhoneNumberError(Refusal.UNKNOWN_REGION)
    return code


_JAPANESE_DASH: Final = "\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}"
"""Typed between the digits of a number with a Japanese keyboard."""

_LINK: Final = re.compile(r"^tel:\s*", re.IGNORECASE)

_EXTENSION: Final = re.compile(r"[0-9]\W*(?:ext(?:ension|n)?|x|#|[,;]+(?:ext=)?)[\s.:=]*[0-9]{1,6}$", re.IGNORECASE)

_NO_SINGLE_NUMBER: Final = (
    (_EXTENSION, Refusal.EXTENSION),
    (re.compile(r"[^\W\d_]"), Refusal.LETTERS),
    (re.compile(r"[0-9].*[+,;&|\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029].*[0-9]", re.DOTALL), Refusal.SEVERAL),
    (re.compile(r"\.[0-9]$"), Refusal.NOT_A_NUMBER),  # 491721234567.0, from a spreadsheet
)
"""What shows that a text is not a number alone, in the order in which it is told."""

_NUMBER: Final = re.compile(r"[ (\[]*\+?[0-9 .()\[\]~/-]+")
"""One number with common separators."""

_WITH_SLASH: Final = re.compile(
    r"[^0-9+]*(?:(?:\+|00)[^0-9]*(?:[0-9][^0-9]*){1,7}|(?:[0-9][^0-9/]*){1,6})"
    r"/[^0-9/]*[1-9](?:[^0-9/]*[0-9]){3,}[^0-9/]*"
)
"""A slash after the area code, as in 0151/23456789. Elsewhere it separates two numbers: 030 123456/78."""


def _dialed(typed: str) -> str:
    """Return the digits of a text, after a ``+`` if there is one. Raises ``PhoneNumberError`` if it is no number."""
    if len(typed) > LONGEST_TYPED_NUMBER:
        raise PhoneNumberError(Refusal.TOO_LONG_TEXT)
    text = _LINK.sub("", folded(typed).replace(_JAPANESE_DASH, "-").strip())
    for pattern, refusal in _NO_SINGLE_NUMBER:
        if pattern.search(text):
            raise PhoneNumberError(refusal)
    if not _NUMBER.fullmatch(text):
        raise PhoneNumberError(Refusal.NOT_A_NUMBER)
    if "/" in text and not _WITH_SLASH.fullmatch(text):
        raise PhoneNumberError(Refusal.SEVERAL)
    return re.sub(r"[^0-9+]", "", text)


def _number(dialed: str, country: str | None) -> PhoneNumber:
    try:
        return phonenumbers.parse(dialed, country, keep_raw_input=True)
    except NumberParseException as error:
        raise PhoneNumberError(_why_unread(error, dialed, country)) from None


def _why_unread(error: NumberParseException, dialed: str, country: str | None) -> Refusal:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return Refusal.NO_SUCH_COUNTRY if country or dialed.startswith("+") else Refusal.NO_REGION
    return _UNREAD.get(error.error_type, Refusal.NOT_A_NUMBER)


_UNREAD: Final = {
    NumberParseException.TOO_SHORT_AFTER_IDD: Refusal.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: Refusal.TOO_SHORT,
    NumberParseException.TOO_LONG: Refusal.TOO_LONG,
}

_IMPOSSIBLE: Final = {
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: Refusal.NO_AREA_CODE,
    ValidationResult.TOO_SHORT: Refusal.TOO_SHORT,
    ValidationResult.TOO_LONG: Refusal.TOO_LONG,
}


def _refuse_impossible(number: PhoneNumber) -> None:
    """Check the length. Numbers out of use pass: numbering plans change, and numbers for tests are in none.

    A leading zero has to be in the plan, as in Italy: elsewhere it is another country's trunk prefix.
    """
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != ValidationResult.IS_POSSIBLE:
        raise PhoneNumberError(_IMPOSSIBLE.get(reason, Refusal.NOT_POSSIBLE))
    national = phonenumbers.national_significant_number(number)
    length = len(f"{number.country_code}{national}")
    if not SHORTEST_NUMBER <= length <= LONGEST_NUMBER:
        raise PhoneNumberError(Refusal.TOO_SHORT if length < SHORTEST_NUMBER else Refusal.TOO_LONG)
    if national.startswith("0") and not phonenumbers.is_valid_number(number):
        raise PhoneNumberError(Refusal.NOT_POSSIBLE)


def _refuse_ambiguous(dialed: str, number: PhoneNumber, country: str | None) -> None:
    """Refuse a number that does not have the typed digits, or of which another reading has them, too.

    By the rules of some countries, the library adds and drops digits, such as area codes and carrier codes.
    """
    national = phonenumbers.national_significant_number(number)
    if dialed.startswith("+"):
        if dialed[1:] not in _international(number, national):
            raise PhoneNumberError(Refusal.NOT_POSSIBLE)
    elif not _has_digits_of(dialed, number, national, country) or _begins_with_code(dialed, number, national):
        raise PhoneNumberError(Refusal.AMBIGUOUS)


def _international(number: PhoneNumber, national: str) -> tuple[str, str]:
    """Return the ways to write a number after ``+``: as it is, and with a trunk zero that does not belong there."""
    return f"{number.country_code}{national}", f"{number.country_code}0{national}"


def _has_digits_of(dialed: str, number: PhoneNumber, national: str, country: str | None) -> bool:
    """Whether a number typed without ``+`` has the digits dialed, apart from the prefixes used in the country."""
    plan = PhoneMetadata.metadata_for_region(country or "")
    assert plan, "a number without + has a region"  # noqa: S101 - narrowing
    if number.country_code_source != CountryCodeSource.FROM_NUMBER_WITH_IDD:
        trunk = plan.national_prefix or ""  # in Belarus, 8 or 80
        return dialed.removesuffix(national) in {"", trunk, f"{trunk}0", str(number.country_code)}
    heads = [dialed.removesuffix(each) for each in _international(number, national) if dialed.endswith(each)]
    return any(re.fullmatch(plan.international_prefix or "", head) for head in heads)


def _begins_with_code(dialed: str, number: PhoneNumber, national: str) -> bool:
    """Whether a number read as a national one could begin with its country code, as 4915123456789 in Germany."""
    if dialed != national or not dialed.startswith(str(number.country_code)):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{dialed}"))
    except NumberParseException:
        return False


def _e164(number: PhoneNumber) -> SecretStr:
    return SecretStr(phonenumbers.format_number(number, PhoneNumberFormat.E164))


MOST_SURPLUS: Final = 3
"""Digits at the end that networks may ignore. Exchanges route by the first digits."""

SHORTEST_SUBSCRIBER: Final = 7
"""Digits of a national number in no plan that may be a person's. Shorter ones are services, such as 118 000."""


def _without_surplus(number: PhoneNumber) -> PhoneNumber:
    """Return the number in use that remains without some digits at the end, if this one is in no plan."""
    if phonenumbers.is_valid_number(number):
        return number
    for cut in range(1, MOST_SURPLUS + 1):
        shorter = _with_national(number, (number.national_number or 0) // 10**cut)
        if phonenumbers.is_valid_number(shorter):
            return shorter
    return number


def _with_national(number: PhoneNumber, national: int) -> PhoneNumber:
    other = PhoneNumber()
    other.merge_from(number)
    other.national_number = national
    return other


def _country_of(number: PhoneNumber) -> str:
    largest = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return phonenumbers.region_code_for_number(number) or largest


def _kind_of(number: PhoneNumber) -> NumberKind:
    if number.country_code in _SATELLITE_CODES:
        return NumberKind.SATELLITE
    kind = _KINDS.get(phonenumbers.number_type(number), NumberKind.OTHER)
    return _kind_in_no_plan(number) if kind is NumberKind.UNKNOWN else kind


def _kind_in_no_plan(number: PhoneNumber) -> NumberKind:
    """Return the kind of an expensive number that lacks its last digit, or of a service, if this may be one."""
    if len(phonenumbers.national_significant_number(number)) < SHORTEST_SUBSCRIBER:
        return NumberKind.OTHER
    longer = (_with_national(number, (number.national_number or 0) * 10 + digit) for digit in range(10))
    kinds = {_KINDS.get(phonenumbers.number_type(each), NumberKind.OTHER) for each in longer}
    return next((kind for kind in EXPENSIVE if kind in kinds), NumberKind.UNKNOWN)


EXPENSIVE: Final = (NumberKind.PREMIUM_RATE, NumberKind.SHARED_COST, NumberKind.PERSONAL)
"""Kinds by which the holder of a number earns from those who call it."""
