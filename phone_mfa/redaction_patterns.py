"""Patterns of secrets in plain text. Matches shapes only: knows nothing of field names, logs or payloads.

Times and UUIDs are recognized and kept. Any six-digit number that could be a code is treated as one.

Every pattern here and in the codec server takes time linear in the length of the text: a repetition without a limit
stands only where a match can no longer fail.
"""

import re
from collections.abc import Callable
from typing import Final

from .plain_characters import in_plain_characters

_UNSEEN: Final = r"\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u2010-\u2015\u2212"
"""Invisible characters and dashes in pasted codes and numbers; ``folded`` in the contracts reads past them."""

_GAP: Final = rf"[\s{_UNSEEN}-]{{0,3}}"
"""Characters typed between the digits of a code."""

_BEGIN: Final = r"(?<![A-Za-z\d])"
_END: Final = r"(?![A-Za-z\d])"
"""Digits next to letters are part of an id, and are kept."""

_DAY: Final = r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:[.,][0-9]{1,9})?)?"
_ZONE: Final = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"

MOMENT: Final = rf"{_DAY}(?:[T ]{_TIME}{_ZONE})?"
"""A date, optionally with a time, in RFC 3339 or a common format."""

JWT_SHAPE: Final = r"eyJ[\w-][\w.-]*"
"""A JWT or a JWE, which may have an empty part."""

_SHAPES: Final = re.compile(
    rf"(?P<kept>(?<![\w.]){MOMENT}(?!\w))"
    r"|Fe26\.2\*[^\s'\"]+"  # Auth0's mfa_token and oob_code
    r"|pmk_[\w-]{20,}"  # an API key of the gateway
    rf"|{JWT_SHAPE}"
    rf"|[+\uff0b][\s(]{{0,2}}[1-9](?:[\s()./{_UNSEEN}-]{{0,3}}\d){{6,}}"  # E.164: 7 digits or more
    rf"|{_BEGIN}(?<!\d[.,])\d(?:{_GAP}\d){{5}}{_END}(?:{_GAP}\d(?!\w))*"  # a binding code, not a fraction
    rf"|{_BEGIN}(?<!\d[.,/])\d(?:[.,/]\s{{0,2}}\d){{5}}(?![.,/]?[A-Za-z\d])"  # one with punctuation: 1. 3. 5. 7. 9. 0.
    rf"|\(0?[1-9]\d{{1,4}}\)\s?\d{{2,4}}[ -]\d{{3,5}}{_END}"  # a national number: (555) 555-0123
    rf"|{_BEGIN}[A-Z0-9]{{24}}{_END}"  # a recovery code
    # a recovery code in groups; upper-case text without digits is kept
    rf"|{_BEGIN}[A-Z0-9](?:(?<=[0-9])|(?=[A-Z -]{{0,60}}[0-9]))(?:[ -]?[A-Z0-9]){{23}}{_END}"
)


_INCOMPLETE: Final = 256
"""Length of the longest beginning of a secret that no pattern recognizes, with a reserve: digits between words."""

_CUT_MARK: Final = re.compile(r"\[[a-z]{0,8}\Z")


def without_secrets(text: str, mark: str) -> str:
    """Returns the text with everything that looks like a secret replaced by ``mark``."""
    plain = in_plain_characters(text)
    shown = _SHAPES.sub(lambda found: found[0] if found["kept"] else mark, plain)
    return text if shown == plain else shown


def beginning(text: str, length: int, redact: Callable[[str], str]) -> str:
    """Returns the redacted beginning of a long text, and how much was left out; the whole text if it is short.

    What is cut off is long enough that no part of a secret across the end is shown.
    """
    if len(text) <= length:
        return redact(text)
    read = text[: length + _INCOMPLETE]
    shown = redact(read)
    shown = _CUT_MARK.sub("", shown[: max(0, len(shown) - len(read) + length)])
    return f"{shown} [{len(text) - length} more characters]"
