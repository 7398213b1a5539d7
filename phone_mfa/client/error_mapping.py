"""Maps Temporal errors to client errors: one sentence each, without values."""

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

FINISHED: Final = "The flow has ended and accepts no more messages."
NO_ANSWER_YET: Final = (
    "The flow accepted the message but cannot answer yet, because Auth0 asks it to wait. "
    "Check its status, and try again with the same submission id."
)
NO_WORKER: Final = "No worker is processing this flow. Start one, then try again: nothing is lost."
STEP_FAILS: Final = (
    "The flow's next step keeps failing. Roll back the last deployment; if workers are versioned, move the flow to a "
    "fixed version (docs/running.md, Upgrading). If nothing helps, see: phone-mfa rescue --help"
)
FULL: Final = "Temporal accepts no more messages for this flow until the pending ones are processed. Nothing is lost."
BUSY: Final = "Temporal's rate limit is reached. Try again in a moment: nothing is lost."
TOO_LARGE: Final = "This is too large for Temporal."
UNKNOWN_ANSWER: Final = "This version does not know the flow's answer."
SILENT: Final = "Temporal did not answer in time."

_SIGNALS_USED_UP: Final = re.compile("exceeded workflow execution limit")
_UPDATES_USED_UP: Final = re.compile("limit on the total number of distinct updates")
_HISTORY_USED_UP: Final = re.compile("history (size|count) exceeds limit")
_TOO_LARGE: Final = re.compile("larger than max|Blob data size exceeds limit")
_OF_THE_FLOW: Final = (
    ResourceExhaustedCause.RESOURCE_EXHAUSTED_CAUSE_CONCURRENT_LIMIT,
    ResourceExhaustedCause.RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW,
)
"""Causes that concern a single flow: too many concurrent updates, or too many other concurrent requests."""

LATE: Final = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)
"""Status codes that Temporal, or its client, returns on a timeout."""


@contextmanager
def engine_errors() -> Iterator[None]:
    """Translate Temporal errors raised in the block into client errors."""
    try:
        yield
    except RPCError as error:
        raise client_error(error) from None
    except SealError as error:
        raise unreadable(error) from None
    except WorkflowQueryFailedError as error:
        raise FailedFlowError(f"The flow cannot be shown: {error}") from None


def unreadable(error: SealError) -> UnreadableFlowError:
    """Returns the client error for a payload from Temporal that does not open."""
    return UnreadableFlowError(f"{error.message} Is PHONE_MFA_KEYS the worker's key file?")


def client_error(error: RPCError) -> Exception:
    """Returns the client error for an RPC error. The messages for each limit were measured on server 1.32."""
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
    return UnknownFlowError("There is no such flow, or its retention period has ended.")


def _exhausted(error: RPCError) -> Exception:
    if _TOO_LARGE.search(error.message):
        return RefusedMessageError(TOO_LARGE)
    exhausted = _detail(error, ResourceExhaustedFailure())
    return LimitReachedError(FULL if exhausted is not None and exhausted.cause in _OF_THE_FLOW else BUSY)


def _not_taken(message: str) -> Exception:
    if _TOO_LARGE.search(message):
        return RefusedMessageError(TOO_LARGE)
    if _SIGNALS_USED_UP.search(message):
        return LimitReachedError(FULL)
    if _HISTORY_USED_UP.search(message):
        return FinishedFlowError(FINISHED)  # Temporal has terminated it
    return RefusedMessageError(f"Temporal does not accept this: {message}")


def _detail(error: RPCError, kind: Detail) -> Detail | None:
    """Returns the detail of this type from the error's status, if there is one."""
    return kind if any(detail.Unpack(kind) for detail in error.grpc_status.details) else None


def why(error: WorkflowFailureError) -> str:
    """Describes a failed flow by its innermost cause, the sentence an activity wrote for people."""
    cause: BaseException = error
    while isinstance(cause.__cause__, BaseException):
        cause = cause.__cause__
    return f"The flow failed: {sentence_of(cause)}"


def sentence_of(cause: BaseException | None) -> str:
    """Returns the message written by the flow or an activity, without the type that Temporal prepends."""
    return cause.message if isinstance(cause, ApplicationError) else str(cause)


def answer_in_details(cause: BaseException | None, answer: type[Answer]) -> Answer | None:
    """Returns the answer to a message that changed nothing and so is not in history. None for any other refusal.

    Raises ``UnreadableFlowError`` if the answer is unknown.
    """
    if not isinstance(cause, ApplicationError) or cause.type != names.UNCHANGED:
        return None
    try:
        return TypeAdapter(answer).validate_python(cause.details[0])
    except (IndexError, ValidationError):
        raise UnreadableFlowError(UNKNOWN_ANSWER) from None
