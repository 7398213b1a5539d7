"""Why a payload does not open."""

from temporalio.exceptions import ApplicationError


class SealError(ApplicationError):
    """A payload that is not sealed, was changed, or belongs elsewhere: trying again is of no use.

    Raised inside a worker's codec it fails the whole flow: a worker uses ``MarkingCodec``.
    """

    def __init__(self, sentence: str, *, non_retryable: bool = True) -> None:
        super().__init__(sentence, type=type(self).__name__, non_retryable=non_retryable)


class UnknownKeyError(SealError):
    """A payload under a key we do not have. Worth trying again: a rotated ring may be on its way to us."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, non_retryable=False)
