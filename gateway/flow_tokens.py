"""Flow tokens: short-lived JWTs (HS256) that give a browser access to one run of one flow.

Each key of the key ring has a signing key, derived from it, so all gateways of a namespace accept each other's tokens
without further settings, and a key that is dropped takes its tokens with it. Independent of HTTP.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Final, Literal, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from phone_mfa.encryption import KeyringSource, RingKey
from phone_mfa.settings import MAX_FLOW_TOKEN_SECONDS

ALGORITHM: Final = "HS256"
ISSUER: Final = "phone-mfa"
AUDIENCE: Final = "phone-mfa:flow"
MAX_LIFETIME: Final = timedelta(seconds=MAX_FLOW_TOKEN_SECONDS)
"""Lifetime that no token exceeds, whatever it says."""
CLOCK_SKEW: Final = timedelta(minutes=1)
"""How far another gateway's clock may be ahead."""
MAX_TOKEN_LENGTH: Final = 2048
"""Maximum length of a token in characters; valid ones have about 400."""


class FlowTokenError(Exception):
    """The token is invalid or expired. Gives no reason, since only a forger could use it."""


@dataclass(frozen=True, slots=True)
class FlowToken:
    """The claims of a token.

    ``key_id``: the API key it was issued for; revoking that key revokes the token. ``signed_with``: the id of the key
    in the key ring.
    """

    flow_id: str
    run_id: str
    key_id: str
    expires_at: datetime
    signed_with: str


class _Claims(BaseModel):
    """A token's payload: all of these claims, of exactly these types. Claims of a newer gateway are ignored."""

    model_config = ConfigDict(strict=True)

    iss: Literal["phone-mfa"]
    aud: Literal["phone-mfa:flow"]
    sub: str
    run: str
    key: str
    iat: FiniteFloat
    exp: Annotated[int, Field(ge=0, lt=2**32)]

    def is_current(self, now: float) -> bool:
        """Whether the token is neither expired nor from the future, and lives no longer than a token may."""
        return now < self.exp <= self.iat + MAX_LIFETIME.total_seconds() and self.iat <= now + _SKEW


_SKEW: Final = CLOCK_SKEW.total_seconds()


class _Signed(Protocol):
    """A token whose signature is about to be verified."""

    def headers(self) -> dict[str, object]: ...


class FlowTokens:
    """Issues and reads tokens. ``lifetime``: of issued tokens. Raises ``ValueError`` if that exceeds a day."""

    def __init__(self, source: KeyringSource, lifetime: timedelta) -> None:
        if lifetime > MAX_LIFETIME:
            raise ValueError("A flow token cannot live longer than a day.")
        self._source, self._lifetime = source, lifetime

    def issue(self, flow_id: str, run_id: str, key_id: str) -> tuple[str, FlowToken]:
        """Issue a token. Returns its text and its claims."""
        now, ring = datetime.now(UTC), self._source.ring()
        token = FlowToken(flow_id, run_id, key_id, now.replace(microsecond=0) + self._lifetime, ring.current)
        claims = _Claims(
            iss=ISSUER,
            aud=AUDIENCE,
            sub=flow_id,
            run=run_id,
            key=key_id,
            iat=round(now.timestamp(), 3),
            exp=int(token.expires_at.timestamp()),
        )
        key = signing_key(ring.keys[ring.current].key)
        return jws.serialize_compact(_header(ring.current), claims.model_dump_json(), key), token

    def read(self, text: str) -> FlowToken:
        """Verify a token and return its claims. Raises ``FlowTokenError``."""
        if len(text) > MAX_TOKEN_LENGTH:
            raise FlowTokenError
        try:
            signed = jws.deserialize_compact(text, self._key_of, [ALGORITHM])
            claims = _Claims.model_validate_json(signed.payload)
        except (JoseError, ValueError, TypeError, RecursionError):  # TypeError: the header is not an object
            raise FlowTokenError from None
        key = str(signed.headers()["kid"])
        if signed.headers() != _header(key) or not claims.is_current(datetime.now(UTC).timestamp()):
            raise FlowTokenError
        return FlowToken(claims.sub, claims.run, claims.key, datetime.fromtimestamp(claims.exp, UTC), key)

    def accepts(self, key: str) -> bool:
        """Whether tokens signed with this key are accepted: not if it was dropped, or its tokens were revoked."""
        return self._accepted(key) is not None

    def _accepted(self, key: str) -> RingKey | None:
        found = self._source.ring(having=key).keys.get(key)
        return found if found and found.flow_tokens else None

    def _key_of(self, signed: _Signed) -> OctKey:
        key = signed.headers().get("kid")
        if not isinstance(key, str) or not (accepted := self._accepted(key)):
            raise FlowTokenError
        return signing_key(accepted.key)


@lru_cache(maxsize=64)
def signing_key(key: bytes) -> OctKey:
    """Returns the key that signs tokens for a key of the ring. It does not reveal that key."""
    return OctKey.import_key(HKDF(SHA256(), 32, None, b"phone-mfa flow token").derive(key))


def _header(key: str) -> dict[str, object]:
    return {"alg": ALGORITHM, "typ": "JWT", "kid": key}
