"""Flow tokens: what a browser shows to be let at one run of one flow, for a short while (JWT, HS256).

The key is drawn from the naming key, so that all gateways of a namespace know each other's tokens, and nothing more has
to be set. Refuses to know HTTP.
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
"""Characters of a token that is looked at; ours have some 350."""


class FlowTokenError(Exception):
    """Not a token of ours that is good now. Says nothing about why, as nobody but its maker could use that."""


@dataclass(frozen=True, slots=True)
class FlowToken:
    """What a token allows. ``key_id``: of the API key that asked for it, and with which it ends."""

    flow_id: str
    run_id: str
    key_id: str
    expires_at: datetime


class FlowTokens:
    """Makes and reads tokens. ``lifetime``: of those made here."""

    def __init__(self, naming_key: bytes, lifetime: timedelta) -> None:
        self._key = HKDF(SHA256(), 32, None, b"phone-mfa flow token").derive(naming_key)
        self._lifetime = lifetime

    def made(self, flow_id: str, run_id: str, key_id: str) -> tuple[str, FlowToken]:
        """A new token, as text and as what it says."""
        now = datetime.now(UTC)
        token = FlowToken(flow_id, run_id, key_id, now.replace(microsecond=0) + self._lifetime)
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": flow_id, "run": run_id, "key": key_id}
        times = {"iat": round(now.timestamp(), 3), "exp": token.expires_at}
        return jwt.encode(claims | times, self._key, ALGORITHM), token

    def read(self, text: str) -> FlowToken:
        """What a token allows. Raises ``FlowTokenError``."""
        try:
            if len(text) > LONGEST:
                raise FlowTokenError
            claims = jwt.decode(
                text,
                self._key,
                [ALGORITHM],
                options={
                    "require": ["exp", "iat", "sub", "aud", "iss", "run", "key"],
                    "verify_iat": False,  # another gateway's clock may be ahead of ours
                },
                audience=AUDIENCE,
                issuer=ISSUER,
            )
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            flow_id, run_id, key_id = (str(claims[name]) for name in ("sub", "run", "key"))
            return FlowToken(flow_id, run_id, key_id, expires_at)
        except (jwt.InvalidTokenError, ValueError, OverflowError):
            raise FlowTokenError from None
