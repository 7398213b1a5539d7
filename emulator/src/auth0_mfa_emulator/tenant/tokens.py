"""Tokens: opaque Fe26.2 seals in Auth0's format, and JWTs signed by the tenant's own key.

A seal carries no data here: its text is random, and the tenant stores what it refers to. Only the format, the lengths
and the readable expiry in the sixth field match Auth0's (recorded).
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm
from jwt.types import Options

MFA_TOKEN_BYTES = 1312
"""Random bytes that give an mfa_token its recorded 1986 characters."""
ASSOCIATE_CODE_BYTES = 256
"""Random bytes that give the oob_code of an associated phone its recorded 578 characters."""
CHALLENGE_CODE_BYTES = 288
"""Random bytes that give the oob_code of a challenge, and of an associated push, its recorded 620 characters."""

Claims = dict[str, Any]
"""A JWT's claims, whatever they contain."""


def seal(size: int, issued_at: float, expires_at: float) -> str:
    """Returns a new `Fe26.2*SERVER_...` token that expires at the given epoch second."""
    fields = (
        "Fe26.2",
        f"SERVER_{int(issued_at)}",
        secrets.token_hex(32),
        secrets.token_urlsafe(16),
        secrets.token_urlsafe(size),
        f"{int(expires_at * 1000)}",
        secrets.token_hex(32),
        secrets.token_urlsafe(32),
    )
    return "*".join(fields)


class Signer:
    """The tenant's RS256 key, generated at start; it survives a reset so that cached key sets stay valid.

    `pem` is an unencrypted PKCS#8 private key, generated if not given.
    """

    def __init__(self, pem: str | None = None) -> None:
        self.pem = pem or _new_key()
        key = load_pem_private_key(self.pem.encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101  # for the type checker: no other key is ever stored
        self._key = key
        public = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self._id = hashlib.sha256(str(public["n"]).encode()).hexdigest()[:21]
        self.jwks = {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self._id} | _numbers(public)]}

    def sign(self, claims: Mapping[str, object]) -> str:
        """Returns a signed JWT with these claims."""
        return jwt.encode(dict(claims), self._key, "RS256", {"kid": self._id})

    def verify(self, token: str) -> Claims | None:
        """Returns the claims of a JWT signed by this key, expired or not; callers check times by the tenant's clock."""
        unjudged: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
        try:
            claims: Claims = jwt.decode(token, self._key.public_key(), ["RS256"], unjudged)
        except (jwt.PyJWTError, ValueError, RecursionError):  # RecursionError: a token of nothing but brackets
            return None
        return claims


def _new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _numbers(public: Mapping[str, object]) -> dict[str, object]:
    return {name: public[name] for name in ("n", "e")}
