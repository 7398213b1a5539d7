"""Timing rules as pure functions. Each number has a reason.

Budgets a caller may choose, and their defaults, are in ``FlowPolicy``. They are recorded with the request, and so never
change under a running flow.
"""

from datetime import datetime, timedelta
from typing import Final

from phone_mfa.contracts import FlowPolicy

CODE_LIFETIME: Final = timedelta(minutes=5)
"""A binding code is valid for five minutes after it was sent (Auth0 docs, "Multi-factor Authentication" limits)."""

SEND_PAUSE: Final = timedelta(minutes=15)
"""Pause after "Too many SMS" without a time. Auth0 refills one message an hour; trying four times an hour is enough."""

TRY_PAUSE: Final = timedelta(minutes=6)
"""Pause after "Too many failed codes". Auth0 refills one try every six minutes."""

LONGEST_TOKEN: Final = timedelta(days=30)
"""Upper bound on a token's lifetime, whatever Auth0 returns. No flow is open for longer."""

LONGEST_BACKOFF: Final = timedelta(minutes=5)
"""Upper bound on the backoff: a flow notices within five minutes that Auth0 is back."""


LONGEST_PAUSE: Final = timedelta(days=1)
"""Upper bound on a pause, whatever time a refusal gives. Auth0's own budgets refill within hours."""


def resend_wait(policy: FlowPolicy, sends: int) -> timedelta:
    """Return how long after message number ``sends`` the next one may be requested."""
    schedule = policy.resend_after_seconds
    return timedelta(seconds=schedule[min(sends, len(schedule)) - 1])


def backoff(attempts: int, retry_after_seconds: float | None) -> timedelta:
    """Return the pause after ``attempts`` consecutive refusals: as Auth0 asks, else 1, 2, 4 ... seconds."""
    if retry_after_seconds is not None:
        return within(retry_after_seconds, LONGEST_PAUSE)
    return min(LONGEST_BACKOFF, timedelta(seconds=2 ** min(attempts - 1, 10)))


def pause(retry_after_seconds: float | None, otherwise: timedelta) -> timedelta:
    """Return how long to wait for one of Auth0's budgets to refill: as Auth0 asks, else ``otherwise``."""
    return within(retry_after_seconds, LONGEST_PAUSE) if retry_after_seconds else otherwise


def token_end(at: datetime, expires_in: int) -> datetime:
    """Return when a token with this remaining lifetime in seconds expires."""
    return at + within(expires_in, LONGEST_TOKEN)


def within(seconds: float, most: timedelta) -> timedelta:
    """Return ``seconds`` as a duration of at least one second and at most ``most``."""
    return timedelta(seconds=min(max(1.0, seconds), most.total_seconds()))
