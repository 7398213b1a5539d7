"""Client authentication of our application at Auth0. Independent of users and endpoints.

Source: Auth0 docs, "Application Credentials" and "Authenticate with Private Key JWT".
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

ASSERTION_ALGORITHMS = ("RS256", "RS384", "PS256")
"""Signing algorithms that Auth0 accepts (Auth0 docs, "Configure Private Key JWT Authentication")."""

ASSERTION_SECONDS = 60
"""Lifetime of an assertion in seconds. Auth0 allows up to 5 minutes, and each assertion serves one request."""

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523, section 2.2


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """Credentials of an application that authenticates with a client secret."""

    client_id: str
    client_secret: SecretStr

    def fields(self, base_url: str) -> dict[str, str]:
        """Returns the body members that authenticate a request."""
        return {"client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}


@dataclass(frozen=True, slots=True)
class PublicClient:
    """An application that has no credentials, such as a native one (RFC 6749, section 2.1)."""

    client_id: str

    def fields(self, base_url: str) -> dict[str, str]:
        """Returns the body member that names the application."""
        return {"client_id": self.client_id}


@dataclass(frozen=True, slots=True)
class PrivateKeyJwt:
    """Credentials of an application that signs an assertion for each request.

    Raises:
        ValueError: The algorithm is not in :data:`ASSERTION_ALGORITHMS`, or the PEM has no private key for it.
    """

    client_id: str
    private_key_pem: SecretStr
    key_id: str | None = None
    algorithm: str = "RS256"

    def __post_init__(self) -> None:
        if self.algorithm not in ASSERTION_ALGORITHMS:
            raise ValueError(f"algorithm must be one of {', '.join(ASSERTION_ALGORITHMS)}")
        try:
            self._sign({})
        except Exception:  # errors from cryptography may quote the key
            raise ValueError(f"private_key_pem must be a private key in PEM that {self.algorithm} can use") from None

    def fields(self, base_url: str) -> dict[str, str]:
        """Returns the body members that authenticate one request."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": f"{base_url}/",
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }
        return {
            "client_id": self.client_id,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._sign(claims),
        }

    def _sign(self, claims: Mapping[str, object]) -> str:
        # joserfc would guess the format from words in the text.
        key = load_pem_private_key(self.private_key_pem.get_secret_value().encode(), None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("not an RSA key")
        header = {"alg": self.algorithm} | ({"kid": self.key_id} if self.key_id else {})
        return jwt.encode(header, dict(claims), RSAKey.import_key(key), [self.algorithm])


Credentials = ClientSecret | PrivateKeyJwt | PublicClient
"""How an application authenticates."""
