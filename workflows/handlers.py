"""What may be said to a flow: signals for callers that walk away, updates for screens that wait, one query.

Handlers note what was said and wait for the flow to act on it; they never call Auth0. They raise nothing but
``ApplicationError``.
"""

from typing import Final

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from .flow import Flow
from .inbox import Submission
from .message import Credential
from .view import view_of

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import (
        BindingCode,
        CancelFlow,
        Channel,
        CodeVerdict,
        FlowView,
        Phase,
        ProvideMfaToken,
        SendReceipt,
        SwitchChannel,
        Withheld,
        names,
        reveal,
    )

LOGIN_HAS_RUN_OUT: Final = "The login has run out: a fresh mfa_token is needed first, then the message is sent."


class FlowMessages:
    """The messages every flow understands."""

    flow: Flow

    @workflow.query(name=names.VIEW, description="The status document of the flow, without secrets.")
    def view(self) -> FlowView:
        """Show the flow."""
        return view_of(self.flow, workflow.now())

    @workflow.signal(name=names.SUBMIT_BINDING_CODE, description="The code from the phone; nobody waits.")
    def submit_binding_code(self, code: BindingCode) -> None:
        """Take a code in. One that cannot be right is dropped: nobody is there to be told."""
        if problem := code.problem:
            workflow.logger.warning("binding_code.dropped", extra={"reason": problem})
        else:
            self._receive_code(code)

    @workflow.update(name=names.CHECK_BINDING_CODE, description="The code from the phone; answers with a verdict.")
    async def check_binding_code(self, code: BindingCode) -> CodeVerdict:
        """Take a code in and wait for its verdict."""
        return await self.verdict_on(self._receive_code(code), code.submission_id)

    @check_binding_code.validator
    def _refuse_malformed_code(self, code: BindingCode) -> None:
        refuse(code.problem)

    @workflow.signal(name=names.PROVIDE_MFA_TOKEN, description="A fresh mfa_token from a new login; nobody waits.")
    def provide_mfa_token(self, token: ProvideMfaToken) -> None:
        """Take a fresh token."""
        self._take_token(token)

    @workflow.update(name=names.RENEW_MFA_TOKEN, description="A fresh mfa_token; answers with the phase it leads to.")
    async def renew_mfa_token(self, token: ProvideMfaToken) -> Phase:
        """Take a fresh token and tell the phase that follows."""
        self._take_token(token)
        return self.flow.phase(workflow.now())

    @workflow.update(name=names.RESEND_CODE, description="Send another code; answers when it was or will be sent.")
    async def resend_code(self) -> SendReceipt:
        """Ask for another message."""
        return await self.send_on_schedule(None)

    @workflow.update(name=names.SWITCH_CHANNEL, description="Send another code by sms or voice.")
    async def switch_channel(self, switch: SwitchChannel) -> SendReceipt:
        """Ask for another message on another channel."""
        return await self.send_on_schedule(switch.channel)

    @workflow.signal(name=names.CANCEL_FLOW, description="End the flow; what was half made is removed if possible.")
    def cancel_flow(self, cancel: CancelFlow) -> None:
        """End the flow at the next turn."""
        self.flow.cancelled = True
        self.flow.note = cancel.reason
        self.flow.events += 1

    def _receive_code(self, code: BindingCode) -> Submission:
        message = code.message or self.flow.next_message(workflow.now())
        return self.receive(code.digits, message, code.submission_id)

    def receive(self, text: str, message: int | None, submission_id: str | None) -> Submission:
        """Drop a code into the inbox and wake the flow."""
        submission = self.flow.inbox.receive(text, message=message, submission_id=submission_id)
        self.flow.events += 1
        if self.flow.over:
            self.flow.leave()
        return submission

    async def verdict_on(self, submission: Submission, submission_id: str | None) -> CodeVerdict:
        """Wait for the verdict."""
        await workflow.wait_condition(lambda: submission.verdict is not None)
        if submission.verdict is None:
            raise ApplicationError("The flow forgot a code.", type="Defect", non_retryable=True)
        return submission.verdict.model_copy(update={"submission_id": submission_id, "run_id": workflow.info().run_id})

    def _take_token(self, given: ProvideMfaToken) -> None:
        flow, now = self.flow, workflow.now()
        if flow.credential and reveal(flow.credential.token) == reveal(given.mfa_token):
            return  # its clock started when it came first
        flow.renew_credential(Credential.from_login(given.mfa_token, given.issued_at, now), now)
        flow.events += 1

    async def send_on_schedule(self, channel: Channel | None) -> SendReceipt:
        """Wish for a message unless it is too early for one."""
        while self.flow.busy is Phase.SENDING_CODE:
            await workflow.wait_condition(lambda: self.flow.busy is not Phase.SENDING_CODE)
        now = workflow.now()
        allowed_at = self.flow.resend_allowed_at(now)
        if allowed_at is None:
            return self._none_left()
        if allowed_at > now and not self.flow.wish:
            return self.flow.receipt(now, Withheld.TOO_EARLY, "It is too early for another message.")
        return await self.send(channel)

    async def send(self, channel: Channel | None) -> SendReceipt:
        """Wish for a message now and wait until it is sent, postponed or refused."""
        flow = self.flow
        flow.channel = channel or flow.channel
        wish = flow.want_message()
        flow.events += 1
        if wish is None or flow.over:
            return self._none_left()
        await workflow.wait_condition(lambda: wish.answer is not None)
        return wish.answer or self._none_left()

    def _none_left(self) -> SendReceipt:
        withheld = Withheld.OVER if self.flow.over else Withheld.NONE_LEFT
        return self.flow.receipt(workflow.now(), withheld, "No message is left in this flow.")


def refuse(problem: str | None) -> None:
    """Refuse an update before it leaves a trace in history."""
    if problem:
        raise ApplicationError(problem, type="BadInput", non_retryable=True)
