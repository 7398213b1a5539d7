"""Phone numbers given to commands: as an argument, or read where numbers must not appear in arguments."""

from typing import Final

from pydantic import SecretStr

from phone_mfa.number_rule import NumberNotAllowedError
from phone_mfa.phone_numbers import PhoneNumberError, Refusal, e164
from phone_mfa.settings import NumberSettings

from .errors import BadInputError
from .prompts import PHONE, ask, text

_IN_COMMANDS: Final = {
    Refusal.NO_REGION: "must start with + and a country code, or be used with --region",
}
"""Refusals that name an option."""


def phone_number(phone: str, region: str | None) -> SecretStr:
    """Return a number in E.164. ``-`` reads or prompts for it.

    Raises:
        BadInputError: It is not exactly one possible number, no messages go to it, or the region does not exist.
    """
    typed = ask(PHONE).get_secret_value() if phone == "-" else text("phone", phone.strip())
    try:
        number = e164(typed, region)
        NumberSettings.read().enforced_rule.refuse_unless_allowed(number)
    except PhoneNumberError as error:
        field = "region" if error.of_region else "phone"
        raise BadInputError(f"{field} {_IN_COMMANDS.get(error.refusal, error.refusal)}.") from None
    except NumberNotAllowedError as error:
        raise BadInputError(f"phone {error}.") from None
    return number
