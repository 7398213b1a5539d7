"""What is answered to each thing that a flow, or the way to it, can say. All tables are total; tests hold them so.

An outcome and a verdict are answers, whatever they say: the call did what it was asked. Only what was not done is a
problem, by its name in ``problems.KINDS``.
"""

from collections.abc import Mapping
from typing import Final

from phone_mfa.client.errors import (
    EngineUnreachableError,
    FailedFlowError,
    FailingStepError,
    FinishedFlowError,
    FlowsError,
    LimitReachedError,
    NoAnswerYetError,
    NobodyWorksError,
    RefusedMessageError,
    ReusedKeyError,
    RunningFlowError,
    UnknownFlowError,
    UnreadableFlowError,
)
from phone_mfa.contracts import Outcome, Verdict, Withheld

OUTCOMES: Final[Mapping[Outcome, int]] = {
    Outcome.ENROLLED: 200,
    Outcome.VERIFIED: 200,
    Outcome.ALREADY_ENROLLED: 200,
    Outcome.NOT_ENROLLED: 200,
    Outcome.EXPIRED: 200,
    Outcome.CANCELLED: 200,
    Outcome.LOCKED_OUT: 200,
    Outcome.UNDELIVERABLE: 200,
}
"""The status of a result that says this."""

VERDICTS: Final[Mapping[Verdict, int]] = {
    Verdict.ACCEPTED: 200,
    Verdict.WRONG: 200,
    Verdict.EXPIRED: 200,
    Verdict.LOCKED_OUT: 200,
    Verdict.SUPERSEDED: 200,
}
"""The status of the answer to a code."""

WITHHELD: Final[Mapping[Withheld, str | None]] = {
    Withheld.LATER: None,  # no problem: it goes out by itself, and 202 says so
    Withheld.TOO_EARLY: "too-early",
    Withheld.NONE_LEFT: "no-message-left",
    Withheld.NOT_POSSIBLE: "not-possible",
    Withheld.OVER: "flow-over",
}
"""Why a message was not sent, as a problem."""

REFUSALS: Final[Mapping[type[FlowsError], str]] = {
    UnknownFlowError: "unknown-flow",
    FinishedFlowError: "flow-over",
    RunningFlowError: "flow-running",
    FailedFlowError: "flow-failed",
    UnreadableFlowError: "flow-unreadable",
    RefusedMessageError: "bad-input",
    ReusedKeyError: "idempotency-key-reused",
    NoAnswerYetError: "no-answer-yet",
    NobodyWorksError: "no-worker",
    FailingStepError: "step-fails",
    LimitReachedError: "engine-limit",
    EngineUnreachableError: "engine-unreachable",
}
"""What ``starter`` raises, as a problem."""
