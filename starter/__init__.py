"""Starts flows and talks to them: a typed Python API (``Flows``) and the command line over it."""

from .errors import (
    EngineUnreachableError,
    FailedFlowError,
    FinishedFlowError,
    FlowsError,
    NoAnswerYetError,
    NobodyWorksError,
    RefusedMessageError,
    RunningFlowError,
    UnknownFlowError,
    UnreadableFlowError,
)
from .flows import Flows, Started
from .listing import FlowSummary

__all__ = [
    "EngineUnreachableError",
    "FailedFlowError",
    "FinishedFlowError",
    "FlowSummary",
    "Flows",
    "FlowsError",
    "NoAnswerYetError",
    "NobodyWorksError",
    "RefusedMessageError",
    "RunningFlowError",
    "Started",
    "UnknownFlowError",
    "UnreadableFlowError",
]
