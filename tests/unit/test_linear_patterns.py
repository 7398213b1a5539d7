"""Every pattern of the redaction takes time linear in the length of the text, as its structure shows.

A repetition without a limit stands only where a match can no longer fail. Until there, an attempt reads a limited
number of characters; from there on, what it reads belongs to the match and is not read again.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from re import _constants as kind
from re import _parser
from typing import Any

import pytest

from phone_mfa import codec_server
from phone_mfa.codec_server.text_shapes import Shape

MODULES = [
    "phone_mfa.logs",
    "phone_mfa.redaction_patterns",
    *(f"{codec_server.__name__}.{module.name}" for module in pkgutil.iter_modules(codec_server.__path__)),
]
MOST = 255
"""The highest limit of a repetition: names of namespaces have as many characters."""

REPETITIONS = {kind.MAX_REPEAT, kind.MIN_REPEAT, kind.POSSESSIVE_REPEAT}
CHARACTERS = {kind.ANY, kind.AT, kind.IN, kind.LITERAL, kind.NOT_LITERAL}


def is_linear(pattern: str, flags: int = 0) -> bool:
    return sequence_is_linear(_parser.parse(pattern, flags), last=True)


def sequence_is_linear(items: Iterable[tuple[Any, Any]], *, last: bool) -> bool:
    """``last``: a match cannot fail after these items."""
    rest = list(items)
    while rest:
        (operation, argument), *rest = rest
        if not item_is_linear(operation, argument, last=last and all(map(is_optional, rest))):
            return False
    return True


def is_optional(item: tuple[Any, Any]) -> bool:
    operation, argument = item
    return operation in REPETITIONS and argument[0] == 0


def item_is_linear(operation: Any, argument: Any, *, last: bool) -> bool:
    if operation in REPETITIONS:
        _, high, body = argument
        limited = last if high is kind.MAXREPEAT else high <= MOST
        return limited and sequence_is_linear(body, last=last and high == 1)
    if operation in {kind.ASSERT, kind.ASSERT_NOT}:
        return sequence_is_linear(argument[1], last=False)
    if operation is kind.SUBPATTERN:
        return sequence_is_linear(argument[-1], last=last)
    if operation is kind.BRANCH:
        return all(sequence_is_linear(branch, last=last) for branch in argument[1])
    return operation in CHARACTERS


def patterns_in(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Shape):
        yield value.pattern
    elif isinstance(value, tuple):
        for inner in value:
            yield from patterns_in(inner)


PATTERNS = {
    pattern.pattern: pattern
    for module in map(importlib.import_module, MODULES)
    for value in vars(module).values()
    for pattern in patterns_in(value)
}


def test_all_patterns_are_found() -> None:
    assert len(PATTERNS) >= 20
    assert any("eyJ" in pattern for pattern in PATTERNS)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=lambda pattern: pattern.pattern[:40])
def test_no_pattern_takes_more_than_linear_time(pattern: re.Pattern[Any]) -> None:
    assert is_linear(pattern.pattern, pattern.flags)


@pytest.mark.parametrize("pattern", ["a*", "ab{2,}", "x(?:y+|z*)", "a(?:b{0,3}c){6,}(d)?", "(?:a*)?", "[^a]+|b"])
def test_what_cannot_fail_after_a_repetition_is_linear(pattern: str) -> None:
    assert is_linear(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "a*b",
        "a*?b",
        "a++b",
        "(?:a+)b",
        "(?>a+)",
        "(?:a*)*",
        "(?:a+b){2}",
        "(?=a*b)c",
        "(?:a*|b)c",
        r"a+\b",
        r"(a)\1",
        "a{0,4000}",
        r"[a-z]{5}(?: [a-z]{5}){3,} [a-z]{4}(?![a-z])",
    ],
)
def test_what_can_fail_after_a_repetition_is_not(pattern: str) -> None:
    assert not is_linear(pattern)
