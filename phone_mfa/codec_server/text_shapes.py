"""Shapes of what may be a secret in text: a pattern, and a condition where the pattern alone would take too much."""

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from phone_mfa.redaction_patterns import JWT_SHAPE

from .field_policy import FIELDS, PHONE_NUMBER

Found = re.Match[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """Text that the pattern finds and that meets the condition."""

    pattern: re.Pattern[str]
    condition: Callable[[Found], bool] = lambda _: True

    def replaced(self, text: str, mark: str) -> str:
        """Returns the text with ``mark`` in place of everything of this shape."""
        return self.pattern.sub(lambda found: mark if self.condition(found) else found[0], text)


_OTHERS_NAMES: Final = {PHONE_NUMBER, "authorization", "password", "secret"}
_SECRET_NAMES: Final = "|".join(sorted(_OTHERS_NAMES | {name for name, field in FIELDS.items() if field.secret}))
NAMED: Final = re.compile(
    rf"((?<![A-Za-z0-9])(?i:{_SECRET_NAMES})[\\\"']{{0,4}}\s{{0,3}}[:=]\s{{0,3}})"
    r"(?:Bearer\s{1,3})?(?:\\{0,16}\"[^\"]*\"?|\\{0,16}'[^']*'?|[^\s,;&}\]]+)"
)
"""A value after the name of a secret, in JSON, Python or form syntax, whatever its shape."""

_BEGIN: Final = r"(?<![A-Za-z0-9])"
_END: Final = r"(?![A-Za-z0-9])"
_GAP: Final = r"[\W_]{1,3}"
_DIGIT: Final = re.compile("[0-9]")
_LOWER: Final = re.compile("[a-z]")
_UPPER: Final = re.compile("[A-Z]")
_LETTER: Final = re.compile("[A-Za-z]")


def _with(*kinds: re.Pattern[str]) -> Callable[[Found], bool]:
    """Returns the condition that characters of all these kinds are in what was found."""
    return lambda found: all(kind.search(found[0]) for kind in kinds)


def _groups(size: int) -> str:
    """Returns a pattern for 24 or more letters and digits in groups of this size.

    Where the last group has to be shorter, it is captured if it is there.
    """
    group, whole, rest = rf"[A-Za-z0-9]{{{size}}}", 24 // size, 24 % size
    last = rf"({_GAP}[A-Za-z0-9]{{{rest}}}{_END})?" if rest else ""
    return rf"{group}(?:{_GAP}{group}{_END}){{{whole - 1},}}{last}"


def _in_groups(*sizes: int) -> re.Pattern[str]:
    return re.compile(_BEGIN + "(?:" + "|".join(map(_groups, sizes)) + ")")


_NEARBY: Final = 66
"""Distance in characters between a recovery code and a digit: some sentences consist of words of equal length."""


def _digit_nearby(found: Found) -> bool:
    return _DIGIT.search(found.string, found.start(), found.end() + _NEARBY) is not None


def _whole_and_digit_nearby(found: Found) -> bool:
    return found.lastindex is not None and _digit_nearby(found)


_RECOVERY_CODE: Final = re.compile(rf"{_BEGIN}(?:[a-z0-9]{{24}}|[A-Z0-9]{{24}}){_END}")

_DIGITS: Final = re.compile(r"\d(?:[\W_]{0,8}(?:[A-Za-z][\W_]{0,8})?\d){5,}")
"""A code or a number with any separators between its digits, except two or more letters."""

_PAUSE: Final = r"[^\w\n\r|\"{}\[\]]{1,4}"
"""Characters around a word; those of tables and JSON separate values."""
_UNIT: Final = r"\s?(?:%|(?:ms|s|min|h|seconds?|minutes?|hours?|days?|times|bytes|characters)\b)"
_SOME_DIGITS: Final = rf"(?<!\d:)\d{{1,5}}(?![A-Za-z\d]|:\d|{_UNIT})"
_BETWEEN: Final = rf"{_PAUSE}(?:(?:(?:and|und|et|y){_PAUSE})?[^\W\d_]{{1,12}}{_PAUSE})?"
_DIGITS_AND_WORDS: Final = re.compile(rf"{_BEGIN}{_SOME_DIGITS}(?:{_BETWEEN}{_SOME_DIGITS})+")


def _six_digits(found: Found) -> bool:
    return sum(map(str.isdigit, found[0])) >= 6


_TO_STANDARD: Final = str.maketrans("-_", "+/")
_ENCODED_DIGITS: Final = re.compile(r"[0-9](?:[\0 -/:-@\[-`{-~]{0,4}[0-9]){5,}")
"""As ``_DIGITS``, with fewer separators: most words are base64 of something."""
_ASSIGNED: Final = re.compile("[:=]")


def _encodes_secret(found: Found) -> bool:
    """Whether base64 in what was found, beginning at any character, encodes a secret."""
    text = found[0].translate(_TO_STANDARD)
    decoded = b"\x7f".join(binascii.a2b_base64(text[start:] + "A" * (-len(text[start:]) % 4)) for start in range(4))
    plain = decoded.decode("ascii", errors="replace")
    named = bool(_ASSIGNED.search(plain) and NAMED.search(plain))
    return named or any(pattern.search(plain) for pattern in (_ENCODED_DIGITS, _RECOVERY_CODE))


WORDS: Final = (
    Shape(re.compile(JWT_SHAPE)),
    # an opaque token; with + and / only in three kinds of characters, for paths are long words too
    Shape(re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{20,}"), _with(_DIGIT, _LETTER)),
    Shape(re.compile(r"(?<![\w+/=-])[A-Za-z0-9_+/=-]{20,}"), _with(_DIGIT, _LOWER, _UPPER)),
    Shape(re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{8,}"), _encodes_secret),
    Shape(_RECOVERY_CODE),
    Shape(_in_groups(1, 2, 3, 4, 6, 8, 12), _digit_nearby),
    Shape(_in_groups(5, 7, 9, 10, 11), _whole_and_digit_nearby),
)
"""Tokens and recovery codes, in base64 or not."""

NUMBERS: Final = (
    Shape(_DIGITS),
    # one with a word between its digits: 12 and then 34 and 56; not 20 s
    Shape(_DIGITS_AND_WORDS, _six_digits),
)
"""Codes and phone numbers."""
