"""Redaction of free text for operators. Stricter than the log's, at little cost to operators.

Times, UUIDs, Auth0's authenticator ids and the names of ``AUTH0_*`` settings are kept. Works by shape and by the names
of secrets.
"""

import re
from typing import Final

from phone_mfa.redaction_patterns import MOMENT, without_secrets

from .field_policy import FIELDS, PHONE_NUMBER

HIDDEN: Final = "[hidden]"

MAX_TEXT_LENGTH: Final = 65_536
"""Maximum length of a text, in characters; ours are sentences, and a traceback has a few thousand."""

_OTHERS_NAMES: Final = {PHONE_NUMBER, "authorization", "password", "secret"}
_SECRET_NAMES: Final = "|".join(sorted(_OTHERS_NAMES | {name for name, field in FIELDS.items() if field.secret}))
_NAMED: Final = re.compile(
    rf"((?<![A-Za-z0-9])(?i:{_SECRET_NAMES})[\\\"']{{0,4}}\s{{0,3}}[:=]\s{{0,3}})"
    r"(?:Bearer\s{1,3})?(?:\\*\"[^\"]*\"|\\*'[^']*'|[^\s,;&}\]]+)"
)
"""A value after the name of a secret, in JSON, Python or form syntax, whatever its shape."""

_KEPT: Final = re.compile(
    rf"((?<![\w.+/-]){MOMENT}(?![\w-])"
    r"|(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?![\w-])"
    r"|(?<![\w-])(?:sms|voice)\|dev_[A-Za-z0-9]{16}(?![\w-])"
    r"|(?<![\w-])AUTH0_[A-Z_]{1,40}(?![\w-]))"
)

_WORD_BEGIN: Final = r"(?<![A-Za-z0-9])"
_WORD_END: Final = r"(?![A-Za-z0-9])"
_GAP: Final = r"[\W_]{1,3}"


def _groups(size: int) -> str:
    """Returns a pattern for at least 24 letters and digits in groups of this size; the last one may be shorter."""
    group, whole, rest = rf"[A-Za-z0-9]{{{size}}}", 24 // size, 24 % size
    last = rf"{_GAP}[A-Za-z0-9]{{{rest}}}" if rest else ""
    return rf"{group}(?:{_GAP}{group}){{{whole - 1},}}{last}"


_IN_GROUPS: Final = "|".join(_groups(size) for size in range(1, 13))
_WORDS: Final = re.compile(
    "|".join(
        [
            # an opaque token; with + and / only in three kinds of characters, for paths are long words too
            r"(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{20,}",
            r"(?<![\w+/=-])(?=[A-Za-z_+/=-]*[0-9])(?=[a-z0-9_+/=-]*[A-Z])(?=[A-Z0-9_+/=-]*[a-z])[A-Za-z0-9_+/=-]{20,}",
            # a recovery code
            rf"{_WORD_BEGIN}(?:[a-z0-9]{{24}}|[A-Z0-9]{{24}}){_WORD_END}",
            # one in groups, with a digit nearby: some sentences consist of words of equal length
            rf"{_WORD_BEGIN}(?=[A-Za-z0-9])(?=[^0-9]{{0,90}}[0-9])(?:{_IN_GROUPS}){_WORD_END}",
        ]
    )
)

_DIGITS: Final = re.compile(r"\d(?:[\W_]{0,8}(?:[A-Za-z][\W_]{0,8})?\d){5,}")
"""A code or a number with any separators between its digits, except two or more letters."""

_GLUED: Final = re.compile(r"(?:(?<![\w+/=-])[\w+/=-]*+)?\[hidden\][\w+/=-]*")
"""Text attached to something hidden, which may be the rest of it."""


def redact_plain_text(text: str) -> str:
    """Returns the text with everything that may be a secret replaced by ``[hidden]``."""
    if len(text) > MAX_TEXT_LENGTH:
        return HIDDEN
    parts = _KEPT.split(_NAMED.sub(rf"\1{HIDDEN}", text))
    return "".join(part if number % 2 else _cleaned(part) for number, part in enumerate(parts))


def _cleaned(text: str) -> str:
    # Words first, so that no token is hidden only in part.
    return _GLUED.sub(HIDDEN, _DIGITS.sub(HIDDEN, without_secrets(_WORDS.sub(HIDDEN, text), HIDDEN)))
