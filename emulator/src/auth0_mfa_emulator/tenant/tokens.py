"""Tokens: opaque Fe26.2 seals in Auth0's format, and JWTs signed by the tenant's own key.

A seal carries no data here: its text is random, and the tenant stores what it refers to. Only the format, the lengths
and the readable expiry in the sixth field match Auth0's (recorded).
"""

import hashlib
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import RSAKey

from .signing_certificate import certificate

MFA_TOKEN_BYTES = 1312
"""Random bytes that give an mfa_token its recorded 1986 characters."""
ASSOCIATE_CODE_BYTES = 256
"""Random bytes that give the oob_code of an associated phone its recorded 578 characters."""
CHALLENGE_CODE_BYTES = 288
"""Random bytes that give the oob_code of a challenge, and of an associated push, its recorded 620 characters."""

_UNREADABLE = (JoseError, ValueError, TypeError, RecursionError)
"""What makes a text no JWT; a TypeError is a header that is not an object."""

Claims = dict[str, Any]
"""A JWT's claims, whatever they contain."""


def audiences(claims: Claims) -> list[str]:
    """Returns the audiences of a JWT of this tenant, one or several."""
    audience = claims["aud"]
    return audience if isinstance(audience, list) else [audience]


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
        self._key = RSAKey.import_key(pem) if pem else RSAKey.generate_key()
        self.pem = pem or self._key.as_pem(private=True).decode()
        n, e = self._key["n"], self._key["e"]
        self._id = hashlib.sha256(str(n).encode()).hexdigest()[:21]
        der = certificate(self._key.get_op_key("sign"))
        thumbprint = urlsafe_b64encode(hashlib.sha1(der, usedforsecurity=False).digest()).decode().rstrip("=")
        shown = {"kid": self._id, "x5t": thumbprint, "x5c": [b64encode(der).decode()], "alg": "RS256"}
        self.jwks = {"keys": [{"kty": "RSA", "use": "sig", "n": n, "e": e, **shown}]}

    def sign(self, claims: Mapping[str, object]) -> str:
        """Returns a signed JWT with these claims."""
        return jwt.encode({"alg": "RS256", "kid": self._id}, dict(claims), self._key)

    def verify(self, token: str) -> Claims | None:
        """Returns the claims of a JWT signed by this key, expired or not; callers check times by the tenant's clock."""
        try:
            return jwt.decode(token, self._key, ["RS256"]).claims
        except _UNREADABLE:
            return None

    def is_forged(self, token: str) -> bool:
        """Whether a JWT has a signature, but not of this key."""
        try:
            jwt.decode(token, self._key, ["RS256"])
        except BadSignatureError:
            return True
        except _UNREADABLE:
            return False
        return False
