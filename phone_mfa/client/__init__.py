"""Typed Python client: starts flows, sends them messages and reads their status, through ``Flows``."""

from .errors import (
    ConflictingStartError,
    EngineUnreachableError,
    FailedFlowError,
    FailingStepError,
    FinishedFlowError,
    FlowsError,
    LimitReachedError,
    NoAnswerYetError,
    NoWorkerError,
    RefusedMessageError,
    RunningFlowError,
    UnknownFlowError,
    UnreadableFlowError,
)
from .flows import Flows, Started
from .listing import FlowSummary
from .start_comparison import OnConflict

__all__ = [
    "ConflictingStartError",
    "EngineUnreachableError",
    "FailedFlowError",
    "FailingStepError",
    "FinishedFlowError",
    "FlowSummary",
    "Flows",
    "FlowsError",
    "LimitReachedError",
    "NoAnswerYetError",
    "NoWorkerError",
    "OnConflict",
    "RefusedMessageError",
    "RunningFlowError",
    "Started",
    "UnknownFlowError",
    "UnreadableFlowError",
]
