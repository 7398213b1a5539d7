"""What a phone or a mailbox receives, and what it is asked to receive."""

from dataclasses import dataclass
from typing import Literal

Channel = Literal["sms", "voice"]
Medium = Literal["sms", "voice", "email", "push"]
Holder = Literal["owner", "stranger"]
Decision = Literal["pending", "approved", "denied"]
Action = Literal["enroll", "challenge"]


@dataclass(frozen=True)
class Draft:
    """A message to send. `code` is six digits, or None for a push; `friendly_name` is the tenant's.

    `origin_bound_host` is the site that the code of a text is for, such as `login.example.com`.
    """

    to: str
    medium: Medium
    code: str | None
    action: Action
    friendly_name: str
    origin_bound_host: str | None = None


@dataclass(frozen=True)
class Message:
    """One text, call, e-mail or push.

    `to` is an E.164 number or an e-mail address; a push goes to the user's e-mail address, the name of their device.
    `sent_at` and `delivered_at` are epoch seconds of the tenant's clock. `subject` is an e-mail's, `decision` a push's.
    """

    id: str
    to: str
    medium: Medium
    code: str | None
    text: str
    sent_at: float
    delivered_at: float
    holder: Holder
    decision: Decision | None
    action: Action
    subject: str | None = None


@dataclass(frozen=True)
class Delivery:
    """What the provider said. `message_id` is None when nothing will ever arrive.

    `refused` and `invalid_number` are for the caller to answer with an error. `failure` is the provider's code of a
    message that was accepted and then lost, for the tenant's log.
    """

    message_id: str | None = None
    refused: bool = False
    invalid_number: bool = False
    failure: str | None = None

    @property
    def problem(self) -> str | None:
        """What the tenant's log says of a message that was not sent."""
        if self.invalid_number:
            return "invalid number"
        return "refused" if self.refused else self.failure


def recipient(to: str) -> str:
    """The name under which a number or an address is kept: an address in any case is the same one."""
    return to.lower() if "@" in to else to
