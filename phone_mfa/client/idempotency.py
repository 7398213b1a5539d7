"""One attempt at starting a flow, which a caller may make again when the answer was lost. Kept in the flow's memo.

The memo outlives the flow as long as Temporal remembers that, and is sealed.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

from temporalio.client import WorkflowExecutionDescription

from .errors import ReusedKeyError


@dataclass(frozen=True, slots=True)
class Attempt:
    """``key``: how the caller names the attempt. ``asked``: what was asked for, as a keyed hash."""

    key: str
    asked: str

    @property
    def memo(self) -> dict[str, Any]:
        """For the flow that it starts."""
        return {"attempt": asdict(self)}

    @classmethod
    async def that_started(cls, flow: WorkflowExecutionDescription) -> Self | None:
        """The attempt that started a flow, if its caller named it."""
        kept = (await flow.memo()).get("attempt")
        return cls(**kept) if kept else None

    def repeats(self, earlier: "Attempt | None") -> bool:
        """Whether this is the earlier one made again. Raises ``ReusedKeyError`` when it asks for something else."""
        if earlier is None or earlier.key != self.key:
            return False
        if earlier.asked != self.asked:
            raise ReusedKeyError("The idempotency key was used before, for another request.")
        return True
