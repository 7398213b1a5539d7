"""A simulated user of the emulated tenant, who logs in and reads codes from an emulated phone."""

import asyncio
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import SecretStr

from phone_mfa.auth0 import MFA_SCOPES, Auth0, MfaRequired

PASSWORD: Final = "correct-horse-battery-staple"  # noqa: S105 - of fictitious users

LOOK_EVERY_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 20.0


class NoCodeError(Exception):
    """The phone received no message."""


@dataclass(frozen=True)
class TextMessage:
    """A message received by a phone."""

    channel: str
    code: str
    text: str


class DemoUser:
    """One user of the emulated tenant. ``_seen`` counts the messages already read, by phone."""

    def __init__(self, http: httpx.AsyncClient, auth0: Auth0, tenant: str, email: str, number: str) -> None:
        self._http, self._auth0, self._tenant = http, auth0, tenant
        self.email, self.number = email, number
        self.user_id = ""
        self._seen: dict[str, int] = {}

    async def sign_up(self, *, enrolled: bool = False) -> None:
        """Create the user in the tenant, with the phone as an authenticator if ``enrolled``."""
        phones = [{"type": "phone", "phone_number": self.number}] if enrolled else []
        user = {"email": self.email, "password": PASSWORD, "email_verified": True, "authenticators": phones}
        made = (await self._http.post(f"{self._tenant}/_control/users", json=user)).raise_for_status()
        self.user_id = str(made.json()["user_id"])

    async def log_in(self, *, to_manage_factors: bool = False) -> SecretStr:
        """Perform the password step of a login; return the ``mfa_token`` for the second step."""
        audience = self._auth0.mfa_audience if to_manage_factors else None
        scope = " ".join(("openid", *MFA_SCOPES)) if to_manage_factors else "openid"
        answer = await self._auth0.log_in(self.email, SecretStr(PASSWORD), audience=audience, scope=scope)
        if not isinstance(answer, MfaRequired):
            raise NoCodeError(f"{self.email} was logged in without a second factor.")
        return answer.mfa_token

    async def next_message(self, number: str | None = None) -> TextMessage:
        """Wait for the phone's next message. Raises ``NoCodeError``."""
        to = number or self.number
        for _ in range(int(PATIENCE_SECONDS / LOOK_EVERY_SECONDS)):
            answer = await self._http.get(f"{self._tenant}/_control/messages", params={"to": to})
            messages = answer.raise_for_status().json()
            seen = self._seen.get(to, 0)
            if len(messages) > seen:
                self._seen[to] = seen + 1
                return TextMessage(*(messages[seen][name] for name in ("channel", "code", "text")))
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        raise NoCodeError(f"The phone {to} received nothing for {PATIENCE_SECONDS:.0f} seconds.")


def wrong_code(code: str) -> str:
    """Return a well-formed code that differs from this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"
