"""State of a flow, with the properties derived from it.

``State.at`` is the flow's clock. It advances only with events, and never moves backwards.
"""

from datetime import datetime
from typing import Self

from phone_mfa.contracts import Channel, FlowKind, Verdict, WhenEnrolled

from .records import Credential, SentMessage, Submission, UserSends
from .state_fields import StateFields
from .times import resend_wait


class State(StateFields):
    """The state of one flow."""

    def without_callers(self) -> Self:
        """Return a copy for a new run, in which no caller waits yet."""
        return self.model_copy(
            update={"submissions": tuple(each.model_copy(update={"callers": ()}) for each in self.submissions)}
        )

    @property
    def over(self) -> bool:
        """Whether the flow has an outcome or a failure, and accepts no more requests."""
        return self.outcome is not None or self.failure is not None

    @property
    def enrolling(self) -> bool:
        """Whether the next right code enrolls a phone."""
        return self.kind is FlowKind.ENROLLMENT and not self.proving_current_phone

    @property
    def lists_first(self) -> bool:
        """Whether the user's phones are listed before one is enrolled.

        Auth0 refuses a further phone to an ``mfa_token``, but not to the access token of an invited user's sign-in.
        """
        invited = self.invitation is not None and self.when_enrolled is WhenEnrolled.STOP
        return self.enrolling and invited and not self.phones_known

    @property
    def first_channel(self) -> Channel | None:
        """The channel requested at the start for the current phone; None if any will do."""
        return None if self.proving_current_phone else self.asked_channel

    @property
    def next_channel(self) -> Channel | None:
        """The channel of the next message, or of the one in progress; None if any will do."""
        return self.listed.channel if self.listed else self.channel

    @property
    def sends_left(self) -> int:
        """Number of messages the policy still allows."""
        return max(0, self.policy.sends - self.sends)

    @property
    def tries_left(self) -> int:
        """Number of wrong codes the policy still allows."""
        return max(0, self.policy.wrong_codes - self.wrong_codes)

    @property
    def known_user_sends(self) -> UserSends | None:
        """What the user has left over all flows, if it is known."""
        return self.user_sends if self.user_sends and self.at < self.user_sends.resets_at else None

    @property
    def shown_sends_left(self) -> int:
        """Number of messages the user may still get: in this flow, or over all flows if that is less."""
        known = self.known_user_sends
        return min(self.sends_left, known.left) if known else self.sends_left

    @property
    def shown_tries_left(self) -> int:
        """Number of wrong codes the user may still enter: in this flow, or over all flows if that is less."""
        return self.tries_left if self.user_tries is None else min(self.tries_left, self.user_tries)

    @property
    def live_message(self) -> SentMessage | None:
        """The message whose code can still be accepted."""
        message = self.message
        return message if message and not message.closed and self.at < message.expires_at else None

    @property
    def usable_credential(self) -> Credential | None:
        """The token, unless it has expired."""
        return self.credential if self.credential and self.at < self.credential.expires_at else None

    @property
    def newest_number(self) -> int:
        """The number of the newest message, even if its answer was lost."""
        return max([self.message.number if self.message else 0, *self.lost_messages])

    @property
    def newest_lost(self) -> bool:
        """Whether the answer to the newest send was lost, so that its code cannot be checked."""
        return self.newest_number in self.lost_messages

    @property
    def waiting(self) -> Submission | None:
        """The first code without a verdict."""
        return next((each for each in self.submissions if each.verdict is None), None)

    @property
    def accepted(self) -> bool:
        """Whether a code was accepted."""
        return any(each.verdict and each.verdict.verdict is Verdict.ACCEPTED for each in self.submissions)

    @property
    def resend_allowed_at(self) -> datetime | None:
        """The time from which a message may be requested; None if none is left."""
        if not self.sends_left or self.over:
            return None
        scheduled = self.last_send_at and self.last_send_at + resend_wait(self.policy, self.sends)
        known = self.known_user_sends
        refilled = known.resets_at if known and not known.left else None
        times = [time for time in (scheduled, self.send_hold and self.send_hold.until, refilled) if time]
        return max(times, default=self.waits_since or self.at)

    @property
    def cannot_succeed(self) -> bool:
        """Whether the flow can no longer succeed: no live code, no message left, and no recovery code possible."""
        if self.sends_left or self.waiting or self.live_message:
            return False
        return self.kind is FlowKind.ENROLLMENT or not self.usable_credential

    @property
    def next_message(self) -> int:
        """The message that a code received now is for, if it names none."""
        on_its_way = self.wanted is not None and not self.live_message
        return self.sends + 1 if on_its_way else max(1, self.sends)
