"""Which idempotency keys were used here lately, and for what: so that one is not taken for another user's request.

Whether a request of the same user was made before is kept with the flow itself, and outlives this process.
"""

from collections import OrderedDict
from typing import Final

from starter.attempts import Attempt

MOST: Final = 100_000
"""Keys that are remembered; some 20 MB."""


class Repeats:
    """The attempts of this process."""

    def __init__(self, most: int = MOST) -> None:
        self._asked: OrderedDict[str, Attempt] = OrderedDict()
        self._most = most

    def check(self, attempt: Attempt) -> None:
        """Remember an attempt. Raises ``ReusedKeyError`` when its key was used for something else."""
        attempt.repeats(self._asked.get(attempt.key))
        self._asked[attempt.key] = attempt
        if len(self._asked) > self._most:
            self._asked.popitem(last=False)
