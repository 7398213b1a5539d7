"""Opaque ids: deterministic for a value, and meaningless without the naming key."""

import base64
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

_BYTES: Final = 20
"""160 bits: 32 characters of base32 without padding, and no collisions in practice."""


def opaque(naming_key: bytes, kind: str, value: str) -> str:
    """Returns the opaque id of a value: 32 characters of ``a-z2-7``. Ids of different kinds cannot be correlated."""
    mac = HMAC(naming_key, SHA256())
    # The length first, so that no pair of kind and value is encoded like another pair.
    kind_bytes = kind.encode()
    mac.update(len(kind_bytes).to_bytes(4, "big") + kind_bytes + value.encode(errors="surrogatepass"))
    return base64.b32encode(mac.finalize()[:_BYTES]).decode().lower()
