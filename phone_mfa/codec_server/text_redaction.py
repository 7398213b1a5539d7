"""Redaction of free text for operators. Stricter than the log's, at little cost to operators.

Times, UUIDs, Auth0's authenticator ids and the names of ``AUTH0_*`` settings are kept. Works by shape and by the names
of secrets.
"""

import re
from collections.abc import Iterable
from typing import Final

from phone_mfa.plain_characters import in_plain_characters
from phone_mfa.redaction_patterns import MOMENT, beginning, without_secrets

from .text_shapes import NAMED, NUMBERS, WORDS, Shape

HIDDEN: Final = "[hidden]"

MAX_SHOWN: Final = 4_096
"""Maximum length of what is shown of a text, in characters; ours are sentences, and a traceback has a few thousand."""

_KEPT: Final = re.compile(
    rf"((?<![\w.+/-]){MOMENT}(?![\w-])"
    r"|(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?![\w-])"
    r"|(?<![\w-])(?:sms|voice)\|dev_[A-Za-z0-9]{16}(?![\w-])"
    r"|(?<![\w-])AUTH0_[A-Z_]{1,40}(?![\w-]))"
)

_GLUED: Final = Shape(re.compile(r"(?:[\w+/=-]|\[hidden\])+"), lambda found: HIDDEN in found[0])
"""Text attached to something hidden, which may be the rest of it."""


def redact_plain_text(text: str) -> str:
    """Returns the beginning of the text with everything that may be a secret replaced by ``[hidden]``."""
    return beginning(text, MAX_SHOWN, _redacted)


def may_hold_secret(text: str) -> bool:
    """Whether anything in the text would be hidden, however long it is."""
    return _redacted(text) != text


def _redacted(text: str) -> str:
    plain = in_plain_characters(text)
    parts = _KEPT.split(NAMED.sub(rf"\1{HIDDEN}", plain))
    shown = "".join(part if number % 2 else _cleaned(part) for number, part in enumerate(parts))
    return text if shown == plain else shown


def _cleaned(text: str) -> str:
    # Words first, so that no token is hidden only in part.
    text = _without(NUMBERS, without_secrets(_without(WORDS, text), HIDDEN))
    return _GLUED.replaced(text, HIDDEN) if HIDDEN in text else text


def _without(shapes: Iterable[Shape], text: str) -> str:
    for shape in shapes:
        text = shape.replaced(text, HIDDEN)
    return text
