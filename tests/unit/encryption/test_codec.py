"""A payload opens only as it was sealed, where it was sealed, with the key it was sealed with."""

import asyncio
import base64
import traceback

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from phone_mfa.encryption import (
    MarkingCodec,
    Place,
    SealError,
    SealingCodec,
    UnknownKeyError,
    is_of_no_flow,
    opaque,
    refuse_marked,
)
from phone_mfa.encryption.codec import ENCODING, KEY_ID, KEY_PROOF, NONCE_BYTES
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.payload_binding import CALL, FLOW
from phone_mfa.encryption.rotation import new_ring, rotated, without
from tests.unit.encryption.rings import PAYLOADS, codec, opened, sealed

RING = new_ring()
NEWER = rotated(RING)
OURS = codec(RING)
MARKING = MarkingCodec(FixedRing(RING), "default")
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"code":"135790"}')


def assert_never_opens(payload: Payload) -> None:
    with pytest.raises(SealError) as refused:
        opened(OURS, payload)
    assert refused.value.__cause__ is None

    marked = opened(MARKING, payload)
    assert b"135790" not in marked.SerializeToString()
    with pytest.raises(SealError):
        refuse_marked([marked])


@given(PAYLOADS)
def test_every_payload_comes_back_as_it_was(payload: Payload) -> None:
    assert opened(OURS, sealed(OURS, payload)) == payload
    assert opened(MARKING, sealed(OURS, payload)) == payload


def test_many_payloads_keep_their_order() -> None:
    payloads = [Payload(data=str(number).encode()) for number in range(20)]

    assert asyncio.run(OURS.decode(asyncio.run(OURS.encode(payloads)))) == payloads


def test_nothing_of_a_payload_is_left_in_sight() -> None:
    seen = sealed(OURS, PLAIN)

    proof = opaque(RING.naming_key, "key", RING.current).encode()
    assert dict(seen.metadata) == {"encoding": ENCODING, KEY_ID: RING.current.encode(), KEY_PROOF: proof}
    assert b"json" not in seen.data
    assert b"135790" not in seen.data


@given(st.data())
def test_a_payload_that_was_tampered_with_never_opens(data: st.DataObject) -> None:
    payload = sealed(OURS, PLAIN)
    place = data.draw(st.integers(0, len(payload.data) - 1))
    flipped = payload.data[place] ^ data.draw(st.integers(1, 255))

    assert_never_opens(
        Payload(metadata=payload.metadata, data=payload.data[:place] + bytes([flipped]) + payload.data[place + 1 :])
    )


def test_a_change_of_any_byte_is_seen() -> None:
    payload = sealed(OURS, PLAIN)

    for place in range(len(payload.data)):
        data = bytearray(payload.data)
        data[place] ^= 1
        assert_never_opens(Payload(metadata=payload.metadata, data=bytes(data)))


def test_a_payload_cut_anywhere_never_opens() -> None:
    payload = sealed(OURS, PLAIN)

    for length in range(len(payload.data)):
        assert_never_opens(Payload(metadata=payload.metadata, data=payload.data[:length]))


@given(st.binary(min_size=1))
def test_a_payload_that_is_longer_never_opens(more: bytes) -> None:
    payload = sealed(OURS, PLAIN)

    assert_never_opens(Payload(metadata=payload.metadata, data=payload.data + more))


def test_parts_of_two_payloads_never_open_together() -> None:
    one, other = sealed(OURS, PLAIN).data, sealed(OURS, PLAIN).data
    metadata = sealed(OURS, PLAIN).metadata

    assert_never_opens(Payload(metadata=metadata, data=one[:NONCE_BYTES] + other[NONCE_BYTES:]))
    assert_never_opens(Payload(metadata=metadata, data=one[:-16] + other[-16:]))


@given(st.binary(max_size=70).filter(lambda key_id: key_id != RING.current.encode()))
def test_a_payload_under_another_key_id_never_opens(key_id: bytes) -> None:
    payload = sealed(OURS, PLAIN)

    for proof in ({}, {KEY_PROOF: payload.metadata[KEY_PROOF]}, {KEY_PROOF: key_id}):
        made_up = Payload(metadata={"encoding": ENCODING, KEY_ID: key_id, **proof}, data=payload.data)
        assert_never_opens(made_up)
        with pytest.raises(SealError, match="with a key of another ring") as refused:
            opened(OURS, made_up)
        assert refused.value.non_retryable


def test_a_payload_of_a_stranger_is_not_waited_for() -> None:
    for stranger in (new_ring(), rotated(new_ring())):
        marked = opened(MARKING, sealed(codec(stranger), PLAIN))
        with pytest.raises(SealError, match="with a key of another ring"):
            refuse_marked([marked])


def test_a_key_id_swapped_for_another_of_the_ring_never_opens() -> None:
    payload = sealed(codec(NEWER), PLAIN)
    swapped = Payload(metadata={"encoding": ENCODING, KEY_ID: RING.current.encode()}, data=payload.data)

    with pytest.raises(SealError, match="does not open"):
        opened(codec(NEWER), swapped)


@pytest.mark.parametrize("namespace", ["", "Default", "default ", "default2", "prod"])
def test_a_payload_of_another_namespace_never_opens(namespace: str) -> None:
    assert_never_opens(sealed(codec(RING, namespace), PLAIN))


FLOWS = st.text(min_size=1, max_size=40)
PLACES = st.builds(Place, FLOWS, st.just("") | FLOWS)


@given(PAYLOADS, PLACES)
def test_a_payload_comes_back_as_it_was_where_it_belongs(payload: Payload, place: Place) -> None:
    assume(payload.metadata.keys().isdisjoint({FLOW, CALL}))
    there = MarkingCodec(FixedRing(RING), "default", place)

    assert opened(there, sealed(there, payload)) == payload


@given(PLACES, PLACES)
def test_a_payload_of_another_flow_or_call_is_not_read(here: Place, elsewhere: Place) -> None:
    assume(here != elsewhere)
    payload = sealed(MarkingCodec(FixedRing(RING), "default", elsewhere), PLAIN)

    with pytest.raises(SealError, match="does not belong here"):
        opened(SealingCodec(FixedRing(RING), "default", here), payload)
    marked = opened(MarkingCodec(FixedRing(RING), "default", here), payload)
    assert b"135790" not in marked.SerializeToString()
    with pytest.raises(SealError, match="does not belong here"):
        refuse_marked([marked])


def test_a_payload_without_any_place_is_not_read_in_a_flow() -> None:
    with pytest.raises(SealError, match="does not belong here"):
        opened(SealingCodec(FixedRing(RING), "default", Place("enroll-1")), sealed(OURS, PLAIN))


def test_what_clients_seal_for_no_flow_opens_in_each_and_says_so() -> None:
    payload = opened(MarkingCodec(FixedRing(RING), "default", Place("enroll-1")), sealed(MARKING, PLAIN))

    assert (payload.data, is_of_no_flow(payload)) == (PLAIN.data, True)


def test_who_reads_for_no_flow_reads_all_and_sees_where_each_belongs() -> None:
    payload = sealed(MarkingCodec(FixedRing(RING), "default", Place("enroll-1", "call-1")), PLAIN)

    assert dict(opened(OURS, payload).metadata) == {**PLAIN.metadata, "flow": b"enroll-1", "call": b"call-1"}


def test_the_same_id_over_another_key_never_opens() -> None:
    payload = sealed(codec(new_ring()), PLAIN)
    payload.metadata[KEY_ID] = RING.current.encode()

    assert_never_opens(payload)


@given(PAYLOADS)
def test_a_payload_that_is_not_sealed_is_not_read(payload: Payload) -> None:
    assert_never_opens(payload)
    assert_never_opens(Payload(metadata={"encoding": b"json/plain"}, data=payload.data))
    assert_never_opens(Payload(metadata={"encoding": b"binary/unopened"}, data=payload.data))


def test_an_old_key_opens_until_it_is_dropped() -> None:
    payload = sealed(OURS, PLAIN)

    assert opened(codec(NEWER), payload) == PLAIN
    with pytest.raises(UnknownKeyError, match=RING.current):
        opened(codec(without(NEWER, [RING.current])), payload)


def test_a_worker_waits_for_a_key_and_gives_up_on_what_cannot_open() -> None:
    with pytest.raises(UnknownKeyError) as waiting:
        opened(MARKING, sealed(codec(NEWER), PLAIN))
    with pytest.raises(SealError) as given_up:
        refuse_marked([opened(MARKING, PLAIN)])

    assert not waiting.value.non_retryable
    assert given_up.value.non_retryable


def test_one_payload_that_does_not_open_leaves_the_others_readable() -> None:
    good, bad = sealed(OURS, PLAIN), Payload(data=b"135790")

    first, marked, last = asyncio.run(MARKING.decode([good, bad, good]))

    assert (first, last) == (PLAIN, PLAIN)
    refuse_marked([first, last])
    with pytest.raises(SealError, match="not sealed"):
        refuse_marked([first, marked])


def test_no_nonce_is_used_twice() -> None:
    payloads = asyncio.run(OURS.encode([PLAIN] * 20_000))

    assert len({payload.data[:NONCE_BYTES] for payload in payloads}) == 20_000


def test_an_error_tells_neither_key_nor_content() -> None:
    payload = sealed(OURS, PLAIN)
    try:
        opened(OURS, Payload(metadata=payload.metadata, data=payload.data[:-1]))
    except SealError as error:
        told = "".join(traceback.format_exception(error)) + repr(error) + repr(OURS) + repr(vars(OURS))

    key = RING.keys[RING.current].key
    for form in (repr(key)[2:-1], key.hex(), base64.b64encode(key).decode(), "135790"):
        assert form not in told
