"""State machine of a flow: computes the next step from the state and an event, without Temporal and without a clock.

``decide`` is the transition function, ``due`` defines precedence, and ``State`` holds everything known of a flow.
"""

from .actions import allowed
from .decide import answer_without_change, decide
from .due import due, wake_at
from .phases import phase, summary_of, waiting_for
from .published_view import PublishedView, readers_view
from .start import cancelled_before, challenge, enrollment
from .state import State
from .view import result_of, view_of

__all__ = [
    "PublishedView",
    "State",
    "allowed",
    "answer_without_change",
    "cancelled_before",
    "challenge",
    "decide",
    "due",
    "enrollment",
    "phase",
    "readers_view",
    "result_of",
    "summary_of",
    "view_of",
    "waiting_for",
    "wake_at",
]
