"""Parses phone numbers as people type them, national formats included, and rejects impossible ones."""

from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult
from pydantic import SecretStr

from .errors import BadInputError

_NOT_POSSIBLE: Final = {
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "phone lacks its area code.",
    ValidationResult.TOO_SHORT: "phone is too short for its country.",
    ValidationResult.TOO_LONG: "phone is too long for its country.",
}


def e164(text: str, region: str | None = None) -> SecretStr:
    """Return a number in E.164 format.

    Args:
        text: With ``+`` and country code, or as dialed within ``region``.
        region: ISO 3166-1 alpha-2 code, such as ``DE``; case-insensitive.

    Raises:
        BadInputError: The text is not a phone number, or not a possible one.
    """
    if region is not None and region.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise BadInputError("region must be a two-letter country code, such as DE.")
    try:
        number = phonenumbers.parse(text, region.upper() if region else None)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            raise BadInputError("phone must start with + and a country code, or be used with --region.") from None
        raise BadInputError("phone is not a phone number.") from None
    if number.extension:
        raise BadInputError("phone has an extension, which messages cannot reach: leave it out.")
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != ValidationResult.IS_POSSIBLE:
        raise BadInputError(_NOT_POSSIBLE.get(reason, "phone is not a possible number."))
    return SecretStr(phonenumbers.format_number(number, PhoneNumberFormat.E164))
