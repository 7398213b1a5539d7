"""How our application proves to Auth0 who it is. Knows no user and no endpoint.

Source: Auth0 docs, "Application Credentials" and "Authenticate with Private Key JWT".
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import jwt
from pydantic import SecretStr

ASSERTION_ALGORITHMS = ("RS256", "RS384", "PS256")
"""What Auth0 accepts (Auth0 docs, "Configure Private Key JWT Authentication")."""

ASSERTION_SECONDS = 60
"""How long an assertion lives; Auth0 allows up to 5 minutes, and each is made for one request."""

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523, section 2.2


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """An application that authenticates with a shared secret."""

    client_id: str
    client_secret: SecretStr

    def fields(self, base_url: str) -> dict[str, str]:
        """The members that authenticate one request, to be put in its body."""
        return {"client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}


@dataclass(frozen=True, slots=True)
class PrivateKeyJwt:
    """An application that signs an assertion for each request.

    Raises:
        ValueError: The algorithm is none of :data:`ASSERTION_ALGORITHMS`, or the PEM holds no private key for it.
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
        except Exception:  # whatever cryptography raises may cite the key
            raise ValueError(f"private_key_pem must be a private key in PEM that {self.algorithm} can use") from None

    def fields(self, base_url: str) -> dict[str, str]:
        """The members that authenticate one request, to be put in its body."""
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
        headers = {"kid": self.key_id} if self.key_id else None
        return jwt.encode(dict(claims), self.private_key_pem.get_secret_value(), self.algorithm, headers)
