"""What a flow knows, and the questions about it that need nothing else.

``State.at`` is the flow's clock. It moves with events only, and never backwards.
"""

from datetime import datetime
from typing import Self

from phone_mfa.contracts import Channel, FlowKind, Verdict

from .facts import Facts
from .records import Credential, Sent, Submission
from .times import resend_wait


class State(Facts):
    """The state of one flow."""

    def without_callers(self) -> Self:
        """The same for a new run, in which nobody waits yet."""
        return self.model_copy(
            update={"submissions": tuple(each.model_copy(update={"callers": ()}) for each in self.submissions)}
        )

    @property
    def over(self) -> bool:
        """Whether nothing more will be done for whoever asks."""
        return self.outcome is not None or self.failure is not None

    @property
    def enrolling(self) -> bool:
        """Whether the next right code enrolls a phone."""
        return self.kind is FlowKind.ENROLLMENT and not self.proving_current_phone

    @property
    def first_channel(self) -> Channel | None:
        """How the start asked for messages to the phone they go to now. None when any channel will do."""
        return None if self.proving_current_phone else self.asked_channel

    @property
    def next_channel(self) -> Channel | None:
        """How the next message is sent, or the one under way. None when any channel will do."""
        return self.listed.channel if self.listed else self.channel

    @property
    def sends_left(self) -> int:
        """Messages the policy still allows."""
        return max(0, self.policy.sends - self.sends)

    @property
    def tries_left(self) -> int:
        """Wrong codes the policy still forgives."""
        return max(0, self.policy.wrong_codes - self.wrong_codes)

    @property
    def live_message(self) -> Sent | None:
        """The message whose code may still be right."""
        message = self.message
        return message if message and not message.closed and self.at < message.expires_at else None

    @property
    def usable_credential(self) -> Credential | None:
        """The token, while it lives."""
        return self.credential if self.credential and self.at < self.credential.expires_at else None

    @property
    def newest_number(self) -> int:
        """The number of the newest message, though its answer may have been lost."""
        return max([self.message.number if self.message else 0, *self.lost_messages])

    @property
    def newest_lost(self) -> bool:
        """Whether the newest message is one whose answer was lost: nobody can enter its code."""
        return self.newest_number in self.lost_messages

    @property
    def waiting(self) -> Submission | None:
        """The first code that has no verdict yet."""
        return next((each for each in self.submissions if each.verdict is None), None)

    @property
    def accepted(self) -> bool:
        """Whether some code was right."""
        return any(each.verdict and each.verdict.verdict is Verdict.ACCEPTED for each in self.submissions)

    @property
    def resend_allowed_at(self) -> datetime | None:
        """From when on a message may be asked for; ``None`` when none is left."""
        if not self.sends_left or self.over:
            return None
        scheduled = self.last_send_at and self.last_send_at + resend_wait(self.policy, self.sends)
        times = [time for time in (scheduled, self.send_hold and self.send_hold.until) if time]
        return max(times, default=self.waits_since or self.at)

    @property
    def out_of_means(self) -> bool:
        """Whether nothing can finish this flow any more: no code alive, none left to send, nothing else to prove it."""
        if self.sends_left or self.waiting or self.live_message:
            return False
        return self.kind is FlowKind.ENROLLMENT or not self.usable_credential

    @property
    def next_message(self) -> int:
        """Which message a code that comes in now and names none is for."""
        on_its_way = self.wanted is not None and not self.live_message
        return self.sends + 1 if on_its_way else max(1, self.sends)
