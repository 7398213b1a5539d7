"""Messages to phones and mailboxes: drafts, received messages, delivery results."""

from dataclasses import dataclass
from typing import Literal

from .mail import Mail

Channel = Literal["sms", "voice"]
Medium = Literal["sms", "voice", "email", "push"]
Holder = Literal["owner", "stranger"]
Decision = Literal["pending", "approved", "denied"]
Action = Literal["enroll", "challenge"]


@dataclass(frozen=True)
class Draft:
    """A message to send. `code` is six digits, or None for a push; `friendly_name` is the tenant's.

    For texts, `origin_bound_host` is the site the code is for, such as `login.example.com`, and `template` replaces
    the default text. An e-mail with a `link` has no code and invites to enroll. A `mail` comes from outside of the
    tenant: it has neither code nor action, and its own text and subject.
    """

    to: str
    medium: Medium
    code: str | None
    action: Action | None
    friendly_name: str
    origin_bound_host: str | None = None
    template: str | None = None
    link: str | None = None
    mail: Mail | None = None


@dataclass(frozen=True)
class Message:
    """One text, call, e-mail or push.

    `to` is an E.164 number or an e-mail address; a push goes to the user's e-mail address, which stands for the device.
    `sent_at` and `delivered_at` are epoch seconds of the tenant's clock. Only e-mails have a `subject`, pushes a
    `decision`, and e-mails from outside of the tenant a `sender`.
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
    action: Action | None
    subject: str | None = None
    sender: str | None = None


@dataclass(frozen=True)
class Delivery:
    """The provider's response. `message_id` is None if nothing will ever arrive.

    For `refused` and `invalid_number` the caller returns an error. `failure` is the provider's code for a message
    that was accepted and then lost, for the tenant log.
    """

    message_id: str | None = None
    refused: bool = False
    invalid_number: bool = False
    failure: str | None = None

    @property
    def problem(self) -> str | None:
        """The tenant log's description of a message that was not sent."""
        if self.invalid_number:
            return "invalid number"
        return "refused" if self.refused else self.failure


def recipient(to: str) -> str:
    """Returns the key of a number or address; addresses are case-insensitive."""
    return to.lower() if "@" in to else to
