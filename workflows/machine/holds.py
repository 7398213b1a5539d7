"""Pauses after Auth0 refused a request, with the reason."""

from typing import Final

from phone_mfa.contracts import WaitReason
from phone_mfa.contracts.calls import Refusal

from .records import Hold
from .times import backoff
from .turn import Turn

HELD_FOR: Final = {
    Refusal.RATE_LIMITED: WaitReason.RATE_LIMITED,
    Refusal.AUTHENTICATOR_GONE: WaitReason.AUTHENTICATOR_GONE,
    Refusal.TOO_MANY_SENDS: WaitReason.TOO_MANY_SENDS,
    Refusal.TOO_MANY_CODES: WaitReason.TOO_MANY_CODES,
    Refusal.TOO_LATE: WaitReason.TOO_LATE,
}
"""Wait reason after each refusal. After all others Auth0 counts as unreachable."""


def hold(turn: Turn, refusal: Refusal, retry_after_seconds: float | None) -> Hold:
    """Return a pause that grows with the number of consecutive refusals."""
    turn.set(refusals=turn.state.refusals + 1)
    until = turn.state.at + backoff(turn.state.refusals, retry_after_seconds)
    return Hold(until=until, reason=HELD_FOR.get(refusal, WaitReason.AUTH0_UNREACHABLE))
