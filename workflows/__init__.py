"""Decides: what a flow does next, from what it knows and what happened. Refuses to touch the world."""

from .activation_guard import GuardedRunner
from .argument_guard import MessageGuard
from .challenge import ChallengeWorkflow
from .enrollment import EnrollmentWorkflow
from .limited_calls import LimitedCalls
from .unknown import UnknownWorkflow

__all__ = [
    "ChallengeWorkflow",
    "EnrollmentWorkflow",
    "GuardedRunner",
    "LimitedCalls",
    "MessageGuard",
    "UnknownWorkflow",
]
