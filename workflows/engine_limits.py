"""What Temporal and its SDK bear, and how a run stays within that."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

SHORTEST_TIMER: Final = timedelta(milliseconds=1)
"""A timer is started even for what is overdue, so that no command hangs on the time at which a worker is there."""

LONG_HISTORY: Final = 2_000
"""Events after which a run continues as new. Temporal ends one at 51,200, and takes no update after 2,000 of them."""

MOST_AT_ONCE: Final = 250
"""Events decided on in one workflow task: at most a quarter of a second. Up to 10,000 signals may have come while no
worker was there, and the SDK fails a task that computes for two seconds, however often it is tried. Temporal fires a
timer up to a second late, so that 10,000 take some 40 s.
"""

MOST_BEFORE_AN_ANSWER: Final = 100
"""Messages that came during a call and are decided on before its answer: all of them together with it, at one go."""


class ContinuedError(ApplicationError):
    """The flow goes on in a new run: to be asked there once more."""

    def __init__(self) -> None:
        super().__init__("The flow goes on in a new run. Ask again.", type="ContinuedAsNew", non_retryable=True)


def is_long(info: workflow.Info) -> bool:
    """Whether the run nears a limit of the engine."""
    return info.is_continue_as_new_suggested() or info.get_current_history_length() > LONG_HISTORY


def drop_signal(name: str, arguments: Sequence[RawValue]) -> None:
    """Take a signal that no flow understands, which is in the log already (``MessageGuard``).

    Without this the SDK would keep it, and wake nobody, however many there are.
    """
