"""Messages of a flow: signals for callers that do not wait, updates for screens that do, and one query.

Handlers turn messages into events and wait for the state machine's answer. They raise only ``ApplicationError``.
"""

from datetime import datetime
from typing import Final, cast

from pydantic import SecretStr
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from .driver import Driver

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import (
        BindingCode,
        CancelFlow,
        CodeVerdict,
        FlowView,
        Phase,
        ProvideMfaToken,
        ResendCode,
        SendReceipt,
        SwitchChannel,
        names,
    )

    from .machine import view_of
    from .machine.events import Cancelled, CodeGiven, MalformedCode, Message, SendAsked, TokenGiven

MALFORMED_CODE_IN_VIEW: Final = "malformed-code-in-view"
"""Patch: the view tells of a malformed code. Flows that received one before dropped it without a command."""


class FlowMessages:
    """Message handlers shared by all flows."""

    driver: Driver

    @workflow.query(name=names.VIEW, description="The status document of the flow, without secrets.")
    def view(self) -> FlowView:
        """Return the status document."""
        return view_of(self.driver.state)

    @workflow.signal(name=names.SUBMIT_BINDING_CODE, description="The code from the phone, without an answer.")
    def submit_binding_code(self, given: RawValue) -> None:
        """Submit a code. The view tells of a malformed one, as a signal's sender gets no answer."""
        try:
            code = workflow.payload_converter().from_payload(given.payload, BindingCode)
        except ApplicationError as error:  # not an object, or too long
            self._drop(error.message, None)
            return
        if problem := code.problem:
            self._drop(problem, code.sent_at)
        else:
            self.driver.tell(self._code(code))

    @workflow.update(name=names.CHECK_BINDING_CODE, description="The code from the phone; returns the verdict.")
    async def check_binding_code(self, code: BindingCode) -> CodeVerdict:
        """Submit a code and wait for its verdict."""
        return cast(CodeVerdict, await self.driver.ask(self._code(code)))

    @check_binding_code.validator
    def _refuse_malformed_code(self, code: BindingCode) -> None:
        refuse(code.problem)

    @workflow.signal(name=names.PROVIDE_MFA_TOKEN, description="A fresh mfa_token from a new login, without an answer.")
    def provide_mfa_token(self, token: ProvideMfaToken) -> None:
        """Accept a fresh token."""
        self.driver.tell(self._token(token))

    @workflow.update(name=names.RENEW_MFA_TOKEN, description="A fresh mfa_token; returns the phase that follows.")
    async def renew_mfa_token(self, token: ProvideMfaToken) -> Phase:
        """Accept a fresh token and return the phase that follows."""
        return cast(Phase, await self.driver.ask(self._token(token)))

    @renew_mfa_token.validator
    def _refuse_same_token(self, token: ProvideMfaToken) -> None:
        refuse_without_change(self.driver, self._token(token))

    @workflow.update(
        name=names.RESEND_CODE, description="Send another code; returns whether it was sent, or when it can be."
    )
    async def resend_code(self, resend: ResendCode | None = None) -> SendReceipt:
        """Request another message."""
        return cast(SendReceipt, await self.driver.ask(self._resend(resend)))

    @resend_code.validator
    def _refuse_early_resend(self, resend: ResendCode | None = None) -> None:
        refuse_without_change(self.driver, self._resend(resend))

    @workflow.update(name=names.SWITCH_CHANNEL, description="Send another code by sms or voice.")
    async def switch_channel(self, switch: SwitchChannel) -> SendReceipt:
        """Request another message on another channel."""
        return cast(SendReceipt, await self.driver.ask(self._switch(switch)))

    @switch_channel.validator
    def _refuse_early_switch(self, switch: SwitchChannel) -> None:
        refuse_without_change(self.driver, self._switch(switch))

    @workflow.signal(
        name=names.CANCEL_FLOW, description="End the flow; unconfirmed authenticators are removed if possible."
    )
    def cancel_flow(self, cancel: CancelFlow) -> None:
        """End the flow."""
        at = self.driver.time_of(cancel.sent_at)
        self.driver.tell(Cancelled(at=at, reason=cancel.reason, superseded=cancel.superseded))

    def _drop(self, problem: str, sent_at: datetime | None) -> None:
        workflow.logger.warning("binding_code.dropped", extra={"reason": problem})
        if workflow.patched(MALFORMED_CODE_IN_VIEW):
            self.driver.tell(MalformedCode(at=self.driver.time_of(sent_at)))

    def _code(self, code: BindingCode) -> CodeGiven:
        return CodeGiven(
            at=self.driver.time_of(code.sent_at),
            request=current_request(),
            code=SecretStr(code.normalized),
            message=code.message,
            submission_id=code.submission_id,
        )

    def _token(self, token: ProvideMfaToken) -> TokenGiven:
        at = self.driver.time_of(token.sent_at)
        return TokenGiven(at=at, request=current_request(), token=token.mfa_token, issued_at=token.issued_at)

    def _resend(self, resend: ResendCode | None) -> SendAsked:
        return SendAsked(at=self.driver.time_of(resend.sent_at if resend else None), request=current_request())

    def _switch(self, switch: SwitchChannel) -> SendAsked:
        return SendAsked(at=self.driver.time_of(switch.sent_at), request=current_request(), channel=switch.channel)


def current_request() -> str | None:
    """Return the name of the request being handled: the update's id. None for a signal."""
    update = workflow.current_update_info()
    return update.id if update else None


def refuse(problem: str | None) -> None:
    """Refuse a malformed update before it enters history."""
    if problem:
        raise ApplicationError(problem, type="BadInput", non_retryable=True)


def refuse_without_change(driver: Driver, asked: Message) -> None:
    """Refuse an update that would change nothing. Its answer is in the error details, and nothing enters history."""
    answer = driver.answer_without_change(asked)
    if answer is None:
        return
    if isinstance(answer, SendReceipt) and answer.withheld:
        raise ApplicationError(answer.reason, answer, type=names.UNCHANGED, non_retryable=True)
    raise ApplicationError(
        "The token changes nothing: the flow already has it, or one that is valid longer.",
        answer,
        type=names.UNCHANGED,
        non_retryable=True,
    )
