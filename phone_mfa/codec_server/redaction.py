"""Redaction of JSON values for operators: shows their structure, and only values that are certainly not secret.

An allow-list: a field is shown if its value matches the contracts (``field_policy``); everything unknown is hidden. In
texts, everything that may be a secret is hidden. Independent of payloads, keys and readers.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from phone_mfa.contracts import masked
from phone_mfa.redaction_patterns import MOMENT

from .field_policy import FIELDS, MAX_UNBOUNDED_NUMBER, PHONE_NUMBER, Field
from .text_redaction import HIDDEN, redact_plain_text

MAX_DEPTH: Final = 32
"""Maximum nesting depth; the contracts have four levels."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}|X{3,}[0-9]{4}|", re.ASCII)
_FAILURE: Final = {"message", "stack_trace"}
_ANYTHING: Final = Field(text=True, maximum=MAX_UNBOUNDED_NUMBER, boolean=True, nested=True)
"""Policy for values without a name: at the top level, and in lists there."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redaction mode. ``reveal_numbers``: show ``phone_number`` fields unmasked."""

    reveal_numbers: bool = False

    def of(self, value: object) -> object:
        """Returns the redacted JSON value."""
        if isinstance(value, dict) and value.keys() == _FAILURE:  # Temporal's format for the text of a failure
            return {name: self._redacted(text, _ANYTHING, 1) for name, text in value.items()}
        return self._redacted(value, _ANYTHING, 0)

    def _redacted(self, value: object, field: Field, depth: int) -> object:
        if depth > MAX_DEPTH:
            return HIDDEN
        match value:
            case None:
                return None
            case bool():
                return value if field.boolean else HIDDEN
            case int() | float() if 0 <= value <= field.maximum and field.maximum:
                return round(value)  # the decimals could be a code
            case str():
                return _word(value, field) or (redact_text(value, depth) if field.text else HIDDEN)
            case list():
                seen = [self._redacted(inner, field, depth + 1) for inner in value]
                return _hidden_if_joined_secret(seen) if field is _ANYTHING else seen
            case dict() if field.nested:
                return {_name(name): self._member(name, inner, depth + 1) for name, inner in value.items()}
        return HIDDEN

    def _member(self, name: str, value: object, depth: int) -> object:
        if name == PHONE_NUMBER:
            return self._phone_number(value)
        field = FIELDS.get(name)
        return HIDDEN if field is None or field.secret else self._redacted(value, field, depth)

    def _phone_number(self, value: object) -> object:
        if value is None:
            return None
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            return HIDDEN
        return value if self.reveal_numbers else masked(value)


def redact_text(text: str, depth: int = 0) -> str:
    """Returns the redacted text. JSON in a text is redacted as JSON, and phone numbers in it are never revealed."""
    if not text.lstrip().startswith(("{", "[", '"')):
        return redact_plain_text(text)
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return redact_plain_text(text)
    return json.dumps(Redaction()._redacted(value, _ANYTHING, depth + 1), ensure_ascii=False)


def _hidden_if_joined_secret(values: list[object]) -> object:
    """Returns the values of a list, unless they form a secret when joined."""
    text = json.dumps(values, ensure_ascii=False)
    return values if redact_plain_text(text) == text else HIDDEN


def _word(text: str, field: Field) -> str | None:
    """Returns the text if the contracts define it, or if it is a time in a time field."""
    return text if text in field.words or (field.time and _is_time(text)) else None


def _is_time(text: str) -> bool:
    try:
        return re.fullmatch(MOMENT, text) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _name(name: str) -> str:
    """Returns the field name if it can be shown; a secret may have been used as a name."""
    return name if _NAME.fullmatch(name) and redact_plain_text(name) == name else HIDDEN
