"""Workflows: decide what a flow does next from its state and its events. They perform no I/O."""

from .activation_guard import GuardedRunner
from .argument_guard import ArgumentGuard
from .challenge import ChallengeWorkflow
from .enrollment import EnrollmentWorkflow
from .limited_calls import LimitedCalls
from .unknown import UnknownWorkflow

__all__ = [
    "ArgumentGuard",
    "ChallengeWorkflow",
    "EnrollmentWorkflow",
    "GuardedRunner",
    "LimitedCalls",
    "UnknownWorkflow",
]
