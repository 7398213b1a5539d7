"""Why a flow could not be started or addressed. Each is one sentence for people; none repeats a value."""


class FlowsError(Exception):
    """Something about a flow did not work."""


class UnknownFlowError(FlowsError):
    """There is no such flow, or its time of retention is over."""


class FinishedFlowError(FlowsError):
    """The flow is over: it takes no more messages."""


class RunningFlowError(FlowsError):
    """The flow is not over yet."""


class FailedFlowError(FlowsError):
    """The flow failed, which no outcome is: somebody must act."""


class UnreadableFlowError(FlowsError):
    """What the flow says does not open with the keys we have."""


class RefusedMessageError(FlowsError):
    """The flow does not take this; the sentence says why, and ``field_name`` what of it, where that has a name."""

    def __init__(self, sentence: str, field_name: str | None = None) -> None:
        super().__init__(sentence)
        self.field_name = field_name


class ReusedKeyError(FlowsError):
    """The idempotency key belongs to another request."""


class NoAnswerYetError(FlowsError):
    """The flow has the message, and will act on it, but not soon."""


class NobodyWorksError(FlowsError):
    """Temporal is there, but no worker answers for the flow."""


class FailingStepError(FlowsError):
    """Workers try the flow's next step again and again, and it fails each time: somebody must act."""


class LimitReachedError(FlowsError):
    """Temporal takes no more of this for the flow just now."""


class EngineUnreachableError(FlowsError):
    """Temporal does not answer, or refuses us."""
