"""Seals to a recipient: what is sealed to a public key is opened with the private one, and by nothing else.

Compact JWE (RFC 7516), ECDH-ES on P-256 with A256GCM (RFC 7518), keys as JWK (RFC 7517), ``kid`` by thumbprint (RFC
7638). No sentence about a bad key repeats anything that stands in it.
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
"""Of what is sealed; joserfc refuses to open a ciphertext whose base64 is longer than 64 kB."""


class RecipientError(Exception):
    """The recipient's key, or what was sealed to it, is of no use. One sentence that holds no key."""


def new_recipient() -> dict[str, str]:
    """A new private JWK."""
    key = ECKey.generate_key(CURVE)
    return _jwk(key) | {"d": str(key.as_dict(private=True)["d"])}


def public_of(jwk: Mapping[str, object]) -> dict[str, str]:
    """The public JWK of a public or private one. Raises ``RecipientError``."""
    return _jwk(_key(jwk))


def seal(public_jwk: Mapping[str, object], plaintext: bytes) -> str:
    """``plaintext`` as a compact JWE.

    A private key is refused and not used, for whoever sends it gives it away. Raises ``RecipientError``.
    """
    if "d" in public_jwk:
        raise RecipientError("The recipient's key is a private one: send the public one, of a new pair.")
    if len(plaintext) > LONGEST_BYTES:
        raise RecipientError(f"At most {LONGEST_BYTES} bytes can be sealed to a recipient.")
    key = _key(public_jwk)
    header = {"alg": ALGORITHM, "enc": ENCRYPTION, "kid": key.thumbprint()}
    return jwe.encrypt_compact(header, plaintext, key, algorithms=[ALGORITHM, ENCRYPTION])


def open_sealed(private_jwk: Mapping[str, object], sealed: str) -> bytes:
    """What a compact JWE holds. Raises ``RecipientError``."""
    if "d" not in private_jwk:
        raise RecipientError("The key is a public one: it opens nothing.")
    key = _key(private_jwk)
    try:
        opened = jwe.decrypt_compact(sealed, key, algorithms=[ALGORITHM, ENCRYPTION])
    except (JoseError, ValueError, TypeError, KeyError):
        raise RecipientError("This does not open: it is no JWE of ours, was changed, or is for another key.") from None
    return opened.plaintext or b""


def _key(jwk: Mapping[str, object]) -> ECKey:
    if jwk.get("kty") != "EC" or jwk.get("crv") != CURVE:
        raise RecipientError(f"The recipient's key must be a JWK with kty EC and crv {CURVE}.")
    # Only these: what else a JWK may say of its use would make others' rules ours.
    parts = {name: jwk[name] for name in ("kty", "crv", "x", "y", "d") if name in jwk}
    if not all(isinstance(part, str) for part in parts.values()):
        raise RecipientError("The recipient's key has a member that is no text.")
    try:
        key = ECKey.import_key({name: str(part) for name, part in parts.items()})
        key.public_key.public_numbers()
    except (JoseError, ValueError, TypeError, KeyError):
        raise RecipientError("The recipient's key is no point of its curve.") from None
    return key


def _jwk(key: ECKey) -> dict[str, str]:
    public = key.as_dict(private=False)
    return {name: str(public[name]) for name in ("kty", "crv", "x", "y")} | {
        "kid": key.thumbprint(),
        "use": "enc",
        "alg": ALGORITHM,
    }
