"""Finds secrets in heaps of bytes: as they are, in base64, in hex; whole, and in pieces that still betray them.

What is searched is decoded, not the secrets encoded: so every alignment, alphabet and letter case is met at once.
"""

import binascii
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.system.leaks.places import Place
from tests.system.leaks.secrets import NUMBER_DIGITS, SHORTEST, Secrets, Text

GRAM: Final = 6
"""Bytes by which a text is noticed, before it is compared."""

STRIDE: Final = SHORTEST - GRAM + 1
"""Whatever piece of SHORTEST bytes stands somewhere, one of its grams starts at a multiple of this."""

_CODE: Final = re.compile(
    rb"(?=[0-9]{3})"
    rb"(?:(?<![0-9A-Za-z])|(?<=\\[nrt]))"  # ids have letters before and after such digits; \n in JSON is no letter
    rb"(?<![0-9][.,])(?<![0-9]:)"  # not a fraction of a second, not a port and what follows it
    rb"(?<![0-9a-f]{4}-)"  # not the end of a UUID that was cut off
    rb"(?!00[0-9]{4}-[0-9]{2}-[0-9]{2})"  # in a database's file: a time zone of +00:00, and the next column's date
    rb"[0-9]{3}[ -]?[0-9]{3}"
    rb"(?![0-9A-Za-z])(?!\.[0-9])"
)
_NUMBER: Final = re.compile(rb"[0-9](?:[\s().\-/]{0,3}[0-9]){9,}")
"""Digits in whatever groups: each ten of them may be a number."""

_NO_DIGITS: Final = bytes(byte for byte in range(256) if byte not in b"0123456789")


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret that was found. ``spelled``: raw, base64 or hex. ``around``: what it stands in."""

    place: Place = field(repr=False)
    where: str
    kind: str
    spelled: str
    around: bytes


class Search:
    """Looks for all secrets at once; in time that grows with what is searched, and not with what is searched for."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._grams: dict[bytes, list[tuple[Text, int]]] = defaultdict(list)
        for text in secrets.texts:
            for start in range(len(text.value) - GRAM + 1):
                self._grams[text.value[start : start + GRAM]].append((text, start))

    def hits(self, place: Place) -> Iterator[Hit]:
        """Every secret in a place; one that stands in it twice perhaps twice."""
        for spelled, readable in readings(place.content):
            for kind, at in (*self._texts(readable), *self._codes(readable), *self._numbers(readable)):
                yield Hit(place, f"{place.kind}: {place.name}", kind, spelled, readable[max(0, at - 60) : at + 60])

    def _texts(self, content: bytes) -> Iterator[tuple[str, int]]:
        grams = self._grams
        for at in range(0, len(content) - GRAM + 1, STRIDE):
            gram = content[at : at + GRAM]
            if gram in grams:
                for text, start in grams[gram]:
                    if _in_common(content, at, text.value, start) >= text.piece:
                        yield text.kind, at

    def _codes(self, content: bytes) -> Iterator[tuple[str, int]]:
        for found in _CODE.finditer(content):
            if found[0].translate(None, b" -") in self._secrets.codes:
                yield "binding code", found.start()

    def _numbers(self, content: bytes) -> Iterator[tuple[str, int]]:
        for found in _NUMBER.finditer(content):
            digits = found[0].translate(None, _NO_DIGITS)
            for start in range(len(digits) - NUMBER_DIGITS + 1):
                if digits[start : start + NUMBER_DIGITS] in self._secrets.numbers:
                    yield "phone number", found.start()


def _in_common(content: bytes, at: int, value: bytes, start: int) -> int:
    """How many bytes around two equal grams are equal."""
    before = after = 0
    while before < min(at, start) and content[at - before - 1] == value[start - before - 1]:
        before += 1
    while after < min(len(content) - at, len(value) - start) and content[at + after] == value[start + after]:
        after += 1
    return before + after


def _kept(letters: bytes, otherwise: bytes, *alike: tuple[bytes, bytes]) -> bytes:
    """A table for ``bytes.translate`` that keeps some letters and turns the others into one of them."""
    table = bytearray(otherwise * 256)
    for letter, meant in ((letters, letters), *alike):
        for one, other in zip(letter, meant, strict=True):
            table[one] = other
    return bytes(table)


_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_HEX: Final = b"0123456789abcdefABCDEF"
_AS_BASE64: Final = _kept(_BASE64, b"A", (b"-_", b"+/"))
_AS_HEX: Final = _kept(_HEX, b"0")


def readings(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The content as it is, and decoded from each place where base64 or hex may begin in it.

    What is neither becomes zeros, which end no secret and begin none.
    """
    yield "raw", content
    base64, hexadecimal = content.translate(_AS_BASE64), content.translate(_AS_HEX)
    for start in range(4):
        part = base64[start:]
        yield "base64", binascii.a2b_base64(part + b"A" * (-len(part) % 4))
    for start in range(2):
        part = hexadecimal[start:]
        yield "hex", binascii.unhexlify(part + b"0" * (len(part) % 2))
