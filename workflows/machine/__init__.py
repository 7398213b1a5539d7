"""The machine: what a flow does next, from what it knows and what happened. Without Temporal, and without a clock.

``decide`` is all of it. ``due`` has the rules of precedence, ``State`` is what is known.
"""

from .decide import decide
from .due import due, phase, waiting_for, wake_at
from .start import challenge, enrollment
from .state import State
from .view import allowed, result_of, view_of

__all__ = [
    "State",
    "allowed",
    "challenge",
    "decide",
    "due",
    "enrollment",
    "phase",
    "result_of",
    "view_of",
    "waiting_for",
    "wake_at",
]
