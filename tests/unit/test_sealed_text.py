"""What a browser keeps for us: it is opened for the same purpose, with keys that are still good, and only as it was."""

import pytest

from phone_mfa.encryption import Keyring
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import new_ring, rotated, without
from phone_mfa.sealed_text import SealedText

RING = rotated(new_ring())
TEXT = "ada@example.com"


def seal_of(ring: Keyring, purpose: bytes = b"a test") -> SealedText:
    return SealedText(FixedRing(ring), purpose)


SEALED = seal_of(RING).seal(TEXT)


def test_a_text_is_opened_with_its_key_also_after_a_rotation_and_until_that_is_dropped() -> None:
    later = rotated(RING)

    assert seal_of(RING).open(SEALED) == seal_of(later).open(SEALED) == TEXT
    assert seal_of(without(later, [RING.current])).open(SEALED) is None


def test_a_text_that_is_for_another_purpose_or_of_another_ring_is_not_opened() -> None:
    assert seal_of(RING, b"another").open(SEALED) is None
    assert seal_of(new_ring()).open(SEALED) is None


@pytest.mark.parametrize("part", range(5))
def test_a_text_that_was_changed_is_not_opened(part: int) -> None:
    parts = SEALED.split(".")
    parts[part] = parts[part][:-1] if parts[part] else "AA"

    assert seal_of(RING).open(".".join(parts)) is None


@pytest.mark.parametrize("text", ["", ".", "....", "a.b.c.d.e", "é.é.é.é.é", TEXT, SEALED + ".", "[" * 5000])
def test_another_text_is_not_opened(text: str) -> None:
    assert seal_of(RING).open(text) is None
