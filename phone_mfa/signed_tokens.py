"""Signs tokens with the key ring: JWTs (HS256) that one process issues and another accepts.

Each key of the ring has a signing key, derived from it, so all processes of a namespace accept each other's tokens
without further settings, and a key that is dropped takes its tokens with it. Independent of HTTP.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Final, Literal, Protocol, TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from phone_mfa.encryption import KeyringSource, RingKey
from phone_mfa.return_address import ReturnAddress

ALGORITHM: Final = "HS256"
ISSUER: Final = "phone-mfa"
CLOCK_SKEW_SECONDS: Final = 60
"""How far another process's clock may be ahead."""
MAX_TOKEN_LENGTH: Final = 4096
"""Maximum length of a token in characters; most have about 400."""


class SignedTokenError(Exception):
    """The token is invalid or expired. Gives no reason, since only a forger could use it."""


class SignedClaims(BaseModel):
    """The payload of a token, of exactly these types. Claims of a newer process are ignored.

    ``sub``: the flow. ``run``: its run. ``key``: the API key that the token was issued for. ``back``: where the user
    goes at the end. ``hint``: what the user types as their name at Auth0, sealed. ``iat``, ``exp``: in seconds since
    1970.
    """

    model_config = ConfigDict(strict=True)

    iss: Literal["phone-mfa"]
    sub: str
    run: str
    key: str
    iat: FiniteFloat
    exp: Annotated[int, Field(ge=0, lt=2**32)]
    back: ReturnAddress | None = None
    hint: str | None = None

    def is_current(self, now: float, max_lifetime: float) -> bool:
        """Whether the token is neither expired nor from the future, and lives no longer than such a token may."""
        return now < self.exp <= self.iat + max_lifetime and self.iat <= now + CLOCK_SKEW_SECONDS


Claims = TypeVar("Claims", bound=SignedClaims)


class _Signed(Protocol):
    """A token whose signature is about to be verified."""

    def headers(self) -> dict[str, object]: ...


class TokenSigner:
    """Signs claims and verifies them."""

    def __init__(self, source: KeyringSource) -> None:
        self._source = source

    def sign(self, claims: SignedClaims) -> tuple[str, str]:
        """Sign claims with the current key. Returns the token and the id of the key."""
        ring = self._source.ring()
        key = signing_key(ring.keys[ring.current].key)
        payload = claims.model_dump_json(exclude_none=True)
        return jws.serialize_compact(_header(ring.current), payload, key), ring.current

    def read(self, text: str, kind: type[Claims], max_lifetime: float) -> tuple[Claims, str]:
        """Verify a token. Returns its claims and the id of its key. Raises ``SignedTokenError``.

        ``max_lifetime``: of tokens of this kind, in seconds, whatever the token says.
        """
        if len(text) > MAX_TOKEN_LENGTH:
            raise SignedTokenError
        try:
            signed = jws.deserialize_compact(text, self._key_of, [ALGORITHM])
            claims = kind.model_validate_json(signed.payload)
        except (JoseError, ValueError, TypeError, RecursionError):  # TypeError: the header is not an object
            raise SignedTokenError from None
        key = str(signed.headers()["kid"])
        if signed.headers() != _header(key):
            raise SignedTokenError
        if not claims.is_current(datetime.now(UTC).timestamp(), max_lifetime):
            raise SignedTokenError
        return claims, key

    def accepts(self, key: str) -> bool:
        """Whether tokens signed with this key are accepted: not if it was dropped, or its tokens were revoked."""
        return accepted_key(self._source, key) is not None

    def _key_of(self, signed: _Signed) -> OctKey:
        key = signed.headers().get("kid")
        if not isinstance(key, str) or not (accepted := accepted_key(self._source, key)):
            raise SignedTokenError
        return signing_key(accepted.key)


def accepted_key(source: KeyringSource, key: str) -> RingKey | None:
    """Returns the key with this id, unless it was dropped, or what was issued with it was revoked."""
    found = source.ring(having=key).keys.get(key)
    return found if found and found.flow_tokens else None


def signing_key(key: bytes) -> OctKey:
    """Returns the key that signs tokens for a key of the ring."""
    return derived_key(key, b"phone-mfa flow token")


@lru_cache(maxsize=64)
def derived_key(key: bytes, purpose: bytes) -> OctKey:
    """Returns the key for a purpose, derived from a key of the ring. It does not reveal that key."""
    return OctKey.import_key(HKDF(SHA256(), 32, None, purpose).derive(key))


def _header(key: str) -> dict[str, object]:
    return {"alg": ALGORITHM, "typ": "JWT", "kid": key}
