"""What a flow knows of itself, and the questions about it that need only the time.

Refuses to act: calls and waits are made elsewhere.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from .inbox import Inbox
from .message import Credential, Message, Wish
from .policies import resend_wait

with workflow.unsafe.imports_passed_through():
    from pydantic import SecretStr

    from phone_mfa.contracts import (
        Channel,
        CodeVerdict,
        FlowAttributes,
        FlowKind,
        FlowPolicy,
        FlowResult,
        FlowView,
        Outcome,
        Phase,
        RecipientKey,
        SendReceipt,
        Verdict,
        Withheld,
    )
    from phone_mfa.contracts.port import TokenUse

TOO_LONG = "The tokens were too long to be sealed to the recipient, and were dropped."

Result = TypeVar("Result", bound=FlowResult)


@dataclass(kw_only=True)
class Flow:
    """The state of one flow."""

    kind: FlowKind
    policy: FlowPolicy
    deadline: datetime
    channel: Channel | None
    phone_number: str = ""  # masked
    credential: Credential | None = None
    recipient: RecipientKey | None = None

    events: int = 0  # counts what handlers did, so that the loop wakes
    busy: Phase | None = None
    proving_current_phone: bool = False
    wish: Wish | None = field(default_factory=Wish)
    message: Message | None = None
    inbox: Inbox = field(default_factory=Inbox)
    sends: int = 0
    last_send_at: datetime | None = None
    lost_sends: int = 0  # in a row
    wrong_codes: int = 0
    refusals: int = 0  # in a row, "not now"
    send_after: datetime | None = None
    check_after: datetime | None = None
    called_by_itself: bool = False
    cancelled: bool = False
    cancelled_by_engine: bool = False
    outcome: Outcome | None = None
    failed: bool = False
    last_verdict: CodeVerdict | None = None
    note: str = ""
    recovery_code: SecretStr | None = None
    sealed: list[str] = field(default_factory=list)
    tokens_too_long: bool = False
    announced: FlowView | None = None
    listed: FlowAttributes | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will be done for whoever waits."""
        return self.failed or self.outcome is not None

    @property
    def enrolling(self) -> bool:
        """Whether the next right code enrolls a phone."""
        return self.kind is FlowKind.ENROLLMENT and not self.proving_current_phone

    @property
    def token_use(self) -> TokenUse:
        """What the tokens are for that the next right code brings."""
        if self.kind is FlowKind.CHALLENGE:
            return TokenUse.KEPT
        return TokenUse.ENROLLS if self.proving_current_phone else TokenUse.DROPPED

    @property
    def sends_left(self) -> int:
        """Messages the policy still allows."""
        return max(0, self.policy.sends - self.sends)

    @property
    def tries_left(self) -> int:
        """Wrong codes the policy still forgives."""
        return max(0, self.policy.wrong_codes - self.wrong_codes)

    def live_message(self, now: datetime) -> Message | None:
        """The message whose code may still be right."""
        message = self.message
        return message if message and not message.closed and now < message.expires_at else None

    def usable_credential(self, now: datetime) -> Credential | None:
        """The token, while it lives."""
        return self.credential if self.credential and now < self.credential.expires_at else None

    def resend_allowed_at(self, now: datetime) -> datetime | None:
        """When a message may be asked for; ``None`` when none is left."""
        if not self.sends_left or self.outcome:
            return None
        times = [now, self.send_after or now]
        if self.last_send_at:
            times.append(self.last_send_at + resend_wait(self.policy, self.sends))
        return max(times)

    def call_at(self) -> datetime | None:
        """When the phone is to be called because the SMS brought no code."""
        seconds, message = self.policy.voice_after_seconds, self.message
        if seconds is None or message is None or message.channel is not Channel.SMS:
            return None
        if message.closed or self.called_by_itself or not self.sends_left or self.wish or self.inbox.waiting:
            return None
        wait = max(timedelta(seconds=seconds), resend_wait(self.policy, self.sends))
        return message.sent_at + wait

    def held_until(self, now: datetime) -> datetime | None:
        """Until when Auth0 wants to be left alone, where that holds the flow up."""
        if self.inbox.waiting:
            hold = self.check_after
        elif self.live_message(now):
            hold = None
        else:
            hold = self.send_after
        return hold if hold and now < hold else None

    def phase(self, now: datetime) -> Phase:
        """What the flow waits for."""
        if self.outcome:
            return Phase.DONE
        if self.busy:
            return self.busy
        if self.held_until(now):
            return Phase.COOLING_DOWN
        if self.inbox.waiting:
            return Phase.CHECKING_CODE
        if self.live_message(now):
            return Phase.WAITING_FOR_CODE
        if not self.usable_credential(now):
            return Phase.WAITING_FOR_TOKEN
        return Phase.SENDING_CODE if self.wish else Phase.WAITING_FOR_CODE

    def out_of_means(self, now: datetime) -> bool:
        """Whether nothing can finish this flow any more: no code alive, none left to send, nothing else to prove it."""
        if self.sends_left or self.inbox.waiting or self.live_message(now):
            return False
        return self.kind is FlowKind.ENROLLMENT or not self.usable_credential(now)

    def drop_credential(self, refused: Credential | None) -> None:
        """Forget a token Auth0 refused, unless a fresh one came meanwhile."""
        if self.credential is refused:
            self.credential = None

    def want_message(self) -> Wish | None:
        """Wish for a message, or join the wish there is; ``None`` when the budget is used up."""
        if self.sends_left:
            self.wish = self.wish or Wish()
            self.wish.answer = None
        return self.wish

    def renew_credential(self, credential: Credential, now: datetime) -> None:
        """Take a fresh token. The newest message, while it lives, goes on with its own.

        A login's token is no replacement for one that a proof gave: only that may enroll another phone.
        """
        held = self.usable_credential(now)
        if held and held.proved:
            return
        self.credential = credential
        if not self.live_message(now):
            self.want_message()

    def next_message(self, now: datetime) -> int:
        """Which message a code that comes in now and names none is for."""
        on_its_way = self.busy is Phase.SENDING_CODE or (self.wish is not None and not self.live_message(now))
        return self.sends + 1 if on_its_way else max(1, self.sends)

    def receipt(self, now: datetime, withheld: Withheld | None = None, reason: str = "") -> SendReceipt:
        """The answer to a wish."""
        return SendReceipt(
            sent=withheld is None,
            withheld=withheld,
            run_id=workflow.info().run_id,
            message=self.sends,
            channel=self.channel,
            phone_number=self.phone_number,
            allowed_at=self.resend_allowed_at(now),
            sends_left=self.sends_left,
            reason=reason,
        )

    def drop_wish(self, receipt: SendReceipt) -> None:
        """Answer the wish and forget it."""
        if self.wish:
            self.wish.answer = receipt
        self.wish = None

    def close_message(self, verdict: Verdict, reason: str, retry_at: datetime | None = None) -> CodeVerdict:
        """No code for the newest message is checked from now on; each gets this verdict."""
        closing = CodeVerdict(verdict=verdict, tries_left=self.tries_left, retry_at=retry_at, reason=reason)
        if self.message:
            self.message.closed = closing
        return closing

    def finish(self, outcome: Outcome, note: str = "") -> None:
        """Set the outcome and leave nobody waiting."""
        self.outcome, self.note = outcome, note or self.note
        self.leave()

    def keep(self, sealed: str | None, *, too_long: bool = False) -> None:
        """Keep what is sealed to the recipient. ``too_long``: tokens that should be there could not be sealed."""
        if sealed:
            self.sealed.append(sealed)
        self.tokens_too_long = too_long

    def result(self, kind: type[Result], **more: object) -> Result:
        """What a flow that has an outcome ends with; ``more`` are members of the kind's own."""
        if self.outcome is None:
            raise ApplicationError("The flow ended without an outcome.", type="Defect", non_retryable=True)
        return kind(
            outcome=self.outcome,
            run_id=workflow.info().run_id,
            channel=self.channel,
            phone_number=self.phone_number,
            sends=self.sends,
            wrong_codes=self.wrong_codes,
            recovery_code=self.recovery_code,
            sealed=tuple(self.sealed),
            note=" ".join(filter(None, [self.note, TOO_LONG if self.tokens_too_long else ""])),
            **more,
        )

    def leave(self) -> None:
        """Answer whoever still waits for a verdict or a receipt."""
        reason = "The flow is over."
        late = Verdict.LOCKED_OUT if self.outcome is Outcome.LOCKED_OUT else Verdict.EXPIRED
        verdict = Verdict.SUPERSEDED if self.inbox.accepted else late
        self.inbox.close(CodeVerdict(verdict=verdict, reason=reason))
        self.drop_wish(self.receipt(workflow.now(), Withheld.OVER, reason))
