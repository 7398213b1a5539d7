"""Flow tokens: short-lived JWTs (HS256) that give a browser access to one run of one flow.

The signing key is derived from the naming key, so all gateways of a namespace accept each other's tokens without
further settings. Independent of HTTP.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALGORITHM: Final = "HS256"
ISSUER: Final = "phone-mfa"
AUDIENCE: Final = "phone-mfa:flow"
LONGEST: Final = 2048
"""Maximum length of a token in characters; valid ones have about 350."""


class FlowTokenError(Exception):
    """The token is invalid or expired. Gives no reason, since only a forger could use it."""


@dataclass(frozen=True, slots=True)
class FlowToken:
    """The claims of a token. ``key_id``: the API key it was issued for; revoking that key revokes the token."""

    flow_id: str
    run_id: str
    key_id: str
    expires_at: datetime


class FlowTokens:
    """Issues and reads tokens. ``lifetime``: of issued tokens."""

    def __init__(self, naming_key: bytes, lifetime: timedelta) -> None:
        self._key = HKDF(SHA256(), 32, None, b"phone-mfa flow token").derive(naming_key)
        self._lifetime = lifetime

    def made(self, flow_id: str, run_id: str, key_id: str) -> tuple[str, FlowToken]:
        """Issue a token. Returns its text and its claims."""
        now = datetime.now(UTC)
        token = FlowToken(flow_id, run_id, key_id, now.replace(microsecond=0) + self._lifetime)
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": flow_id, "run": run_id, "key": key_id}
        times = {"iat": round(now.timestamp(), 3), "exp": token.expires_at}
        return jwt.encode(claims | times, self._key, ALGORITHM), token

    def read(self, text: str) -> FlowToken:
        """Verify a token and return its claims. Raises ``FlowTokenError``."""
        try:
            if len(text) > LONGEST:
                raise FlowTokenError
            claims = jwt.decode(
                text,
                self._key,
                [ALGORITHM],
                options={
                    "require": ["exp", "iat", "sub", "aud", "iss", "run", "key"],
                    "verify_iat": False,  # another gateway's clock may be ahead
                },
                audience=AUDIENCE,
                issuer=ISSUER,
            )
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            flow_id, run_id, key_id = (str(claims[name]) for name in ("sub", "run", "key"))
            return FlowToken(flow_id, run_id, key_id, expires_at)
        except (jwt.InvalidTokenError, ValueError, OverflowError):
            raise FlowTokenError from None
