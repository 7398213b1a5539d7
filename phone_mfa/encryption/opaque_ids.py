"""Names that say nothing: the same for the same value, and of no use to whoever reads them."""

import base64
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

_BYTES: Final = 20
"""160 bits: 32 letters without padding, and no two values of one name."""


def opaque(naming_key: bytes, kind: str, value: str) -> str:
    """The name of a value: 32 of ``a-z2-7``. Values of different kinds have names that nobody can match."""
    mac = HMAC(naming_key, SHA256())
    # The length first, so that no kind and value read as another kind and value.
    kind_bytes = kind.encode()
    mac.update(len(kind_bytes).to_bytes(4, "big") + kind_bytes + value.encode(errors="surrogatepass"))
    return base64.b32encode(mac.finalize()[:_BYTES]).decode().lower()
