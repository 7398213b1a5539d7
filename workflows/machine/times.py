"""The rules of time, as pure functions. Each number has its reason.

The budgets a caller may choose, and their defaults, are in ``FlowPolicy``: recorded with the request, they never
change under a running flow.
"""

from datetime import datetime, timedelta
from typing import Final

from phone_mfa.contracts import FlowPolicy

CODE_LIFETIME: Final = timedelta(minutes=5)
"""A binding code lives five minutes from its send (Auth0 docs, "Multi-factor Authentication" limits)."""

SEND_PAUSE: Final = timedelta(minutes=15)
"""After "Too many SMS" without a time: Auth0 refills one message an hour, so four tries an hour find it soon."""

TRY_PAUSE: Final = timedelta(minutes=6)
"""After "Too many failed codes": Auth0 refills one try every six minutes."""

LONGEST_TOKEN: Final = timedelta(days=30)
"""Whatever Auth0 says: no flow is open for longer."""

LONGEST_BACKOFF: Final = timedelta(minutes=5)
"""A flow notices within five minutes that Auth0 is back."""


LONGEST_PAUSE: Final = timedelta(days=1)
"""Whatever time a refusal names. Auth0's own budgets refill within hours."""


def resend_wait(policy: FlowPolicy, sends: int) -> timedelta:
    """How long after message number ``sends`` the next one may be asked for."""
    schedule = policy.resend_after_seconds
    return timedelta(seconds=schedule[min(sends, len(schedule)) - 1])


def backoff(attempts: int, retry_after_seconds: float | None) -> timedelta:
    """How long to leave Auth0 alone after ``attempts`` refusals in a row: as it asks, else 1, 2, 4 ... seconds."""
    if retry_after_seconds is not None:
        return _within(retry_after_seconds, LONGEST_PAUSE)
    return min(LONGEST_BACKOFF, timedelta(seconds=2 ** min(attempts - 1, 10)))


def pause(retry_after_seconds: float | None, otherwise: timedelta) -> timedelta:
    """How long to wait for a budget of Auth0's to refill: as it asks, else ``otherwise``."""
    return _within(retry_after_seconds, LONGEST_PAUSE) if retry_after_seconds else otherwise


def token_end(at: datetime, expires_in: int) -> datetime:
    """When a token ends that lives so many seconds from now on."""
    return at + _within(expires_in, LONGEST_TOKEN)


def _within(seconds: float, most: timedelta) -> timedelta:
    """So many seconds, at least one."""
    return timedelta(seconds=min(max(1.0, seconds), most.total_seconds()))
