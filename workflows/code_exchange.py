"""The heart of both flows: send a code, wait for it, have it checked, until the flow has an outcome.

One turn of the loop does one thing, chosen afresh from what is known and what time it is. A timer only wakes the
loop: whether something is due is decided by comparing times, since messages are delivered before timers.
"""

import asyncio
from abc import abstractmethod
from datetime import datetime

from temporalio import workflow

from . import checking, sending
from .calls import take_cancellation
from .handlers import LOGIN_HAS_RUN_OUT, FlowMessages
from .inbox import Submission
from .message import Credential
from .targets import Target
from .view import announce

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import Channel, Outcome, Phase, Withheld
    from phone_mfa.contracts.port import CheckAnswer, Refusal


class CodeExchange(FlowMessages):
    """A flow that sends codes to a target and hears them back."""

    target: Target

    @abstractmethod
    def accepted(self, answer: CheckAnswer) -> None:
        """What a right code means for this flow."""

    @abstractmethod
    async def answer_lost(self, submission: Submission) -> None:
        """What to do when Auth0's answer to a code was lost."""

    @abstractmethod
    async def send_refused(self, refusal: Refusal, credential: Credential) -> None:
        """Decide on a refusal that depends on what the flow is for."""

    async def clean_up(self) -> None:
        """Undo what was half made, once the outcome is set."""

    async def exchange(self) -> None:
        """Turn until there is an outcome. Raises ``asyncio.CancelledError`` when the engine cancelled the flow."""
        try:
            while self.flow.outcome is None:
                await self._turn()
            announce(self.flow)
            await self.clean_up()
        except Exception:
            self.flow.failed = True
            self.flow.leave()
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self.flow.cancelled_by_engine and self.flow.outcome is Outcome.CANCELLED:
            raise asyncio.CancelledError

    async def _turn(self) -> None:
        flow, now = self.flow, workflow.now()
        credential = flow.usable_credential(now)
        if flow.cancelled:
            flow.finish(Outcome.CANCELLED)
        elif now >= flow.deadline:
            flow.finish(Outcome.EXPIRED, "The flow's time is over.")
        elif flow.inbox.waiting and self._may_check_first(now):
            await self._check(flow.inbox.waiting[0])
        elif flow.wish and credential and _due(flow.send_after, now):
            await self._send(credential)
        elif flow.inbox.waiting and (_due(flow.check_after, now) or self._beyond_checking(now)):
            await self._check(flow.inbox.waiting[0])
        elif flow.out_of_means(now):
            flow.finish(Outcome.LOCKED_OUT, "All messages of this flow were used and the last code has ended.")
        elif (call_at := flow.call_at()) and _due(call_at, now):
            flow.channel, flow.called_by_itself = Channel.VOICE, True
            flow.want_message()
        else:
            await self._wait(now)

    def _may_check_first(self, now: datetime) -> bool:
        """A code for a message that lives goes before a new message, which would make it worthless."""
        checkable = self.flow.live_message(now) is not None or self.flow.inbox.waiting[0].is_recovery
        return checkable and _due(self.flow.check_after, now)

    def _beyond_checking(self, now: datetime) -> bool:
        """Whether the next code gets its verdict without Auth0, however long that wants to be left alone."""
        submission = self.flow.inbox.waiting[0]
        return not (submission.is_recovery or submission.unsettled or self.flow.live_message(now))

    async def _send(self, credential: Credential) -> None:
        announce(self.flow)
        self.flow.busy = Phase.SENDING_CODE
        try:
            refusal = await sending.send(self.flow, self.target, credential)
            if refusal:
                await self.send_refused(refusal, credential)
        finally:
            self.flow.busy = None

    async def _check(self, submission: Submission) -> None:
        announce(self.flow)
        self.flow.busy = Phase.CHECKING_CODE
        try:
            await self._judge(submission)
        finally:
            self.flow.busy = None

    async def _judge(self, submission: Submission) -> None:
        answer = None if submission.unsettled else await checking.check(self.flow, submission)
        if answer and answer.refusal is None:
            checking.accept(self.flow, submission)
            self.accepted(answer)
        elif answer or submission.unsettled:
            await self.answer_lost(submission)

    async def _wait(self, now: datetime) -> None:
        flow = self.flow
        self._postpone_wish(now)
        announce(flow)
        seen = flow.events
        wake_at = self._wake_at(now)
        try:
            await workflow.wait_condition(
                lambda: flow.events != seen, timeout=wake_at - now, timeout_summary=f"{flow.phase(now)}"
            )
        except TimeoutError:
            return
        except asyncio.CancelledError:
            take_cancellation(flow)

    def _postpone_wish(self, now: datetime) -> None:
        flow = self.flow
        if flow.wish and flow.wish.answer is None:
            reason = (
                "Auth0 asks to wait; the message is sent then." if flow.usable_credential(now) else LOGIN_HAS_RUN_OUT
            )
            flow.wish.answer = flow.receipt(now, Withheld.LATER, reason)

    def _wake_at(self, now: datetime) -> datetime:
        """The next time at which something may be due."""
        flow = self.flow
        message, credential = flow.live_message(now), flow.usable_credential(now)
        times = (
            message and message.expires_at,
            credential and credential.expires_at,
            flow.resend_allowed_at(now),  # for who looks: a query has the time of the last step
            flow.send_after if flow.wish else flow.held_until(now),
            flow.check_after if flow.inbox.waiting else None,
            flow.call_at(),
        )
        return min([flow.deadline, *(time for time in times if time and time > now)])


def _due(time: datetime | None, now: datetime) -> bool:
    return time is None or now >= time
