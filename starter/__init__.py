"""Starts flows and talks to them: a typed Python API (``Flows``) and the command line over it."""

from .errors import (
    EngineUnreachableError,
    FailedFlowError,
    FinishedFlowError,
    FlowsError,
    NobodyWorksError,
    RefusedMessageError,
    UnknownFlowError,
)
from .flows import Flows, FlowSummary, Started

__all__ = [
    "EngineUnreachableError",
    "FailedFlowError",
    "FinishedFlowError",
    "FlowSummary",
    "Flows",
    "FlowsError",
    "NobodyWorksError",
    "RefusedMessageError",
    "Started",
    "UnknownFlowError",
]
