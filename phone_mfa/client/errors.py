"""Errors of the flow client. Each message is one human-readable sentence without values."""


class FlowsError(Exception):
    """Base class of all errors of the flow client."""


class UnknownFlowError(FlowsError):
    """There is no such flow, or its retention period has ended."""


class FinishedFlowError(FlowsError):
    """The flow has ended and accepts no more messages."""


class RunningFlowError(FlowsError):
    """The flow is still running."""


class FailedFlowError(FlowsError):
    """The flow failed without an outcome: an operator must act."""


class UnreadableFlowError(FlowsError):
    """The flow's data cannot be opened with our keys, or cannot be trusted."""


class RefusedMessageError(FlowsError):
    """The message was refused. The sentence gives the reason, and ``field_name`` the field at fault, if any."""

    def __init__(self, sentence: str, field_name: str | None = None) -> None:
        super().__init__(sentence)
        self.field_name = field_name


class ReusedKeyError(FlowsError):
    """The idempotency key was already used for another request."""


class ConflictingStartError(FlowsError):
    """The user's running flow was started differently. ``fields``: the names of what differs."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        others = [f"another {field}" for field in fields if field != "mfa_token"]
        logins = ["an mfa_token"] if "mfa_token" in fields else []
        super().__init__(f"The user's running flow has {' and '.join(logins + others)}.")
        self.fields = fields


class NoAnswerYetError(FlowsError):
    """The flow has accepted the message, but its answer is delayed."""


class NoWorkerError(FlowsError):
    """Temporal answers, but no worker is processing the flow."""


class FailingStepError(FlowsError):
    """The flow's next step fails on every retry: an operator must act."""


class LimitReachedError(FlowsError):
    """A limit of Temporal is reached; try again later."""


class EngineUnreachableError(FlowsError):
    """Temporal does not answer, or rejects the connection."""
