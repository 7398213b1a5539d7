"""Flow tokens: short-lived JWTs that give a browser access to one run of one flow. Independent of HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from phone_mfa.encryption import KeyringSource
from phone_mfa.login_hint import HINT_PURPOSE
from phone_mfa.return_address import ReturnAddress
from phone_mfa.sealed_text import SealedText
from phone_mfa.settings import MAX_FLOW_TOKEN_SECONDS
from phone_mfa.signed_tokens import ISSUER, SignedClaims, TokenSigner

AUDIENCE: Final = "phone-mfa:flow"
MAX_LIFETIME: Final = timedelta(seconds=MAX_FLOW_TOKEN_SECONDS)
"""Lifetime that no token exceeds, whatever it says."""


@dataclass(frozen=True, slots=True)
class FlowToken:
    """The claims of a token.

    ``key_id``: the API key it was issued for; revoking that key revokes the token. ``signed_with``: the id of the key
    in the key ring. ``back``: where the user goes at the end. ``hint``: what the user types as their name at Auth0.
    """

    flow_id: str
    run_id: str
    key_id: str
    expires_at: datetime
    signed_with: str
    back: ReturnAddress | None = None
    hint: str | None = None


class _Claims(SignedClaims):
    aud: Literal["phone-mfa:flow"]


class FlowTokens:
    """Issues and reads tokens. ``lifetime``: of issued tokens. Raises ``ValueError`` if that exceeds a day."""

    def __init__(self, source: KeyringSource, lifetime: timedelta) -> None:
        if lifetime > MAX_LIFETIME:
            raise ValueError("A flow token cannot live longer than a day.")
        self._signer, self._lifetime = TokenSigner(source), lifetime
        self._hints = SealedText(source, HINT_PURPOSE)

    def issue(
        self, flow_id: str, run_id: str, key_id: str, back: ReturnAddress | None = None, hint: str | None = None
    ) -> tuple[str, FlowToken]:
        """Issue a token. Returns its text and its claims. A hint is sealed in it."""
        now = datetime.now(UTC)
        expires_at = now.replace(microsecond=0) + self._lifetime
        claims = _Claims(
            iss=ISSUER,
            aud=AUDIENCE,
            sub=flow_id,
            run=run_id,
            key=key_id,
            iat=round(now.timestamp(), 3),
            exp=int(expires_at.timestamp()),
            back=back,
            hint=hint and self._hints.seal(hint),
        )
        text, signed_with = self._signer.sign(claims)
        return text, FlowToken(flow_id, run_id, key_id, expires_at, signed_with, back, hint)

    def read(self, text: str) -> FlowToken:
        """Verify a token and return its claims. Raises ``SignedTokenError``."""
        claims, key = self._signer.read(text, _Claims, MAX_LIFETIME.total_seconds())
        ends = datetime.fromtimestamp(claims.exp, UTC)
        hint = claims.hint and self._hints.open(claims.hint)
        return FlowToken(claims.sub, claims.run, claims.key, ends, key, claims.back, hint)

    def accepts(self, key: str) -> bool:
        """Whether tokens signed with this key are accepted: not if it was dropped, or its tokens were revoked."""
        return self._signer.accepts(key)
