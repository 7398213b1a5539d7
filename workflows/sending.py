"""Fulfils the wish for a message, or says why not yet. Every send is decided here, and so stands in history.

Refuses to know how a target sends.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from .flow import Flow
from .message import Credential, Message
from .policies import SEND_PAUSE, backoff
from .targets import Target

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import Outcome, Verdict, Withheld
    from phone_mfa.contracts.port import Refusal, SendAnswer


async def send(flow: Flow, target: Target, credential: Credential) -> Refusal | None:
    """Send one message. Gives back a refusal only a particular kind of flow can decide on."""
    answer = await target.send(flow, credential)
    match answer.refusal:
        case None:
            _sent(flow, credential, answer)
        case Refusal.AMBIGUOUS:
            await _lost(flow, target, credential)
        case refusal:
            return _refused(flow, credential, refusal, answer.retry_after_seconds)
    return None


def _sent(flow: Flow, credential: Credential, answer: SendAnswer) -> None:
    if answer.oob_code is None or flow.channel is None:
        raise ApplicationError("Auth0 took the request but gave no oob code.", type="Defect", non_retryable=True)
    now = workflow.now()
    _count(flow)
    if flow.send_after:
        flow.note = ""
    flow.lost_sends = flow.refusals = 0
    flow.send_after = flow.check_after = None
    flow.message = Message(flow.sends, flow.channel, credential, answer.oob_code, now)
    flow.recovery_code = answer.recovery_code or flow.recovery_code
    flow.keep(answer.sealed)
    flow.drop_wish(flow.receipt(now))


def _count(flow: Flow) -> None:
    flow.sends += 1
    flow.last_send_at = workflow.now()


async def _lost(flow: Flow, target: Target, credential: Credential) -> None:
    """It may have been sent. Without its oob code its code is worth nothing, so exactly one further send is due."""
    _count(flow)
    flow.lost_sends += 1
    note = await target.after_lost_answer(flow, credential)
    if flow.lost_sends == 1 and flow.sends_left:
        flow.note = note
        return
    flow.note = "Auth0's answers to the last sends were lost. Ask for a resend when it is well again."
    flow.lost_sends = 0
    _give_up(flow, flow.note)


def _refused(flow: Flow, credential: Credential, refusal: Refusal, retry_after_seconds: float | None) -> Refusal | None:
    match refusal:
        case Refusal.RATE_LIMITED | Refusal.NOT_REACHED | Refusal.AUTHENTICATOR_GONE:
            flow.refusals += 1
            flow.send_after = workflow.now() + backoff(flow.refusals, retry_after_seconds)
        case Refusal.TOO_MANY_SENDS | Refusal.TOO_MANY_CODES:
            pause = timedelta(seconds=retry_after_seconds) if retry_after_seconds else SEND_PAUSE
            flow.send_after = workflow.now() + pause
            flow.note = "Auth0 allows this user no more messages for a while."
        case Refusal.TOKEN_REFUSED:
            flow.drop_credential(credential)
        case Refusal.SCOPE_MISSING:
            flow.drop_credential(credential)
            flow.note = "The token given lacks a scope: enroll to enroll a phone, read:authenticators to list phones."
        case Refusal.CHANNEL_DISABLED:
            _channel_disabled(flow)
        case Refusal.UNDELIVERABLE:
            _undeliverable(flow)
        case Refusal.USER_BLOCKED:
            flow.finish(Outcome.LOCKED_OUT, "Auth0 blocks this user.")
        case Refusal.ALREADY_ENROLLED | Refusal.NOT_ENROLLED:
            return refusal
        case _:
            raise ApplicationError(f"Auth0 refused to send: {refusal}.", type="Defect", non_retryable=True)
    return None


def _channel_disabled(flow: Flow) -> None:
    """A person who asked for another channel keeps the one that works; a flow that never had one needs an operator."""
    if flow.message is None:
        raise ApplicationError(
            f"The tenant does not send codes by {flow.channel}: enable the channel of the phone factor.",
            type="ChannelDisabled",
            non_retryable=True,
        )
    _give_up(flow, f"Codes cannot be sent to this phone by {flow.channel}.")


def _undeliverable(flow: Flow) -> None:
    if flow.live_message(workflow.now()):
        _give_up(flow, "Auth0 could not deliver this message; the code sent before is still good.")
        return
    flow.close_message(Verdict.SUPERSEDED, "The message was replaced.")
    flow.finish(Outcome.UNDELIVERABLE, "Auth0 could not deliver a message to this number.")


def _give_up(flow: Flow, reason: str) -> None:
    if flow.message:
        flow.channel = flow.message.channel  # the one that worked
    flow.drop_wish(flow.receipt(workflow.now(), Withheld.NOT_POSSIBLE, reason))
