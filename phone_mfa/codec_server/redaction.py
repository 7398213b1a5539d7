"""Redaction of JSON values for operators: shows their structure, and only values that are certainly not secret.

An allow-list: a field is shown if its value matches the contracts (``field_policy``); everything unknown is hidden. In
texts, everything that may be a secret is hidden. Independent of payloads, keys and readers.

What exceeds the budget is hidden. One mark stands for the rest of a list or an object.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Final, TypeVar

from phone_mfa.contracts import masked
from phone_mfa.redaction_patterns import MOMENT

from .budget import Budget
from .field_policy import FIELDS, MAX_UNBOUNDED_NUMBER, PHONE_NUMBER, Field
from .text_redaction import HIDDEN, MAX_SHOWN, may_hold_secret, redact_plain_text

MAX_DEPTH: Final = 32
"""Maximum nesting depth; the contracts have four levels."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_MAX_JSON_TEXT: Final = 65_536
"""Maximum length of a text that is parsed as JSON, in characters."""
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}|X{3,20}[0-9]{4}|", re.ASCII)
_FAILURE: Final = {"message", "stack_trace"}
_ANYTHING: Final = Field(text=True, maximum=MAX_UNBOUNDED_NUMBER, boolean=True, nested=True)
"""Policy for values without a name: at the top level, and in lists there."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redaction mode for one request. ``reveal_numbers``: show ``phone_number`` fields unmasked."""

    reveal_numbers: bool = False
    budget: Budget = field(default_factory=Budget)

    def of(self, value: object) -> object:
        """Returns the redacted JSON value."""
        if isinstance(value, dict) and value.keys() == _FAILURE:  # Temporal's format for the text of a failure
            return {name: self._redacted(text, _ANYTHING, 1) for name, text in value.items()}
        return self._redacted(value, _ANYTHING, 0)

    def text(self, text: str, depth: int = 0) -> str:
        """Returns the redacted text. JSON in a text is redacted as JSON, and phone numbers in it are never revealed."""
        if not text.lstrip().startswith(("{", "[", '"')):
            return self._plain_text(text)
        inner = Redaction(budget=self.budget.of_text())
        if len(text) > _MAX_JSON_TEXT or not inner.budget.spend_json(text):
            return HIDDEN
        try:
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return self._plain_text(text)
        return json.dumps(inner._redacted(value, _ANYTHING, depth + 1), ensure_ascii=False)

    def _plain_text(self, text: str) -> str:
        return redact_plain_text(text) if self.budget.spend_text(min(len(text), MAX_SHOWN)) else HIDDEN

    def _redacted(self, value: object, policy: Field, depth: int) -> object:
        if depth > MAX_DEPTH or not self.budget.spend(1):
            return HIDDEN
        match value:
            case None:
                return None
            case bool():
                return value if policy.boolean else HIDDEN
            case int() | float() if 0 <= value <= policy.maximum and policy.maximum:
                return round(value)  # the decimals could be a code
            case str():
                return _word(value, policy) or (self.text(value, depth) if policy.text else HIDDEN)
            case list():
                return self._list(value, policy, depth)
            case dict() if policy.nested:
                return self._object(value, depth)
        return HIDDEN

    def _list(self, values: list[object], policy: Field, depth: int) -> object:
        shown = [self._redacted(inner, policy, depth + 1) for inner in self._affordable(values)]
        if len(shown) < len(values):
            shown.append(HIDDEN)
        return shown if policy.many else self._hidden_if_joined_secret(shown)

    def _object(self, value: dict[str, object], depth: int) -> object:
        shown = {self._name(name): self._member(name, value[name], depth + 1) for name in self._affordable(value)}
        return shown if self.budget.is_left else shown | {HIDDEN: HIDDEN}

    def _affordable(self, items: Iterable[_Item]) -> Iterator[_Item]:
        return takewhile(lambda _: self.budget.is_left, items)

    def _member(self, name: str, value: object, depth: int) -> object:
        if name == PHONE_NUMBER:
            return self._phone_number(value)
        policy = FIELDS.get(name)
        return HIDDEN if policy is None or policy.secret else self._redacted(value, policy, depth)

    def _phone_number(self, value: object) -> object:
        if value is None:
            return None
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            return HIDDEN
        return value if self.reveal_numbers else masked(value)

    def _hidden_if_joined_secret(self, values: list[object]) -> object:
        """Returns the values of a list, unless they form a secret when joined."""
        text = json.dumps(values, ensure_ascii=False)
        return values if self._is_harmless(text) else HIDDEN

    def _name(self, name: str) -> str:
        """Returns the field name if it can be shown; a secret may have been used as a name."""
        shown = self.budget.spend(1) and (name in FIELDS or (_NAME.fullmatch(name) and self._is_harmless(name)))
        return name if shown else HIDDEN

    def _is_harmless(self, text: str) -> bool:
        return self.budget.spend_text(len(text)) and not may_hold_secret(text)


def _word(text: str, policy: Field) -> str | None:
    """Returns the text if the contracts define it, or if it is a time in a time field."""
    return text if text in policy.words or (policy.time and _is_time(text)) else None


def _is_time(text: str) -> bool:
    try:
        return re.fullmatch(MOMENT, text) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False
