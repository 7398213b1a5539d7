"""Opaque names are the same for the same value, and tell nothing."""

import re

from hypothesis import given
from hypothesis import strategies as st

from phone_mfa.encryption import opaque
from phone_mfa.encryption.rotation import new_ring, rotated

RING = new_ring()
KEY = RING.naming_key


@given(st.text(), st.text())
def test_a_name_survives_the_rotation_of_the_payload_keys(kind: str, value: str) -> None:
    assert opaque(KEY, kind, value) == opaque(rotated(RING).naming_key, kind, value)


@given(st.text(), st.text())
def test_a_name_is_short_and_fits_anywhere(kind: str, value: str) -> None:
    assert re.fullmatch(r"[a-z2-7]{32}", opaque(KEY, kind, value))


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), unique=True))
def test_other_kinds_and_other_values_have_other_names(things: list[tuple[str, str]]) -> None:
    assert len({opaque(KEY, kind, value) for kind, value in things}) == len(things)


def test_kind_and_value_do_not_run_together() -> None:
    assert opaque(KEY, "user", "ada") != opaque(KEY, "usera", "da")


def test_another_ring_has_other_names() -> None:
    assert opaque(KEY, "user", "ada") != opaque(new_ring().naming_key, "user", "ada")


def test_a_name_stays_what_it_was_in_earlier_versions() -> None:
    assert opaque(bytes(range(32)), "user", "ada") == "5q4544jl23ql3726g5mj5rj6g4u34zbi"
