"""Reads what people type or paste, character by character, in the same way for codes and phone numbers.

Independent of what the text means. Uses the running Python's Unicode tables; see ``folded`` for what that implies.
"""

import unicodedata
from typing import Final

MINUS_SIGN: Final = "\N{MINUS SIGN}"


def folded(typed: str) -> str:
    """Return text with its typographic variants removed.

    Compatibility forms become the plain characters (NFKC), digits of other scripts become ASCII digits, every dash
    becomes a hyphen, and invisible format characters (category Cf: directional marks, zero-width spaces, byte order
    marks, soft hyphens) are dropped. Each character is read on its own, so that folding twice changes nothing.

    Unicode never changes these properties of an assigned character, so Python versions differ only in characters that
    the older one does not know. A flow whose history contains such a character should finish on one Python version,
    which pinned worker versions ensure. ASCII is read without tables.
    """
    if typed.isascii():
        return typed
    return "".join(_folded(char) for each in typed for char in unicodedata.normalize("NFKC", each))


def _folded(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    if category == "Pd" or char == MINUS_SIGN:
        return "-"
    return str(unicodedata.decimal(char, char))


def compact(typed: str) -> str:
    """Return folded text without spaces, line breaks and dashes."""
    return "".join(char for char in folded(typed) if not char.isspace() and char != "-")
