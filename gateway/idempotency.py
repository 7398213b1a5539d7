"""Recently used idempotency keys, to reject a key reused for another user's request.

Repeated requests of the same user are recorded with the flow itself, and outlive this process.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from phone_mfa.client.errors import ConflictingStartError, RefusedMessageError, ReusedKeyError
from phone_mfa.client.idempotency import Attempt

MAX_KEYS: Final = 100_000
"""Maximum number of remembered keys, about 20 MB."""


class UsedKeys:
    """The idempotency keys used in this process."""

    def __init__(self, most: int = MAX_KEYS) -> None:
        self._attempts: OrderedDict[str, Attempt] = OrderedDict()
        self._most = most

    @contextmanager
    def using(self, attempt: Attempt) -> Iterator[None]:
        """Remember an attempt, unless it is refused. Raises ``ReusedKeyError``."""
        made_before = attempt.repeats(self._attempts.get(attempt.key))
        self._remember(attempt)
        try:
            yield
        except (RefusedMessageError, ReusedKeyError, ConflictingStartError):
            if not made_before:
                self._attempts.pop(attempt.key, None)
            raise

    def _remember(self, attempt: Attempt) -> None:
        self._attempts[attempt.key] = attempt
        if len(self._attempts) > self._most:
            self._attempts.popitem(last=False)
