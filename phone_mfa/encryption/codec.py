"""Payload codec that seals with AES-256-GCM. There is no plaintext mode: unsealed payloads are rejected.

The wire format is that of Temporal's samples (samples-python, ``encryption/codec.py``): ``encoding`` is
``binary/encrypted``, ``encryption-key-id`` is the key's id, the data are a 12-byte nonce and the ciphertext of the
serialized payload. The namespace is associated data, so that a payload moved to another namespace does not open. Its
flow is sealed with it (``payload_binding``). ``encryption-key-proof`` is optional: it proves to a reader without
the key that the key belongs to the same ring, and is worth waiting for.
"""

import hmac
import os
import re
from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec, SerializationContext, WithSerializationContext

from .errors import SealError, UnknownKeyError
from .keyring import Keyring
from .keyring_source import KeyringSource
from .opaque_ids import opaque
from .payload_binding import Place

ENCODING: Final = b"binary/encrypted"
KEY_ID: Final = "encryption-key-id"
KEY_PROOF: Final = "encryption-key-proof"
NONCE_BYTES: Final = 12
"""96 random bits: sufficient for 2**32 payloads per key (NIST SP 800-38D, 8.3)."""


class SealingCodec(PayloadCodec, WithSerializationContext):
    """Seals with the source's current key, opens with any of its keys, in one namespace.

    ``place``: payloads are sealed for this place, and payloads of other places are rejected.
    """

    def __init__(self, source: KeyringSource, namespace: str, place: Place | None = None) -> None:
        self._source, self._place = source, place
        self._associated = b"phone-mfa:1:" + namespace.encode()

    def with_context(self, context: SerializationContext) -> Self:
        """Returns the codec for one place. Called by Temporal's SDK."""
        there = copy(self)
        there._place = Place.of(context)
        return there

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal each payload."""
        return [self.sealed(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open each payload. Raises ``SealError``."""
        return [self.opened(payload) for payload in payloads]

    def sealed(self, payload: Payload) -> Payload:
        """Returns the payload sealed with the current key."""
        placed = self._place.bound(payload) if self._place else payload
        ring = self._source.ring()
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(ring.keys[ring.current].key).encrypt(nonce, placed.SerializeToString(), self._associated)
        proof = _proof(ring.naming_key, ring.current)
        metadata = {"encoding": ENCODING, KEY_ID: ring.current.encode(), KEY_PROOF: proof}
        return Payload(metadata=metadata, data=nonce + sealed)

    def opened(self, payload: Payload) -> Payload:
        """Returns the content of a sealed payload. Raises ``SealError``."""
        if payload.metadata.get("encoding") != ENCODING:
            raise SealError("The payload is not sealed.")
        key = self._key(payload.metadata.get(KEY_ID, b""), payload.metadata.get(KEY_PROOF, b""))
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            opened = Payload.FromString(AESGCM(key).decrypt(nonce, sealed, self._associated))
        except (InvalidTag, ValueError, DecodeError):
            raise SealError("The payload does not open: it was changed, or sealed for another namespace.") from None
        return self._place.checked(opened) if self._place else opened

    def knows(self, payload: Payload) -> bool:
        """Whether a payload claims to be sealed with a key of our ring, present or dropped."""
        name, proof = payload.metadata.get(KEY_ID, b"").decode(errors="replace"), payload.metadata.get(KEY_PROOF, b"")
        ring = self._source.ring()
        return name in ring.keys or _is_proved(ring, name, proof)

    def _key(self, key_id: bytes, proof: bytes) -> bytes:
        name = key_id.decode(errors="replace")
        ring = self._source.ring(having=name)
        if key := ring.keys.get(name):
            return key.key
        if _is_proved(ring, name, proof):
            raise UnknownKeyError(f"The payload is sealed with a key that the ring does not have: {name}.")
        raise SealError("The payload is sealed with a key of another ring.")


def _is_proved(ring: Keyring, name: str, proof: bytes) -> bool:
    is_name = re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name) is not None
    return is_name and hmac.compare_digest(proof, _proof(ring.naming_key, name))


@lru_cache(maxsize=64)
def _proof(naming_key: bytes, key_id: str) -> bytes:
    """Returns a MAC that only a holder of the naming key can create for a key id."""
    return opaque(naming_key, "key", key_id).encode()
