"""Sealing to a recipient's public key. Only the private key can open the result.

Compact JWE (RFC 7516), ECDH-ES on P-256 with A256GCM (RFC 7518), keys as JWK (RFC 7517), ``kid`` is the thumbprint (RFC
7638). Error messages about an invalid key never quote it.
"""

from collections.abc import Mapping
from typing import Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

CURVE: Final = "P-256"
ALGORITHM: Final = "ECDH-ES"
ENCRYPTION: Final = "A256GCM"
LONGEST_BYTES: Final = 48 * 1024
"""Maximum plaintext length in bytes; joserfc refuses to open a ciphertext whose base64 exceeds 64 kB."""


class RecipientError(Exception):
    """The recipient's key, or a text sealed to it, cannot be used. The message is one sentence without any key."""


def new_recipient() -> dict[str, str]:
    """Generate a private JWK."""
    key = ECKey.generate_key(CURVE)
    return _jwk(key) | {"d": str(key.as_dict(private=True)["d"])}


def public_of(jwk: Mapping[str, object]) -> dict[str, str]:
    """Returns the public part of a public or private JWK. Raises ``RecipientError``."""
    return _jwk(_key(jwk))


def seal(public_jwk: Mapping[str, object], plaintext: bytes) -> str:
    """Seal ``plaintext`` as a compact JWE.

    A private key is rejected, because sending it discloses it. Raises ``RecipientError``.
    """
    if "d" in public_jwk:
        raise RecipientError("The recipient's key is a private key: create a new pair, and send the public key.")
    if len(plaintext) > LONGEST_BYTES:
        raise RecipientError(f"At most {LONGEST_BYTES} bytes can be sealed to a recipient.")
    key = _key(public_jwk)
    header = {"alg": ALGORITHM, "enc": ENCRYPTION, "kid": key.thumbprint()}
    return jwe.encrypt_compact(header, plaintext, key, algorithms=[ALGORITHM, ENCRYPTION])


def open_sealed(private_jwk: Mapping[str, object], sealed: str) -> bytes:
    """Returns the content of a compact JWE. Raises ``RecipientError``."""
    if "d" not in private_jwk:
        raise RecipientError("The key is a public key, which cannot open anything.")
    key = _key(private_jwk)
    try:
        opened = jwe.decrypt_compact(sealed, key, algorithms=[ALGORITHM, ENCRYPTION])
    except (JoseError, ValueError, TypeError, KeyError):
        raise RecipientError("This cannot be opened: it is not our JWE, was modified, or is for another key.") from None
    return opened.plaintext or b""


def _key(jwk: Mapping[str, object]) -> ECKey:
    if jwk.get("kty") != "EC" or jwk.get("crv") != CURVE:
        raise RecipientError(f"The recipient's key must be a JWK with kty EC and crv {CURVE}.")
    # Only these members, so that joserfc does not enforce others, such as use and alg.
    parts = {name: jwk[name] for name in ("kty", "crv", "x", "y", "d") if name in jwk}
    if not all(isinstance(part, str) for part in parts.values()):
        raise RecipientError("The recipient's key has a member that is not a string.")
    try:
        key = ECKey.import_key({name: str(part) for name, part in parts.items()})
        key.public_key.public_numbers()
    except (JoseError, ValueError, TypeError, KeyError):
        raise RecipientError("The recipient's key is not a point on its curve.") from None
    return key


def _jwk(key: ECKey) -> dict[str, str]:
    public = key.as_dict(private=False)
    return {name: str(public[name]) for name in ("kty", "crv", "x", "y")} | {
        "kid": key.thumbprint(),
        "use": "enc",
        "alg": ALGORITHM,
    }
