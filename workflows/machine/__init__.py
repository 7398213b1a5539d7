"""The machine: what a flow does next, from what it knows and what happened. Without Temporal, and without a clock.

``decide`` is all of it. ``due`` has the rules of precedence, ``State`` is what is known.
"""

from .actions import allowed
from .decide import decide
from .due import due, wake_at
from .phases import phase, summary_of, waiting_for
from .shown import Shown, readers_view
from .start import cancelled_before, challenge, enrollment
from .state import State
from .view import result_of, view_of

__all__ = [
    "Shown",
    "State",
    "allowed",
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
