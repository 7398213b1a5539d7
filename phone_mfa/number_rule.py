"""Rule for which numbers get messages: by country, and by what the numbers are used for.

Knows numbering plans only through ``phone_numbers``. Says nothing of how many messages; see the worker's budgets.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from .phone_numbers import REGIONS, NumberKind, ParsedNumber, parsed


class NumberNotAllowedError(ValueError):
    """No messages go to this number. The message follows the name of the field."""

    def __init__(self) -> None:
        super().__init__("must be of a country, and of a kind, that messages are sent to")


NO_COUNTRY: Final = "001"
"""Numbers of no country: satellite phones, and international premium, shared cost and toll-free numbers."""

DEFAULT_KINDS: Final = frozenset(
    {
        NumberKind.MOBILE,
        NumberKind.FIXED_LINE,
        NumberKind.FIXED_LINE_OR_MOBILE,
        NumberKind.VOIP,
        NumberKind.UNKNOWN,
    }
)
"""Kinds that people have at hand and that cost no more than usual. ``unknown``: numbering plans change faster than
libraries are updated."""


@dataclass(frozen=True, slots=True)
class NumberRule:
    """Which numbers get messages. ``countries``: ISO 3166-1 alpha-2 codes and ``001``; None for all but ``001``."""

    countries: frozenset[str] | None = None
    kinds: frozenset[NumberKind] = DEFAULT_KINDS

    def allows(self, number: ParsedNumber) -> bool:
        """Whether messages may go to a number."""
        if number.kind not in self.kinds:
            return False
        if self.countries is None:
            return number.country != NO_COUNTRY
        return number.country in self.countries

    def refuse_unless_allowed(self, number: SecretStr) -> None:
        """Raise ``NumberNotAllowedError`` unless messages may go to a number in E.164."""
        if not self.allows(parsed(number.get_secret_value())):
            raise NumberNotAllowedError


DEFAULT_RULE: Final = NumberRule()

EVERY_NUMBER: Final = NumberRule(frozenset({*REGIONS, NO_COUNTRY}), frozenset(NumberKind))


def countries_of(text: str) -> frozenset[str] | None:
    """Parse country codes separated by commas; None for an empty text. Raises ``ValueError``."""
    codes = frozenset(code.upper() for code in _parts(text))
    if not codes <= {*REGIONS, NO_COUNTRY}:
        raise ValueError("must be two-letter country codes separated by commas, such as DE,FR")
    return codes or None


def kinds_of(text: str) -> frozenset[NumberKind]:
    """Parse kinds separated by commas; the default for an empty text. Raises ``ValueError``."""
    names = list(_parts(text))
    if not set(names) <= set(NumberKind):
        raise ValueError(f"must be kinds of numbers separated by commas: {', '.join(NumberKind)}")
    return frozenset(map(NumberKind, names)) or DEFAULT_KINDS


def _parts(text: str) -> Iterable[str]:
    return (part.strip() for part in text.split(",") if part.strip())
