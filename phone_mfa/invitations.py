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
from .return_address import ReturnAddress
from .token_signing import ISSUER, SignedClaims, SignedTokenError, TokenSigner

AUDIENCE: Final = "phone-mfa:invitation"
OPERATOR: Final = "operator"
"""Stands for the API key in links that the command issued: only the key ring can revoke them."""
PAGE: Final = "/enroll"
"""The gateway's page that links open."""


class InvitationError(Exception):
    """The link is invalid or expired. Gives no reason, since only a forger could use it."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link says.

    ``number``: of the flow's links, see ``FlowView.invitation``: other ones are revoked. ``key_id``: the API key it was
    issued for; revoking that key revokes the link. ``back``: where the user goes at the end. ``signed_with``: the id of
    the key in the key ring.
    """

    flow_id: str
    run_id: str
    number: int
    expires_at: datetime
    key_id: str
    back: ReturnAddress | None = None
    signed_with: str = ""


class _Claims(SignedClaims):
    aud: Literal["phone-mfa:invitation"]
    number: Annotated[int, Field(ge=1)]
    key: str
    back: ReturnAddress | None = None


class Invitations:
    """Issues and reads links. ``gateway_url``: the gateway's own address, as users reach it, without a final slash."""

    def __init__(self, source: KeyringSource, gateway_url: str) -> None:
        self._signer, self._gateway_url = TokenSigner(source), gateway_url

    def link(self, invitation: Invitation) -> str:
        """Returns the link for an invitation. The token is behind the ``#``, so no server logs it."""
        claims = _Claims(
            iss=ISSUER,
            aud=AUDIENCE,
            sub=invitation.flow_id,
            run=invitation.run_id,
            number=invitation.number,
            iat=round(datetime.now(UTC).timestamp(), 3),
            exp=int(invitation.expires_at.timestamp()),
            key=invitation.key_id,
            back=invitation.back,
        )
        return f"{self._gateway_url}{PAGE}#invitation={self._signer.sign(claims)[0]}"

    def read(self, token: str) -> Invitation:
        """Verify the token of a link. Raises ``InvitationError``."""
        try:
            claims, key = self._signer.read(token, _Claims, LONGEST_FLOW_SECONDS)
        except SignedTokenError:
            raise InvitationError from None
        ends = datetime.fromtimestamp(claims.exp, UTC)
        return Invitation(claims.sub, claims.run, claims.number, ends, claims.key, claims.back, key)

    def accepts(self, key: str) -> bool:
        """Whether links signed with this key are accepted."""
        return self._signer.accepts(key)


def ends_at(flow_expires_at: datetime | None, within: timedelta) -> datetime:
    """When a link ends that is issued now: with the flow, or earlier."""
    ends = datetime.now(UTC).replace(microsecond=0) + within
    return min(ends, flow_expires_at) if flow_expires_at else ends
