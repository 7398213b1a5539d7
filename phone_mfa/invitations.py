"""Invitations: links by which a user signs in for one flow that was started for them.

A link shows neither the user nor the number, and is of use only to who can sign in as the user: see
``gateway/routes/login.py``. Independent of HTTP.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from .contracts.start import LONGEST_FLOW_SECONDS
from .encryption import KeyringSource
from .login_hint import HINT_PURPOSE
from .return_address import ReturnAddress
from .sealed_text import SealedText
from .signed_tokens import ISSUER, SignedClaims, TokenSigner

AUDIENCE: Final = "phone-mfa:invitation"
OPERATOR: Final = "operator"
"""Stands for the API key in links that the command issued: only the key ring can revoke them."""
PAGE: Final = "/enroll"
"""The gateway's page that links open."""
CALLBACK: Final = "/login/callback"
"""Where Auth0 sends browsers back to the gateway: one of the application's "Allowed Callback URLs"."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link says.

    ``number``: of the flow's links, see ``FlowView.invitation``: other ones are revoked. ``key_id``: the API key it was
    issued for; revoking that key revokes the link. ``back``: where the user goes at the end. ``hint``: what the user
    types as their name at Auth0, if that is known. ``signed_with``: the id of the key in the key ring.
    """

    flow_id: str
    run_id: str
    number: int
    expires_at: datetime
    key_id: str
    signed_with: str
    back: ReturnAddress | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link and when it ends."""

    url: str
    expires_at: datetime


class _Claims(SignedClaims):
    aud: Literal["phone-mfa:invitation"]
    number: Annotated[int, Field(ge=1)]


class Invitations:
    """Issues and reads links.

    ``gateway_url``: the gateway's own address, as users reach it, without a final slash. ``lifetime``: of links whose
    flow does not end before.
    """

    def __init__(self, source: KeyringSource, gateway_url: str, lifetime: timedelta) -> None:
        self._signer, self._gateway_url, self._lifetime = TokenSigner(source), gateway_url, lifetime
        self._hints = SealedText(source, HINT_PURPOSE)

    def issue(
        self,
        flow_id: str,
        run_id: str,
        number: int,
        flow_expires_at: datetime | None,
        key_id: str,
        back: ReturnAddress | None = None,
        hint: str | None = None,
    ) -> Link:
        """Issue a link, which ends with the flow or earlier. Its token is behind the ``#``, so no server logs it.

        A hint is sealed in it; whoever opens the link sees it at Auth0's login page.
        """
        now = datetime.now(UTC)
        ends = now.replace(microsecond=0) + self._lifetime
        ends = min(ends, flow_expires_at) if flow_expires_at else ends
        claims = _Claims(
            iss=ISSUER,
            aud=AUDIENCE,
            sub=flow_id,
            run=run_id,
            number=number,
            iat=round(now.timestamp(), 3),
            exp=int(ends.timestamp()),
            key=key_id,
            back=back,
            hint=hint and self._hints.seal(hint),
        )
        return Link(f"{self._gateway_url}{PAGE}#invitation={self._signer.sign(claims)[0]}", ends)

    def read(self, token: str) -> Invitation:
        """Verify the token of a link. Raises ``SignedTokenError``."""
        claims, key = self._signer.read(token, _Claims, LONGEST_FLOW_SECONDS)
        ends = datetime.fromtimestamp(claims.exp, UTC)
        hint = claims.hint and self._hints.open(claims.hint)
        return Invitation(claims.sub, claims.run, claims.number, ends, claims.key, key, claims.back, hint)
