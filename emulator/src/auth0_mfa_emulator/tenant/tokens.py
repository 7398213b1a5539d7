"""What tokens look like: opaque Fe26.2 seals as Auth0 makes them, and JWTs signed by the tenant's own key.

A seal carries nothing here: its text is random and the tenant remembers what it stands for. Only its shape, its
lengths and the readable expiry in its sixth field are Auth0's (recorded).
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
"""A JWT's claims, which are whatever was signed."""


def seal(size: int, issued_at: float, expires_at: float) -> str:
    """A fresh `Fe26.2*SERVER_...` text that expires at the given epoch second."""
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
    """The tenant's RS256 key, made at start; it survives a reset so that a cached key set stays true.

    `pem` is an unencrypted PKCS#8 private key, made anew when not given.
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
        """A JWT with these claims."""
        return jwt.encode(dict(claims), self._key, "RS256", {"kid": self._id})

    def verify(self, token: str) -> Claims | None:
        """The claims of a JWT this key signed, expired or not; times are for the tenant's clock to judge."""
        unjudged: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
        try:
            claims: Claims = jwt.decode(token, self._key.public_key(), ["RS256"], unjudged)
        except (jwt.PyJWTError, ValueError, RecursionError):  # the last: a token of nothing but brackets
            return None
        return claims


def _new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _numbers(public: Mapping[str, object]) -> dict[str, object]:
    return {name: public[name] for name in ("n", "e")}
