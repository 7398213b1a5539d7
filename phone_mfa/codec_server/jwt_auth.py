"""Authentication by JWTs from one issuer (RFC 7519), as the Temporal UI and CLI send them.

Only RS256 and ES256 are accepted, so that a public key is never used as a shared secret. Cookies are ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from joserfc import jws, jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.registry import HeaderParameter

from phone_mfa.jwks import IssuerKeys

from .auth import Credentials, NotAuthenticatedError, Reader, Role, loggable_subject, roles_in

ALGORITHMS: Final = ("RS256", "ES256")
LEEWAY_SECONDS: Final = 30
"""Tolerated clock difference to the issuer, in seconds."""
MAX_TOKEN_LENGTH: Final = 16 * 1024
"""Maximum length of a token, in characters."""

_HEADERS: Final = jws.JWSRegistry({"crit": HeaderParameter("Critical", "none")}, ALGORITHMS, strict_check_header=False)
"""Headers with critical parameters are refused, other unknown parameters are ignored (RFC 7515, section 4)."""


@dataclass(frozen=True, slots=True)
class ExpectedClaims:
    """Required claims of a token. ``roles_claim``: the claim that grants roles, by the names in ``role_names``."""

    issuer: str
    audience: str
    roles_claim: str
    role_names: Mapping[Role, str]


class JwtAuthenticator:
    """Authenticates readers by JWTs from one issuer."""

    def __init__(self, keys: IssuerKeys, expected: ExpectedClaims) -> None:
        self._keys, self._expected = keys, expected
        self._rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": expected.issuer},
            aud={"essential": True, "value": expected.audience},
            sub={"essential": True},
            exp={"essential": True},
        )

    async def authenticate(self, given: Credentials) -> Reader:
        """Authenticate a request. Raises ``NotAuthenticatedError`` and ``IssuerDownError``."""
        if given.bearer is None:
            raise NotAuthenticatedError("no_token")
        try:
            claims = await self._claims(given.bearer)
        except ClaimError as error:
            raise NotAuthenticatedError(f"{error.error}_{error.claim}") from None
        except (JoseError, ValueError, TypeError, RecursionError) as error:  # TypeError: the header is not an object
            raise NotAuthenticatedError(type(error).__name__) from None
        granted = roles_in(claims.get(self._expected.roles_claim), self._expected.role_names)
        return Reader(loggable_subject(claims["sub"]), granted)

    async def _claims(self, token: str) -> Mapping[str, object]:
        if len(token) > MAX_TOKEN_LENGTH:
            raise NotAuthenticatedError("too_long")
        header = jws.extract_compact(token.encode(), registry=_HEADERS).headers()
        algorithm, kid = header["alg"], header.get("kid")
        if algorithm not in ALGORITHMS or not isinstance(kid, str):
            raise NotAuthenticatedError("algorithm_or_key_not_ours")
        key = await self._keys.key(kid)
        if key is None:
            raise NotAuthenticatedError("unknown_key")
        claims = jwt.decode(token, key, registry=_HEADERS).claims
        self._rules.validate(claims)
        return claims
