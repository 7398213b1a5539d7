"""Authentication by JWTs from one issuer (RFC 7519), as the Temporal UI and CLI send them.

Only RS256 and ES256 are accepted, so that a public key is never used as a shared secret. Cookies are ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import jwt

from .auth import (
    Credentials,
    NotProvedError,
    Reader,
    Role,
    readable,
    roles_in,
)
from .jwks import IssuerKeys

ALGORITHMS: Final = ("RS256", "ES256")
LEEWAY: Final = 30
"""Tolerated clock difference to the issuer, in seconds."""
LONGEST: Final = 16 * 1024
"""Maximum length of a token, in characters."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Required claims of a token. ``roles_claim``: the claim that grants roles, by the names in ``role_names``."""

    issuer: str
    audience: str
    roles_claim: str
    role_names: Mapping[Role, str]


class TokenReaders:
    """Authenticates readers by JWTs from one issuer."""

    def __init__(self, keys: IssuerKeys, expected: Expected) -> None:
        self._keys, self._expected = keys, expected

    async def reader(self, asked: Credentials) -> Reader:
        """Authenticate a request. Raises ``NotProvedError`` and ``IssuerDownError``."""
        if asked.bearer is None:
            raise NotProvedError("no_token")
        try:
            claims = await self._claims(asked.bearer)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise NotProvedError(type(error).__name__) from None
        granted = roles_in(claims.get(self._expected.roles_claim), self._expected.role_names)
        return Reader(readable(claims["sub"]), granted)

    async def _claims(self, token: str) -> Mapping[str, object]:
        if len(token) > LONGEST:
            raise NotProvedError("too_long")
        header = jwt.get_unverified_header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or not isinstance(kid, str):
            raise NotProvedError("algorithm_or_key_not_ours")
        key = await self._keys.key(kid)
        if key is None or key.key_type not in ("RSA", "EC"):
            raise NotProvedError("unknown_key")
        claims: Mapping[str, object] = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            issuer=self._expected.issuer,
            audience=self._expected.audience,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        return claims
