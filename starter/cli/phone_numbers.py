"""Phone numbers as people type them. Knows national formats; refuses numbers nobody could have."""

from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult
from pydantic import SecretStr

from .errors import BadInputError

_NOT_POSSIBLE: Final = {
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "phone lacks its area code.",
    ValidationResult.TOO_SHORT: "phone is too short to be a number there.",
    ValidationResult.TOO_LONG: "phone is too long to be a number there.",
}


def e164(text: str, region: str | None = None) -> SecretStr:
    """A number in E.164.

    Args:
        text: With ``+`` and country code, or as it is dialled within ``region``.
        region: ISO 3166-1 alpha-2, such as ``DE``; any case.

    Raises:
        BadInputError: It is no number, or one that cannot exist.
    """
    if region is not None and region.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise BadInputError("region must be a country of two letters, such as DE.")
    try:
        number = phonenumbers.parse(text, region.upper() if region else None)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            raise BadInputError("phone must start with + and a country code, or come with --region.") from None
        raise BadInputError("phone is not a phone number.") from None
    if number.extension:
        raise BadInputError("phone has an extension, which no message reaches: leave it out.")
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != ValidationResult.IS_POSSIBLE:
        raise BadInputError(_NOT_POSSIBLE.get(reason, "phone is not a possible number."))
    return SecretStr(phonenumbers.format_number(number, PhoneNumberFormat.E164))
