"""Seals texts that somebody else keeps for us, who can neither read nor change them: JWEs, with the ring's keys."""

from typing import Final, Protocol

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from phone_mfa.encryption import KeyringSource
from phone_mfa.signed_tokens import accepted_key, derived_key

ENCRYPTION: Final = "A256GCM"


class _Sealed(Protocol):
    def headers(self) -> dict[str, object]: ...


class SealedText:
    """Seals and opens texts. ``purpose``: what they are for; a text that was sealed for another one cannot be opened.

    Every process with the key ring can open them, until their key is dropped or what was issued with it is revoked.
    """

    def __init__(self, source: KeyringSource, purpose: bytes) -> None:
        self._source, self._purpose = source, purpose

    def seal(self, text: str) -> str:
        """Returns the text as a compact JWE, some 110 characters more than four thirds of its bytes."""
        ring = self._source.ring()
        key = derived_key(ring.keys[ring.current].key, self._purpose)
        return jwe.encrypt_compact({"alg": "dir", "enc": ENCRYPTION, "kid": ring.current}, text, key)

    def open(self, value: str) -> str | None:
        """Returns the text; None if it cannot be opened."""
        try:
            opened = jwe.decrypt_compact(value, self._key, algorithms=["dir", ENCRYPTION])
            return (opened.plaintext or b"").decode()
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def _key(self, sealed: _Sealed) -> OctKey:
        found = accepted_key(self._source, str(sealed.headers().get("kid")))
        if found is None:
            raise KeyError
        return derived_key(found.key, self._purpose)
