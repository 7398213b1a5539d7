"""A ring that is no good is refused in one sentence, which repeats nothing of it."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phone_mfa.encryption import KeyringError, parse_ring
from phone_mfa.encryption.rotation import new_ring, renamed, rotated, without
from tests.unit.encryption.rings import changed

SECRET = "s3cretvalue"
SHORT = base64.urlsafe_b64encode(bytes(16)).decode()

Document = dict[str, Any]

BROKEN: list[tuple[Callable[[Document], object], str]] = [
    (lambda d: d.clear(), "The key ring lacks version."),
    (lambda d: d.update(version=3), "The key ring is not of version 2."),
    (lambda d: d.pop("ring"), "The key ring lacks ring."),
    (lambda d: d.update(ring=""), "The key ring: ring is wrong: "),
    (lambda d: d["keys"][0].update(flow_tokens=False), "The key ring: the current key must sign flow tokens."),
    (lambda d: d["keys"][0].update(flow_tokens="no"), "The key ring: keys.0.flow_tokens is wrong: "),
    (lambda d: d.update(current=SECRET), "The key ring has no key with the id in current."),
    (lambda d: d.update(current=f"{SECRET} "), "The key ring: current is wrong: "),
    (lambda d: d.update(keys=[]), "The key ring has no key."),
    (lambda d: d.update(keys=SECRET), "The key ring: keys is wrong: "),
    (lambda d: d["keys"].append(dict(d["keys"][0])), "The key ring has two keys with the same id."),
    (lambda d: d["keys"].append(d["keys"][0] | {"id": "k2"}), "The key ring has the same key twice; "),
    (lambda d: d.update(naming_key=d["keys"][0]["key"]), "The key ring has the same key twice; "),
    (lambda d: d["keys"][0].update(id=f"{SECRET} "), "The key ring: keys.0.id is wrong: "),
    (lambda d: d["keys"][0].update(key=SHORT), "The key ring: keys.0.key must be 32 bytes in base64url."),
    (lambda d: d["keys"][0].update(key=SECRET * 4), "The key ring: key k"),
    (lambda d: d["keys"][0].update(key="!" * 43), "The key ring: key k"),
    (lambda d: d["keys"][0].update(key=32), "The key ring: keys.0.key must be 32 bytes in base64url."),
    (lambda d: d["keys"][0].update(created=SECRET), "The key ring: keys.0.created is wrong: "),
    (lambda d: d["keys"][0].update(created="2026-11-25T05:00:00"), "The key ring: keys.0.created is wrong: "),
    (lambda d: d["keys"][0].pop("key"), "The key ring lacks keys.0.key."),
    (lambda d: d["keys"][0].update({SECRET: 1}), "The key ring has a member other than "),
    (lambda d: d.pop("naming_key"), "The key ring lacks naming_key."),
    (lambda d: d.update(naming_key=""), "The key ring: naming_key must be 32 bytes in base64url."),
]


@pytest.mark.parametrize(("change", "sentence"), BROKEN)
def test_a_broken_ring_is_refused_in_a_sentence(change: Callable[[Document], object], sentence: str) -> None:
    with pytest.raises(KeyringError) as refused:
        parse_ring(changed(change))

    assert str(refused.value).startswith(sentence)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("text", ["", "no", '"no"', "[]", "\udcff", "[" * 10_000, "\0", "null", "{" * 10_000])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(KeyringError, match=r"^The key ring (is not JSON|must be a JSON object)\.$"):
        parse_ring(text)


@given(st.text())
def test_no_text_but_a_ring_is_one(text: str) -> None:
    with pytest.raises(KeyringError):
        parse_ring(text)


def test_a_ring_is_read_as_it_was_written() -> None:
    ring = rotated(rotated(new_ring()), revoke_tokens=True)

    assert parse_ring(ring.text()) == ring


def test_rotation_adds_a_key_and_keeps_the_rest() -> None:
    first = new_ring()
    second = rotated(first)

    assert second.keys.items() > first.keys.items()
    assert second.current not in first.keys
    assert second.naming_key == first.naming_key


def test_a_file_of_the_former_version_is_refused_with_what_makes_it_one_of_this() -> None:
    ring = new_ring()
    document = json.loads(ring.text())
    del document["ring"], document["keys"][0]["flow_tokens"]

    with pytest.raises(KeyringError) as refused:
        parse_ring(json.dumps(document | {"version": 1}))
    told = re.findall(r'"(\w+)": "(\w+)"|version to (\d)', str(refused.value))

    assert told == [("", "", "2"), ("ring", "main", "")]
    assert parse_ring(json.dumps(document | {"version": 2, "ring": "main"})) == replace(ring, id="main")


def test_a_new_naming_key_leaves_the_rest_of_the_ring() -> None:
    ring = rotated(new_ring())
    other = renamed(ring)

    assert other.naming_key != ring.naming_key
    assert replace(other, naming_key=ring.naming_key) == ring


def test_only_old_keys_can_be_dropped() -> None:
    first = new_ring()
    second = rotated(first)

    assert set(without(second, [first.current]).keys) == {second.current}
    for id_ in (second.current, "nobody"):
        with pytest.raises(KeyringError):
            without(second, [id_])


def test_nothing_that_is_printed_holds_a_key() -> None:
    ring = rotated(new_ring())
    shown = f"{ring} {ring!r} {list(ring.keys.values())!r} {next(iter(ring.keys.values()))}"

    assert ring.current in shown
    for key in (ring.naming_key, *(key.key for key in ring.keys.values())):
        for form in (
            repr(key)[2:-1],
            key.hex(),
            base64.b64encode(key).decode(),
            base64.urlsafe_b64encode(key).decode(),
        ):
            assert form.rstrip("=") not in shown
