"""What a browser keeps while its user is at Auth0's login page: one sealed cookie for each login that was begun.

Sealed with the key ring, so any gateway of the namespace can finish the login, and the browser cannot read or change
it. A cookie is of use once, for ten minutes, in this browser.
"""

import hashlib
import secrets
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from phone_mfa.encryption import KeyringSource
from phone_mfa.invitations import Invitation
from phone_mfa.openid import Challenge
from phone_mfa.return_address import ReturnAddress
from phone_mfa.sealed_text import SealedText

from .flow_tokens import FlowToken

LIFETIME: Final = timedelta(minutes=10)
"""How long a user may take at Auth0's pages. Codes of a login are valid for less."""
PATH: Final = "/login"
MAX_COOKIE_LENGTH: Final = 4096
"""Browsers keep no longer cookies (RFC 6265, section 6.1)."""

_PURPOSE: Final = b"phone-mfa login cookie"


class LoginBegun(BaseModel):
    """A login that was begun, and what it is for.

    ``invitation``: number of the flow's links that began it; None for one that goes on in a flow. ``key_id``: the API
    key that the link or flow token was issued for. ``back``: where the user goes at the end of the flow. ``hint``: what
    the user types as their name at Auth0, if that is known.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    state: str
    nonce: str
    verifier: str
    flow_id: str
    run_id: str
    invitation: int | None
    key_id: str
    signed_with: str
    back: ReturnAddress | None
    hint: str | None
    ends_at: int

    @classmethod
    def now(cls, issued: Invitation | FlowToken, *, invitation: int | None) -> Self:
        """Begin a login for who has a link or a flow token, with new random values."""
        return cls(
            **asdict(Challenge.new()),
            flow_id=issued.flow_id,
            run_id=issued.run_id,
            invitation=invitation,
            key_id=issued.key_id,
            signed_with=issued.signed_with,
            back=issued.back,
            hint=issued.hint,
            ends_at=int((datetime.now(UTC) + LIFETIME).timestamp()),
        )

    @property
    def challenge(self) -> Challenge:
        """What ties the login to this browser."""
        return Challenge(self.state, self.nonce, self.verifier)


class LoginCookies:
    """Writes and reads the cookies. ``secure``: whether browsers reach the gateway by HTTPS."""

    def __init__(self, source: KeyringSource, *, secure: bool) -> None:
        self._seal, self.secure = SealedText(source, _PURPOSE), secure

    def name(self, state: str) -> str:
        """Returns the name of a login's cookie: two tabs have two logins."""
        prefix = "__Secure-" if self.secure else ""
        return f"{prefix}phone-mfa-login-{hashlib.sha256(state.encode()).hexdigest()[:16]}"

    def sealed(self, begun: LoginBegun) -> str:
        """Returns the cookie's value."""
        return self._seal.seal(begun.model_dump_json())

    def opened(self, value: str, state: str) -> LoginBegun | None:
        """Returns the login of a cookie; None if it is of another one, has expired or cannot be read."""
        if len(value) > MAX_COOKIE_LENGTH:
            return None
        try:
            begun = LoginBegun.model_validate_json(self._seal.open(value) or "")
        except ValidationError:
            return None
        late = datetime.now(UTC).timestamp() >= begun.ends_at
        same = secrets.compare_digest(begun.state.encode(), state.encode())
        return begun if same and not late else None
