"""Readers known by a JWT of one issuer (RFC 7519), as the Temporal UI and CLI send it.

Signed with RS256 or ES256 and nothing else, so that no public key is ever taken for a shared one. Cookies count for
nothing here.
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
"""Seconds that the issuer's clock may be off."""
LONGEST: Final = 16 * 1024
"""Characters of a token."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say. ``roles_claim``: which claim grants roles, by the names in ``role_names``."""

    issuer: str
    audience: str
    roles_claim: str
    role_names: Mapping[Role, str]


class TokenReaders:
    """Readers with tokens of one issuer."""

    def __init__(self, keys: IssuerKeys, expected: Expected) -> None:
        self._keys, self._expected = keys, expected

    async def reader(self, asked: Credentials) -> Reader:
        """Who asks. Raises ``NotProvedError`` and ``IssuerDownError``."""
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
