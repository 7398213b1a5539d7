"""What is sealed to a recipient opens with the recipient's private key, and with nothing else."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey

from phone_mfa.encryption import RecipientError, new_recipient, open_sealed, public_of, seal
from phone_mfa.encryption.recipient import LONGEST_BYTES

PRIVATE = new_recipient()
PUBLIC = public_of(PRIVATE)
OTHER = new_recipient()


@given(st.binary(max_size=2000))
def test_the_recipient_reads_what_was_sealed(plaintext: bytes) -> None:
    assert open_sealed(PRIVATE, seal(PUBLIC, plaintext)) == plaintext


def test_the_longest_text_opens_and_a_longer_one_is_not_sealed() -> None:
    assert len(open_sealed(PRIVATE, seal(PUBLIC, bytes(LONGEST_BYTES)))) == LONGEST_BYTES
    with pytest.raises(RecipientError, match="At most"):
        seal(PUBLIC, bytes(LONGEST_BYTES + 1))


def test_nobody_else_reads_it() -> None:
    with pytest.raises(RecipientError, match="cannot be opened"):
        open_sealed(OTHER, seal(PUBLIC, b"135790"))


def test_a_public_key_opens_nothing() -> None:
    with pytest.raises(RecipientError, match="a public key"):
        open_sealed(PUBLIC, seal(PUBLIC, b"135790"))


def test_its_header_names_the_algorithms_and_the_key() -> None:
    part = seal(PUBLIC, b"135790").partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    assert (header["alg"], header["enc"], header["kid"]) == ("ECDH-ES", "A256GCM", PUBLIC["kid"])


def test_the_public_key_is_public() -> None:
    assert "d" not in PUBLIC
    assert public_of(PUBLIC) == PUBLIC
    assert PRIVATE.items() > PUBLIC.items()


def test_what_is_sealed_twice_looks_different() -> None:
    assert seal(PUBLIC, b"135790") != seal(PUBLIC, b"135790")


@given(st.data())
def test_what_was_tampered_with_does_not_open(data: st.DataObject) -> None:
    whole = seal(PUBLIC, b"135790")
    place = data.draw(st.integers(0, len(whole) - 1))
    put = data.draw(st.sampled_from("Aa0_.~\n"))
    if whole[place] == put or _same(whole, place, put):
        return

    with pytest.raises(RecipientError):
        open_sealed(PRIVATE, whole[:place] + put + whole[place + 1 :])


def _same(whole: str, place: int, put: str) -> bool:
    """The last letter of a part may hold bits that base64 does not use."""
    return whole[place + 1 : place + 2] in ("", ".") and put != "."


@given(st.text())
def test_no_other_text_opens(text: str) -> None:
    with pytest.raises(RecipientError):
        open_sealed(PRIVATE, text)


@pytest.mark.parametrize("cut", range(0, 200, 7))
def test_what_was_cut_does_not_open(cut: int) -> None:
    whole = seal(PUBLIC, b"135790")

    with pytest.raises(RecipientError):
        open_sealed(PRIVATE, whole[: -1 - cut])


def test_other_algorithms_do_not_open() -> None:
    key = ECKey.import_key({**PUBLIC, "alg": "ECDH-ES+A256KW"})
    wrapped = jwe.encrypt_compact({"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}, b"x", key)
    direct = jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, b"x", OctKey.generate_key(256))
    zipped = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF"}, b"x", ECKey.import_key({**PUBLIC}))

    for text in (wrapped, direct, zipped):
        with pytest.raises(RecipientError):
            open_sealed(PRIVATE, text)


def test_a_private_key_is_refused_where_a_public_one_is_meant() -> None:
    with pytest.raises(RecipientError, match="a private key"):
        seal(PRIVATE, b"135790")


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "AAAA"},
        PUBLIC | {"crv": "P-384"},
        PUBLIC | {"x": "AAAA"},
        PUBLIC | {"x": "!!"},
        PUBLIC | {"x": "\udcff"},
        PUBLIC | {"x": 1},
        PUBLIC | {"x": None},
        PUBLIC | {"y": PUBLIC["x"]},
        PUBLIC | {"x": "A" * 100_000},
        {name: value for name, value in PUBLIC.items() if name != "y"},
    ],
)
def test_a_key_that_is_none_is_refused_in_a_sentence(jwk: dict[str, Any]) -> None:
    for use in (lambda: seal(jwk, b"x"), lambda: public_of(jwk), lambda: open_sealed(jwk | {"d": "x"}, "x")):
        with pytest.raises(RecipientError, match=r"^[A-Z][^\n]{1,100}\.$") as refused:
            use()
        assert refused.value.__cause__ is None


@pytest.mark.parametrize("d", ["", "!!", "AAAA", pytest.param(OTHER["d"], id="another"), 1, None])
def test_a_private_part_that_does_not_fit_opens_nothing(d: object) -> None:
    with pytest.raises(RecipientError):
        open_sealed(PRIVATE | {"d": d}, seal(PUBLIC, b"135790"))
