"""Decides: what a flow does next, from what it knows and what time it is. Refuses to touch the world."""

from .challenge import ChallengeWorkflow
from .enrollment import EnrollmentWorkflow
from .guard import MessageGuard

__all__ = ["ChallengeWorkflow", "EnrollmentWorkflow", "MessageGuard"]
