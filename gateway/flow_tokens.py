"""Flow tokens: short-lived JWTs (HS256) that give a browser access to one run of one flow.

The signing key is derived from the naming key, so all gateways of a namespace accept each other's tokens without
further settings. Independent of HTTP.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

ALGORITHM: Final = "HS256"
ISSUER: Final = "phone-mfa"
AUDIENCE: Final = "phone-mfa:flow"
MAX_TOKEN_LENGTH: Final = 2048
"""Maximum length of a token in characters; valid ones have about 350."""
_HEADER: Final = {"alg": ALGORITHM, "typ": "JWT"}


class FlowTokenError(Exception):
    """The token is invalid or expired. Gives no reason, since only a forger could use it."""


@dataclass(frozen=True, slots=True)
class FlowToken:
    """The claims of a token. ``key_id``: the API key it was issued for; revoking that key revokes the token."""

    flow_id: str
    run_id: str
    key_id: str
    expires_at: datetime


class _Claims(BaseModel):
    """A token's payload: all of these claims, of exactly these types. Claims of a newer gateway are ignored."""

    model_config = ConfigDict(strict=True)

    iss: Literal["phone-mfa"]
    aud: Literal["phone-mfa:flow"]
    sub: str
    run: str
    key: str
    iat: FiniteFloat  # may be in the future: another gateway's clock may be ahead
    exp: Annotated[int, Field(ge=0, lt=2**32)]


class FlowTokens:
    """Issues and reads tokens. ``lifetime``: of issued tokens."""

    def __init__(self, naming_key: bytes, lifetime: timedelta) -> None:
        self._key = OctKey.import_key(HKDF(SHA256(), 32, None, b"phone-mfa flow token").derive(naming_key))
        self._lifetime = lifetime

    def issue(self, flow_id: str, run_id: str, key_id: str) -> tuple[str, FlowToken]:
        """Issue a token. Returns its text and its claims."""
        now = datetime.now(UTC)
        token = FlowToken(flow_id, run_id, key_id, now.replace(microsecond=0) + self._lifetime)
        claims = _Claims(
            iss=ISSUER,
            aud=AUDIENCE,
            sub=flow_id,
            run=run_id,
            key=key_id,
            iat=round(now.timestamp(), 3),
            exp=int(token.expires_at.timestamp()),
        )
        return jws.serialize_compact(_HEADER, claims.model_dump_json(), self._key), token

    def read(self, text: str) -> FlowToken:
        """Verify a token and return its claims. Raises ``FlowTokenError``."""
        if len(text) > MAX_TOKEN_LENGTH:
            raise FlowTokenError
        try:
            signed = jws.deserialize_compact(text, self._key, [ALGORITHM])
            claims = _Claims.model_validate_json(signed.payload)
        except (JoseError, ValueError, TypeError, RecursionError):  # TypeError: the header is not an object
            raise FlowTokenError from None
        token = FlowToken(claims.sub, claims.run, claims.key, datetime.fromtimestamp(claims.exp, UTC))
        if signed.headers() != _HEADER or token.expires_at <= datetime.now(UTC):
            raise FlowTokenError
        return token
