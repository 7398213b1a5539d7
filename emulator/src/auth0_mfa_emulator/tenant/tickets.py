"""Enrollment tickets: one enrollment of a factor on the tenant's own page, within five days (reference, addendum 7)."""

from dataclasses import dataclass, field

from .authenticators import ALPHANUMERIC, random_text

TICKET_SECONDS = 5 * 86_400


def new_ticket_id() -> str:
    """Returns 32 letters or digits (recorded)."""
    return random_text(ALPHANUMERIC, 32)


@dataclass
class Ticket:
    """`factor` None leaves the choice to the user. `expires_at` is epoch seconds of the tenant's clock."""

    user_id: str
    expires_at: float
    client_id: str
    factor: str | None = None
    allow_multiple_enrollments: bool = False
    used: bool = False
    id: str = field(default_factory=new_ticket_id)

    def open(self, now: float) -> bool:
        """Whether it can still enroll."""
        return not self.used and now < self.expires_at
