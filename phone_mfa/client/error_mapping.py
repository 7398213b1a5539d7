"""What Temporal's refusals mean to a caller. One sentence each, and none repeats a value."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from google.protobuf.message import Message
from pydantic import TypeAdapter, ValidationError
from temporalio.api.enums.v1 import ResourceExhaustedCause
from temporalio.api.errordetails.v1 import ResourceExhaustedFailure, WorkflowNotReadyFailure
from temporalio.client import WorkflowFailureError, WorkflowQueryFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from phone_mfa.contracts import names
from phone_mfa.encryption import SealError

from .errors import (
    EngineUnreachableError,
    FailedFlowError,
    FailingStepError,
    FinishedFlowError,
    LimitReachedError,
    RefusedMessageError,
    UnknownFlowError,
    UnreadableFlowError,
)

Answer = TypeVar("Answer")
Detail = TypeVar("Detail", bound=Message)

FINISHED: Final = "The flow is over and takes no more messages."
NO_ANSWER_YET: Final = (
    "The flow took the message but cannot answer yet, as Auth0 asks it to wait. "
    "Look at its status, and ask again with the same submission id."
)
NOBODY_WORKS: Final = "No worker answers for this flow. Start one, then ask again: nothing is lost."
STEP_FAILS: Final = (
    "The flow's next step fails again and again. Take the last deployment back; where workers have versions, move the "
    "flow to a mended one (docs/running.md, Upgrading). When nothing helps, see: phone-mfa rescue --help"
)
FULL: Final = "Temporal takes no more messages for this flow until it has worked off those it has. Nothing is lost."
BUSY: Final = "Temporal is asked for more than it may answer just now. Ask again in a moment: nothing is lost."
TOO_LARGE: Final = "This is too large for Temporal."
UNKNOWN_ANSWER: Final = "What the flow answered is not an answer that this version knows."
SILENT: Final = "Temporal does not answer in time."

_SIGNALS_USED_UP: Final = re.compile("exceeded workflow execution limit")
_UPDATES_USED_UP: Final = re.compile("limit on the total number of distinct updates")
_HISTORY_USED_UP: Final = re.compile("history (size|count) exceeds limit")
_TOO_LARGE: Final = re.compile("larger than max|Blob data size exceeds limit")
_OF_THE_FLOW: Final = (
    ResourceExhaustedCause.RESOURCE_EXHAUSTED_CAUSE_CONCURRENT_LIMIT,
    ResourceExhaustedCause.RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW,
)
"""Of all causes, those of one flow: too many updates at once, or too much else at once."""

LATE: Final = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)
"""What Temporal, or the client in its place, says when time is up."""


@contextmanager
def engine_errors() -> Iterator[None]:
    """Translate what Temporal raises inside."""
    try:
        yield
    except RPCError as error:
        raise explained(error) from None
    except SealError as error:
        raise unreadable(error) from None
    except WorkflowQueryFailedError as error:
        raise FailedFlowError(f"The flow cannot be shown: {error}") from None


def unreadable(error: SealError) -> UnreadableFlowError:
    """What it means that something Temporal gave us does not open."""
    return UnreadableFlowError(f"{error.message} Is PHONE_MFA_KEYS the key file that the worker has?")


def explained(error: RPCError) -> Exception:
    """What Temporal's refusal means to a caller. What it says at which limit was tried on server 1.32."""
    match error.status:
        case RPCStatusCode.NOT_FOUND:
            return _unknown(error.message)
        case RPCStatusCode.RESOURCE_EXHAUSTED:
            return _exhausted(error)
        case RPCStatusCode.INVALID_ARGUMENT:
            return _not_taken(error.message)
        case RPCStatusCode.FAILED_PRECONDITION if _UPDATES_USED_UP.search(error.message):
            return LimitReachedError(FULL)
        case RPCStatusCode.FAILED_PRECONDITION if _detail(error, WorkflowNotReadyFailure()):
            return FailingStepError(STEP_FAILS)
        case status if status in LATE:
            return EngineUnreachableError(SILENT)
        case status:
            return EngineUnreachableError(f"Temporal does not answer ({status.name.lower()}).")


def _unknown(message: str) -> Exception:
    if message.startswith("Namespace "):
        return EngineUnreachableError("Temporal has no such namespace: check TEMPORAL_NAMESPACE.")
    return UnknownFlowError("There is no such flow, or it is so long over that Temporal forgot it.")


def _exhausted(error: RPCError) -> Exception:
    if _TOO_LARGE.search(error.message):
        return RefusedMessageError(TOO_LARGE)
    told = _detail(error, ResourceExhaustedFailure())
    return LimitReachedError(FULL if told is not None and told.cause in _OF_THE_FLOW else BUSY)


def _not_taken(message: str) -> Exception:
    if _TOO_LARGE.search(message):
        return RefusedMessageError(TOO_LARGE)
    if _SIGNALS_USED_UP.search(message):
        return LimitReachedError(FULL)
    if _HISTORY_USED_UP.search(message):
        return FinishedFlowError(FINISHED)  # Temporal has terminated it
    return RefusedMessageError(f"Temporal does not take this: {message}")


def _detail(error: RPCError, kind: Detail) -> Detail | None:
    """What Temporal adds to its status, if it is of this kind."""
    return kind if any(detail.Unpack(kind) for detail in error.grpc_status.details) else None


def why(error: WorkflowFailureError) -> str:
    """The innermost cause is the one sentence an activity wrote for people."""
    cause: BaseException = error
    while isinstance(cause.__cause__, BaseException):
        cause = cause.__cause__
    return f"The flow failed: {sentence_of(cause)}"


def sentence_of(cause: BaseException | None) -> str:
    """What the flow or an activity wrote for people, without the type that Temporal puts before it."""
    return cause.message if isinstance(cause, ApplicationError) else str(cause)


def answer_in_details(cause: BaseException | None, answer: type[Answer]) -> Answer | None:
    """The answer to a message that changes nothing, which leaves no trace in history. None when it was refused else."""
    if not isinstance(cause, ApplicationError) or cause.type != names.UNCHANGED:
        return None
    try:
        return TypeAdapter(answer).validate_python(cause.details[0])
    except (IndexError, ValidationError):
        raise UnreadableFlowError(UNKNOWN_ANSWER) from None
