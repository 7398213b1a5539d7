"""A message to a phone: what asked for it, what is needed to check its code, and how long that lasts."""

from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow

from .policies import CODE_LIFETIME, TOKEN_LIFETIME

with workflow.unsafe.imports_passed_through():
    from pydantic import SecretStr

    from phone_mfa.contracts import Channel, CodeVerdict, SendReceipt


@dataclass(frozen=True)
class Credential:
    """A token for the MFA API and the end of its life."""

    token: SecretStr
    expires_at: datetime
    proved: bool = False  # given for a right code, not for a password

    @classmethod
    def from_login(cls, token: SecretStr, issued_at: datetime | None, received_at: datetime) -> "Credential":
        """A token from a login. Its clock runs from its issue; one of unknown or future issue, from its receipt."""
        return cls(token, min(issued_at or received_at, received_at) + TOKEN_LIFETIME)


@dataclass
class Message:
    """The newest message: what is needed to check its code. ``closed`` is the verdict on any code for it since."""

    number: int
    channel: Channel
    credential: Credential
    oob_code: SecretStr
    sent_at: datetime
    closed: CodeVerdict | None = None

    @property
    def expires_at(self) -> datetime:
        """When its code ends. The code dies with the token that asked for it."""
        return min(self.sent_at + CODE_LIFETIME, self.credential.expires_at)


@dataclass(eq=False)
class Wish:
    """Somebody wants a message. ``answer`` is there once it was sent, postponed or refused."""

    answer: SendReceipt | None = None
