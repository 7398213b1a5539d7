"""Errors for payloads that do not open."""

from temporalio.exceptions import ApplicationError


class SealError(ApplicationError):
    """A payload that is not sealed, was modified, or belongs elsewhere. Retrying does not help.

    Raised in a worker's codec it would fail the whole flow, so workers use ``MarkingCodec``.
    """

    def __init__(self, sentence: str, *, non_retryable: bool = True) -> None:
        super().__init__(sentence, type=type(self).__name__, non_retryable=non_retryable)


class UnknownKeyError(SealError):
    """A payload sealed with a key we do not have. Worth retrying: a rotated key ring may be about to arrive."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, non_retryable=False)
