"""Timing of the automatic voice call after an SMS without a code."""

from datetime import datetime, timedelta

from phone_mfa.contracts import Channel

from .records import Sent
from .state import State
from .times import resend_wait


def call_at(state: State) -> datetime | None:
    """Return when to call the phone if no code is entered after an SMS, by the caller's policy; None if never."""
    seconds, message = state.policy.voice_after_seconds, state.message
    if seconds is None or message is None or not _may_call(state, message):
        return None
    return message.sent_at + max(timedelta(seconds=seconds), resend_wait(state.policy, state.sends))


def _may_call(state: State, message: Sent) -> bool:
    if message.channel is not Channel.SMS or message.closed or state.called_by_itself:
        return False
    return bool(state.sends_left) and not state.wanted and not state.waiting
