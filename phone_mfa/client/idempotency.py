"""Idempotency key of a flow's start, so that callers can repeat a start whose answer was lost. Kept in the flow's memo.

The memo is sealed, and is kept as long as Temporal retains the flow.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

from temporalio.client import WorkflowExecutionDescription
from temporalio.exceptions import ApplicationError

from phone_mfa.encryption import UnknownKeyError

from .errors import ReusedKeyError


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to start a flow. ``key``: the caller's idempotency key. ``asked``: keyed hash of the request."""

    key: str
    asked: str

    @property
    def memo(self) -> dict[str, Any]:
        """The memo of the flow that this attempt starts."""
        return {"attempt": asdict(self)}

    @classmethod
    async def that_started(cls, flow: WorkflowExecutionDescription) -> Self | None:
        """Returns the attempt that started a flow, if the caller gave an idempotency key."""
        try:
            kept = await flow.memo_value("attempt", None)
        except UnknownKeyError:
            raise
        except ApplicationError:  # whoever put that there had no keys
            return None
        return cls(**kept) if isinstance(kept, dict) and kept.keys() == {"key", "asked"} else None

    def repeats(self, earlier: "Attempt | None") -> bool:
        """Whether this repeats the earlier attempt. Raises ``ReusedKeyError`` if only the key is the same."""
        if earlier is None or earlier.key != self.key:
            return False
        if earlier.asked != self.asked:
            raise ReusedKeyError("The idempotency key was already used for another request.")
        return True
