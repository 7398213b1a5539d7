"""Whom a message goes to: a phone that is to be enrolled, or one that is.

Knows which calls send it. Refuses to know budgets and clocks.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from temporalio import workflow

from .calls import act, look
from .flow import Flow
from .message import Credential

with workflow.unsafe.imports_passed_through():
    from pydantic import SecretStr

    from phone_mfa.contracts import Channel, is_access_token, masked, reveal
    from phone_mfa.contracts.port import (
        Associate,
        Challenge,
        ListPhones,
        MfaPort,
        Phone,
        Refusal,
        RemovePending,
        SendAnswer,
    )


class Target(ABC):
    """A phone to send codes to."""

    @abstractmethod
    async def send(self, flow: Flow, credential: Credential) -> SendAnswer:
        """Have Auth0 send one message."""

    @abstractmethod
    async def after_lost_answer(self, flow: Flow, credential: Credential) -> str:
        """Look what a send whose answer was lost left behind; one sentence about it."""


@dataclass
class NewPhone(Target):
    """A phone that is to be enrolled."""

    phone_number: SecretStr

    async def send(self, flow: Flow, credential: Credential) -> SendAnswer:
        """Associate it, once more if it was before: only that sends another code."""
        flow.channel = flow.channel or Channel.SMS
        request = Associate(
            token=credential.token, phone_number=self.phone_number, channel=flow.channel, recipient=flow.recipient
        )
        return await act(flow, MfaPort.associate, request, f"associate by {flow.channel}, message {flow.sends + 1}")

    async def after_lost_answer(self, flow: Flow, credential: Credential) -> str:
        """Only the list tells whether the associate was done. Its recovery code is lost either way."""
        found = await self.find(flow, credential.token)
        lost = "Auth0's answer to a send was lost, so it was asked to send again."
        had_one = flow.recovery_code or flow.sealed
        return f"{lost} A recovery code may be lost with it." if found and not had_one else lost

    async def find(self, flow: Flow, token: SecretStr) -> list[Phone] | Refusal:
        """What Auth0 lists with this number's last digits: all that a list shows of a number."""
        answer = await look(flow, MfaPort.phones, ListPhones(token=token), "list phones")
        suffix = masked(reveal(self.phone_number))[-4:]
        return answer.refusal or [phone for phone in answer.phones if phone.name.endswith(suffix)]

    async def remove(self, flow: Flow, token: SecretStr) -> None:
        """Remove what was left half made. Auth0 lets only an access token do so, not an ``mfa_token``."""
        if is_access_token(token):
            request = RemovePending(token=token, phone_number=self.phone_number)
            await look(flow, MfaPort.remove_pending, request, "remove the unconfirmed phone")


@dataclass
class EnrolledPhone(Target):
    """A phone that is enrolled: the one asked for, else the first active one."""

    authenticator_id: str | None = None

    async def send(self, flow: Flow, credential: Credential) -> SendAnswer:
        """List, choose, challenge."""
        listed = await look(flow, MfaPort.phones, ListPhones(token=credential.token), "list phones")
        if listed.refusal:
            return SendAnswer(refusal=listed.refusal, retry_after_seconds=listed.retry_after_seconds)
        phone = self._choose(listed.phones, flow.channel)
        if phone is None:
            has_other = self._choose(listed.phones, None) is not None
            return SendAnswer(refusal=Refusal.CHANNEL_DISABLED if has_other else Refusal.NOT_ENROLLED)
        if flow.cancelled or workflow.now() >= min(flow.deadline, credential.expires_at):
            return SendAnswer(refusal=Refusal.TOKEN_REFUSED)  # nothing more may be sent with it; the next turn sees why
        flow.channel, flow.phone_number = phone.channel, phone.name
        request = Challenge(mfa_token=credential.token, authenticator_id=phone.authenticator_id)
        return await act(flow, MfaPort.challenge, request, f"challenge by {phone.channel}, message {flow.sends + 1}")

    def _choose(self, phones: tuple[Phone, ...], channel: Channel | None) -> Phone | None:
        """A phone listed by two channels is two authenticators with the same name."""
        active = [phone for phone in phones if phone.active]
        asked = [phone for phone in active if self.authenticator_id in (None, phone.authenticator_id)]
        names = {phone.name for phone in asked[:1]}
        if channel is None:
            return asked[0] if asked else None
        same_phone = [phone for phone in active if self.authenticator_id is None or phone.name in names]
        return next((phone for phone in same_phone if phone.channel is channel), None)

    async def after_lost_answer(self, flow: Flow, credential: Credential) -> str:
        """No list shows whether a challenge was sent."""
        return "Auth0's answer to a send was lost, so it was asked to send again."
