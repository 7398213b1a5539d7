"""Limits of Temporal and its SDK, and how a run stays within them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

SHORTEST_TIMER: Final = timedelta(milliseconds=1)
"""Overdue steps get a timer too, so that no command depends on when a worker runs."""

LONG_HISTORY: Final = 2_000
"""Number of events after which a run continues as new.

Temporal terminates a run at 51,200 events, and accepts no more than 2,000 updates in one.
"""

MOST_AT_ONCE: Final = 250
"""Events processed in one workflow task, which takes at most a quarter of a second. Up to 10,000 signals may have
arrived while no worker was running, and the SDK fails a task that computes for two seconds, however often it is
retried. Temporal fires timers up to a second late, so 10,000 signals take about 40 s.
"""

MOST_BEFORE_AN_ANSWER: Final = 100
"""Messages received during a call and processed before its answer, all in the same workflow task as the answer."""


class ContinuedError(ApplicationError):
    """The flow continues in a new run; the caller must ask again there."""

    def __init__(self) -> None:
        super().__init__(
            "The flow continues in a new run. Send the request again.", type="ContinuedAsNew", non_retryable=True
        )


def is_long(info: workflow.Info) -> bool:
    """Whether the run is close to one of Temporal's limits."""
    return info.is_continue_as_new_suggested() or info.get_current_history_length() > LONG_HISTORY


def drop_signal(name: str, arguments: Sequence[RawValue]) -> None:
    """Drop an unknown signal; ``ArgumentGuard`` has already logged it.

    Without this handler the SDK would buffer such signals without waking the flow, however many arrive.
    """
