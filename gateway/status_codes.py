"""Maps the outcomes, verdicts and errors of flows to HTTP statuses and problems. Tests check that all tables are total.

Any outcome or verdict is a successful response, since the call did its job. Failed calls are problems, by their name in
``problems.KINDS``.
"""

from collections.abc import Mapping
from typing import Final

from phone_mfa.client.errors import (
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
    Outcome.SUPERSEDED: 200,
    Outcome.LOCKED_OUT: 200,
    Outcome.UNDELIVERABLE: 200,
}
"""HTTP status of a result, by its outcome."""

VERDICTS: Final[Mapping[Verdict, int]] = {
    Verdict.ACCEPTED: 200,
    Verdict.WRONG: 200,
    Verdict.EXPIRED: 200,
    Verdict.LOCKED_OUT: 200,
    Verdict.SUPERSEDED: 200,
}
"""HTTP status of a verdict."""

WITHHELD: Final[Mapping[Withheld, str | None]] = {
    Withheld.LATER: None,  # no problem: it is sent automatically, and the status is 202
    Withheld.TOO_EARLY: "too-early",
    Withheld.NONE_LEFT: "no-message-left",
    Withheld.NOT_POSSIBLE: "not-possible",
    Withheld.OVER: "flow-over",
}
"""Problem for each reason why a message was not sent."""

PROBLEMS: Final[Mapping[type[FlowsError], str]] = {
    UnknownFlowError: "unknown-flow",
    FinishedFlowError: "flow-over",
    RunningFlowError: "flow-running",
    FailedFlowError: "flow-failed",
    UnreadableFlowError: "flow-unreadable",
    RefusedMessageError: "bad-input",
    ReusedKeyError: "idempotency-key-reused",
    ConflictingStartError: "start-conflict",
    NoAnswerYetError: "no-answer-yet",
    NoWorkerError: "no-worker",
    FailingStepError: "step-fails",
    LimitReachedError: "engine-limit",
    EngineUnreachableError: "engine-unreachable",
}
"""Problem for each error that ``phone_mfa.client`` raises."""
